"""The stub of one Python file: its imports and declarations, without code."""

from __future__ import annotations

import ast
from collections.abc import Callable, Collection, Iterator, Sequence

HEAD = """\
# Written by `eggd types`{of}; do not edit.
# mypy: ignore-errors
# pyright: basic, reportMissingImports=false, reportMissingModuleSource=false
"""

Function = ast.FunctionDef | ast.AsyncFunctionDef
ClassOf = Callable[[ast.ClassDef], ast.ClassDef]

_LITERALS: tuple[tuple[type[ast.expr] | tuple[type[ast.expr], ...], str], ...] = (
    (ast.JoinedStr, "str"),
    ((ast.List, ast.ListComp), "list[_Any]"),
    ((ast.Dict, ast.DictComp), "dict[_Any, _Any]"),
    ((ast.Set, ast.SetComp), "set[_Any]"),
    (ast.Tuple, "tuple[_Any, ...]"),
    (ast.Compare, "bool"),
)
_ALIASES = ("TypeVar", "ParamSpec", "NewType", "NamedTuple", "TypedDict", "namedtuple", "Enum")
"""Functions whose result is a type: the call stays in the stub."""


class Source:
    """One file of an application; `bare` leaves out base classes that come from eggd.

    A class of `app/extend` may extend a class of `eggd`, which in turn gets the members of the
    stub: with that base each would be a base of the other.
    """

    def __init__(self, text: str, *, bare: bool = False) -> None:
        self.tree = ast.parse(text)
        self._bare = bare
        self._door = _names_of_eggd(self.tree) if bare else set[str]()

    def stub(self, more: Sequence[ast.stmt] = ()) -> str:
        """Returns the stub, `more` statements at its end; names of eggd's own begin with `_`."""
        body: list[ast.stmt] = [
            *ast.parse("from typing import Any as _Any").body,
            *_statements(self.tree.body, self._class),
            *more,
        ]
        return ast.unparse(ast.Module(body=body, type_ignores=[])) + "\n"

    def _class(self, node: ast.ClassDef) -> ast.ClassDef:
        bases = [base for base in node.bases if ast.unparse(base).split(".")[0] not in self._door]
        is_enum = any(ast.unparse(base).endswith(("Enum", "Flag")) for base in bases)
        body: list[ast.stmt] = []
        for statement in node.body:
            kept = is_enum and isinstance(statement, ast.Assign)
            body += [statement] if kept else _statements([statement], self._class, in_class=True)
        body += _attributes(node, _declared(body))
        return ast.ClassDef(
            name=node.name,
            bases=bases,
            keywords=node.keywords,
            body=[*_docstring(node), *body] or [_ellipsis()],
            decorator_list=node.decorator_list,
        )


def inferred(value: ast.expr, known: Collection[str] = ()) -> ast.expr:
    """Returns an annotation for a value, as far as its form tells; `known` are names of types."""
    if isinstance(value, ast.Constant) and value.value is not None and value.value is not ...:
        return ast.Name(type(value.value).__name__)
    if isinstance(value, ast.UnaryOp) and isinstance(value.op, ast.Not):
        return ast.Name("bool")
    for kinds, name in _LITERALS:
        if isinstance(value, kinds):
            return ast.parse(name, mode="eval").body
    if isinstance(value, ast.Call) and ast.unparse(value.func).split(".")[0] in known:
        name = ast.unparse(value.func).rpartition(".")[2]
        if name[:1].isupper():
            return value.func
    return ast.Name("_Any")


def names_in(tree: ast.Module) -> set[str]:
    """Returns the names that a module imports or defines as classes."""
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            names |= {(alias.asname or alias.name).split(".")[0] for alias in node.names}
    return names | {node.name for node in tree.body if isinstance(node, ast.ClassDef)}


def _names_of_eggd(tree: ast.Module) -> set[str]:
    names = {"eggd"}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "eggd":
            names |= {alias.asname or alias.name for alias in node.names}
    return names


def _statements(
    body: Sequence[ast.stmt], class_of: ClassOf, *, in_class: bool = False
) -> list[ast.stmt]:
    return [kept for node in body for kept in _statement(node, class_of, in_class=in_class)]


