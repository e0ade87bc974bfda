"""The line at which a config file sets a key, found by reading the file's syntax tree.

It is called for errors and `eggd config --origin` only. It finds top-level names, entries of dict
displays, entries of lists by their index ("[0]"), `dict(key=...)` and `cache["key"] = ...`.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

Setting = tuple[tuple[str, ...], int, ast.expr]


class Lines:
    """Finds lines of files, reading each file once."""

    def __init__(self) -> None:
        self._trees: dict[str, ast.Module] = {}

    def locate(self, file: str, path: Sequence[str]) -> str:
        """Returns `file:line` of the key, or `file` where the line is unknown."""
        if not file.endswith(".py"):
            return file
        if file not in self._trees:
            self._trees[file] = _parse(file)
        line = line_of(self._trees[file], path)
        return f"{file}:{line}" if line else file


def line_of(tree: ast.AST, path: Sequence[str]) -> int:
    """Returns the line that sets the key, or the deepest mapping around it; 0 if it is not set."""
    return _deepest(tree, tuple(path))[1]


def _deepest(tree: ast.AST, path: tuple[str, ...]) -> tuple[int, int]:
    """Returns how many keys of the path are set in the tree, and the line of the last of them."""
    best = (0, 0)
    for keys, line, value in _entries(tree) if path else ():
        if path[: len(keys)] == keys:
            depth, deeper = _deepest(value, path[len(keys) :])
            candidate = (len(keys) + depth, deeper or line)
            best = max(best, candidate, key=lambda each: each[0])
    return best


def _parse(file: str) -> ast.Module:
    try:
        with open(file, encoding="utf-8") as text:
            return ast.parse(text.read())
    except (OSError, ValueError, SyntaxError):
        return ast.Module([], [])


def _entries(tree: ast.AST) -> Iterator[Setting]:
    if isinstance(tree, ast.Module):  # of two assignments the last one counts
        tree = ast.Module(tree.body[::-1], [])
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign):
            yield from ((keys, node.lineno, node.value) for keys in _targets(node.targets))
        elif isinstance(node, ast.AnnAssign) and node.value is not None:
            yield from ((keys, node.lineno, node.value) for keys in _targets([node.target]))
        elif isinstance(node, ast.Dict):
            yield from _display(node)
        elif isinstance(node, ast.List | ast.Tuple):
            yield from (((f"[{at}]",), each.lineno, each) for at, each in enumerate(node.elts))
        elif isinstance(node, ast.keyword) and node.arg is not None:
            yield (node.arg,), node.lineno, node.value


def _targets(targets: list[ast.expr]) -> Iterator[tuple[str, ...]]:
    """Yields the keys that an assignment sets: `a["b"] = 1` sets a.b, or b where a is the root."""
    for target in targets:
        keys = _keys(target)
        yield keys
        if len(keys) > 1:
            yield keys[1:]


def _keys(target: ast.expr) -> tuple[str, ...]:
    if isinstance(target, ast.Name):
        return (target.id,)
    if isinstance(target, ast.Subscript) and isinstance(target.slice, ast.Constant):
        return (*_keys(target.value), str(target.slice.value))
    return ("?",)


def _display(node: ast.Dict) -> Iterator[Setting]:
    for key, value in zip(node.keys, node.values, strict=True):
        if isinstance(key, ast.Constant):
            yield (str(key.value),), key.lineno, value
