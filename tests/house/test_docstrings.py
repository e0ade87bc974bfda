"""Every module, public definition and field of a config section has a docstring."""

import ast
from collections.abc import Iterator

import pytest

from tests.house.imports import modules, trees

Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


def public(body: list[ast.stmt]) -> Iterator[Definition]:
    """Yields the public definitions here and in public classes here; functions hide theirs."""
    for node in body:
        if isinstance(node, Definition) and not node.name.startswith("_"):
            yield node
            if isinstance(node, ast.ClassDef):
                yield from public(node.body)


def bare_fields(section: ast.ClassDef) -> Iterator[str]:
    """Yields the fields of a dataclass that have no string under them."""
    for field, below in zip(section.body, [*section.body[1:], None], strict=True):
        if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name):
            told = isinstance(below, ast.Expr) and isinstance(below.value, ast.Constant)
            if not told and not field.target.id.startswith("_"):
                yield f"{section.name}.{field.target.id}"


def sections(name: str) -> Iterator[ast.ClassDef]:
    """Yields the dataclasses of a module that declares config."""
    for node in ast.walk(trees()[name]):
        if isinstance(node, ast.ClassDef):
            marks = " ".join(map(ast.unparse, node.decorator_list))
            home = name.rpartition(".")[2] in ("config", "section")
            if "dataclass" in marks and (home or node.name.endswith("Config")):
                yield node


def overloads(node: Definition) -> bool:
    """Whether this is one of several typed faces of the function that follows (PEP 484)."""
    return any(ast.unparse(mark).endswith("overload") for mark in node.decorator_list)


@pytest.mark.parametrize("name", sorted(modules()))
def test_a_module_says_what_it_is_for(name: str) -> None:
    assert ast.get_docstring(trees()[name])


@pytest.mark.parametrize("name", sorted(modules()))
def test_public_names_have_docstrings(name: str) -> None:
    found = [node for node in public(trees()[name].body) if not overloads(node)]
    setters = {
        node.name
        for node in found
        if any("setter" in ast.unparse(mark) for mark in node.decorator_list)
    }
    assert [n.name for n in found if not ast.get_docstring(n) and n.name not in setters] == []


@pytest.mark.parametrize("name", sorted(modules()))
def test_a_config_field_says_what_it_is_for(name: str) -> None:
    assert [field for section in sections(name) for field in bare_fields(section)] == []
