"""The line of a file that sets `schedule`, or one of its keys: for the errors of a start."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path


def place_of(file: Path, key: str = "") -> str:
    """Returns `file:line` of a key of `schedule`, or of `schedule`; `file` if that is unknown."""
    try:
        tree = ast.parse(file.read_bytes())
    except (OSError, SyntaxError, ValueError):
        return str(file)
    displays = list(_displays(tree))
    lines = [line for node in displays for name, line in _keys(node) if name == key]
    lines += [node.lineno for node in displays]
    return f"{file}:{lines[0]}" if lines else str(file)


def _displays(tree: ast.Module) -> Iterator[ast.expr]:
    """Yields the values that are assigned to `schedule`, or are under that key of a dict."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            if any(isinstance(each, ast.Name) and each.id == "schedule" for each in targets):
                yield node.value
        if isinstance(node, ast.Dict):
            for name, value in zip(node.keys, node.values, strict=True):
                if isinstance(name, ast.Constant) and name.value == "schedule":
                    yield value


def _keys(node: ast.expr) -> Iterator[tuple[object, int]]:
    if isinstance(node, ast.Call):  # dict(interval=5)
        yield from ((each.arg, each.lineno) for each in node.keywords)
    if isinstance(node, ast.Dict):
        for name, value in zip(node.keys, node.values, strict=True):
            if isinstance(name, ast.Constant):
                yield name.value, name.lineno
            yield from _keys(value)