def _statement(node: ast.stmt, class_of: ClassOf, *, in_class: bool) -> Iterator[ast.stmt]:
    if isinstance(node, ast.Import | ast.ImportFrom):
        if not (isinstance(node, ast.ImportFrom) and node.module == "__future__"):
            yield node
    elif isinstance(node, ast.If | ast.Try):
        yield from _statements([*node.body, *node.orelse], class_of, in_class=in_class)
    elif isinstance(node, ast.ClassDef):
        yield class_of(node)
    elif isinstance(node, Function):
        yield _function(node, is_method=in_class)
    elif isinstance(node, ast.AnnAssign):
        value = None if node.value is None else _dots()
        yield ast.AnnAssign(node.target, node.annotation, value, node.simple)
    elif isinstance(node, ast.Assign) and isinstance(target := node.targets[0], ast.Name):
        yield node if _is_type(node.value) else _annotate(target, inferred(node.value))


def _function(node: Function, *, is_method: bool) -> Function:
    static = any(ast.unparse(mark) == "staticmethod" for mark in node.decorator_list)
    arguments = node.args
    named = [*arguments.posonlyargs, *arguments.args]
    untyped = named[1:] if is_method and not static else named
    others = [each for each in (arguments.vararg, arguments.kwarg) if each is not None]
    for argument in (*untyped, *arguments.kwonlyargs, *others):
        argument.annotation = argument.annotation or ast.Name("_Any")
    arguments.defaults = [_dots() for _ in arguments.defaults]
    arguments.kw_defaults = [None if each is None else _dots() for each in arguments.kw_defaults]
    return type(node)(
        name=node.name,
        args=arguments,
        body=[*_docstring(node), _ellipsis()],
        decorator_list=node.decorator_list,
        returns=node.returns or _result(node),
        lineno=0,
    )


def _result(node: Function) -> ast.expr:
    """Returns the annotation of a function without one: the common type of what it returns."""
    nodes = [*_walk(node)]
    if any(isinstance(each, ast.Yield | ast.YieldFrom) for each in nodes):
        return ast.Name("_Any")
    returns = [
        each.value for each in nodes if isinstance(each, ast.Return) and each.value is not None
    ]
    kinds = {ast.unparse(inferred(value)) for value in returns}
    if not kinds:
        return ast.Constant(None)
    return ast.parse(kinds.pop() if len(kinds) == 1 else "_Any", mode="eval").body


def _walk(node: ast.AST) -> Iterator[ast.AST]:
    """Yields the nodes of a function without those of functions and classes in it."""
    for child in ast.iter_child_nodes(node):
        if not isinstance(
            child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda
        ):
            yield child
            yield from _walk(child)


def _attributes(node: ast.ClassDef, declared: set[str]) -> Iterator[ast.stmt]:
    """Yields a declaration for each attribute that a method sets on `self`."""
    for method in node.body:
        if isinstance(method, ast.FunctionDef | ast.AsyncFunctionDef):
            arguments = {each.arg: each.annotation for each in method.args.args if each.annotation}
            for statement in _walk(method):
                target, annotation = _set_on_self(statement, arguments)
                if target and target not in declared:
                    declared.add(target)
                    yield _annotate(ast.Name(target), annotation)


def _set_on_self(statement: ast.AST, arguments: dict[str, ast.expr]) -> tuple[str, ast.expr]:
    match statement:
        case ast.AnnAssign(target=ast.Attribute(value=ast.Name("self"), attr=name)):
            return name, statement.annotation
        case ast.Assign(targets=[ast.Attribute(value=ast.Name("self"), attr=name)]):
            given = (
                arguments.get(statement.value.id) if isinstance(statement.value, ast.Name) else None
            )
            return name, given or inferred(statement.value)
    return "", ast.Name("_Any")


def _declared(body: Sequence[ast.stmt]) -> set[str]:
    names = {node.name for node in body if isinstance(node, Function | ast.ClassDef)}
    targets = [node.target for node in body if isinstance(node, ast.AnnAssign)]
    return names | {target.id for target in targets if isinstance(target, ast.Name)}


def _is_type(value: ast.expr) -> bool:
    """Whether an assigned value may be used in an annotation: an alias, a type variable."""
    if isinstance(value, ast.Call):
        return ast.unparse(value.func).rpartition(".")[2] in _ALIASES
    calls = any(isinstance(each, ast.Call) for each in ast.walk(value))
    kinds = ast.Name | ast.Attribute | ast.Subscript | ast.BinOp
    return isinstance(value, kinds) and not calls


def _docstring(node: ast.ClassDef | Function) -> list[ast.stmt]:
    return node.body[:1] if ast.get_docstring(node, clean=False) else []


def _annotate(target: ast.Name, annotation: ast.expr) -> ast.AnnAssign:
    return ast.AnnAssign(target, annotation, None, 1)


def _dots() -> ast.expr:
    return ast.Constant(...)


def _ellipsis() -> ast.stmt:
    return ast.Expr(_dots())
