"""Where in a config file a key is set: its line, found by reading the file's syntax tree.

Only errors and `eggd config --origin` ask, so a start pays nothing for it. It knows names at the
top, entries of dict displays, `dict(key=...)` and `config["key"] = ...`; elsewhere it says 0.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

Entry = tuple[str, int, ast.expr]


class Lines:
    """Finds lines of files, reading each file once."""

    def __init__(self) -> None:
        self._trees: dict[str, ast.Module] = {}

    def locate(self, file: str, path: Sequence[str]) -> str:
        """Return `file:line` of the key, or `file` where the line cannot be told."""
        if not file.endswith(".py"):
            return file
        if file not in self._trees:
            self._trees[file] = _parsed(file)
        line = line_of(self._trees[file], path)
        return f"{file}:{line}" if line else file


def line_of(tree: ast.AST, path: Sequence[str]) -> int:
    """Return the line that sets the key, or the deepest mapping around it; 0 if none does."""
    if not path:
        return 0
    best = 0
    for key, line, value in _entries(tree):
        if key != path[0]:
            continue
        deeper = line_of(value, path[1:])
        if deeper or len(path) == 1:
            return deeper or line
        best = best or line
    return best


def _parsed(file: str) -> ast.Module:
    try:
        with open(file, encoding="utf-8") as text:
            return ast.parse(text.read())
    except (OSError, ValueError, SyntaxError):
        return ast.Module([], [])


def _entries(tree: ast.AST) -> Iterator[Entry]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign):
            yield from ((name, node.lineno, node.value) for name in _names(node.targets))
        elif isinstance(node, ast.AnnAssign) and node.value is not None:
            yield from ((name, node.lineno, node.value) for name in _names([node.target]))
        elif isinstance(node, ast.Dict):
            yield from _display(node)
        elif isinstance(node, ast.keyword) and node.arg is not None:
            yield node.arg, node.lineno, node.value


def _names(targets: list[ast.expr]) -> Iterator[str]:
    for target in targets:
        if isinstance(target, ast.Name):
            yield target.id
        elif isinstance(target, ast.Subscript) and isinstance(target.slice, ast.Constant):
            yield str(target.slice.value)


def _display(node: ast.Dict) -> Iterator[Entry]:
    for key, value in zip(node.keys, node.values, strict=True):
        if isinstance(key, ast.Constant):
            yield str(key.value), key.lineno, value
