"""Members that a boot class gives its application, read from its source.

self.app.visits = 0
self.app.add_singleton("redis", create)
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Collection, Iterator

from eggd.cli.stubs.source import inferred, names_in

CLASS = "MembersOfBoot"
"""The class with the members, at the end of the stub of the boot's file."""


def members_of(
    tree: ast.Module, taken: Collection[str], single: Callable[[str], bool]
) -> list[ast.stmt]:
    """Returns the class of the members; nothing without members.

    `taken` are names that the application has anyway; `single` tells whether a singleton's config
    names one client, so that `app.NAME` is the client itself.
    """
    known = names_in(tree)
    results = {
        node.name: node.returns
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.returns
    }
    members: dict[str, str] = {}
    for node in ast.walk(tree):
        for name, annotation in _set(node, known):
            members.setdefault(name, annotation)
        for name, create in _singletons(node):
            type_name = ast.unparse(results[create]) if create in results else "_Any"
            members[name] = type_name if single(name) else f"_Singleton[{type_name}]"
    lines = [f"    {name}: {text}" for name, text in sorted(members.items()) if name not in taken]
    if not lines:
        return []
    text = "\n".join([f"class {CLASS}:", *lines])
    return ast.parse(f"from eggd.app.loading.singleton import Singleton as _Singleton\n{text}").body


def _set(node: ast.AST, known: Collection[str]) -> Iterator[tuple[str, str]]:
    """Yields the attributes that a statement sets on `self.app`, and their annotations."""
    if isinstance(node, ast.AnnAssign):
        yield from ((name, ast.unparse(node.annotation)) for name in _of_app([node.target]))
    if isinstance(node, ast.Assign):
        text = ast.unparse(inferred(node.value, known))
        yield from ((name, text) for name in _of_app(node.targets))


def _of_app(targets: list[ast.expr]) -> Iterator[str]:
    for target in targets:
        if isinstance(target, ast.Attribute) and ast.unparse(target.value) == "self.app":
            yield target.attr


def _singletons(node: ast.AST) -> Iterator[tuple[str, str]]:
    """Yields the name of a singleton and the name of the function that makes its clients."""
    match node:
        case ast.Call(
            func=ast.Attribute(attr="add_singleton"),
            args=[ast.Constant(str() as name), create],
        ):
            yield name, ast.unparse(create).rpartition(".")[2]
