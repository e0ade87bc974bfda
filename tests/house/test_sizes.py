"""Modules and functions of eggd are short (CONTRIBUTING.md, "House rules")."""

import ast
import io
import tokenize
from collections.abc import Iterator

import pytest

from tests.house.imports import ROOT

MODULE = 350
"""Lines of a module at most."""
FUNCTION = 30
"""Lines of code in a function at most, without its signature, docstrings and comments."""

_NOT_CODE = (
    *(tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE),
    *(tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER),
)


def code_lines(source: str, tree: ast.Module) -> set[int]:
    """Returns the numbers of the lines that have code."""
    tokens = tokenize.generate_tokens(io.StringIO(source).readline)
    code = {
        line
        for token in tokens
        if token.type not in _NOT_CODE
        for line in range(token.start[0], token.end[0] + 1)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            code -= set(range(node.lineno, (node.end_lineno or node.lineno) + 1))
    return code


def long_functions(source: str) -> Iterator[str]:
    """Yields each function with more than FUNCTION lines of code, and their number."""
    tree = ast.parse(source)
    code = code_lines(source, tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            size = len(code & set(range(node.body[0].lineno, (node.end_lineno or 0) + 1)))
            if size > FUNCTION:
                yield f"{node.name}: {size} lines"


def test_modules_are_short() -> None:
    lines = {path: path.read_text().count("\n") for path in (ROOT / "eggd").rglob("*.py")}
    assert [f"{path}: {count}" for path, count in lines.items() if count > MODULE] == []


def test_functions_are_short() -> None:
    files = sorted((ROOT / "eggd").rglob("*.py"))
    assert [f"{path}: {one}" for path in files for one in long_functions(path.read_text())] == []


@pytest.mark.parametrize(("lines", "is_long"), [(FUNCTION, False), (FUNCTION + 1, True)])
def test_a_long_function_is_found(lines: int, is_long: bool) -> None:
    body = '    """A docstring."""\n    # a comment\n\n' + "    f()\n" * lines
    assert list(long_functions(f"def f():\n{body}")) == [f"f: {lines} lines"] * is_long
