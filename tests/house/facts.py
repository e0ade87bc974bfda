"""The facts that tests name, written `core:PLG-13`, `core:LC-2, LC-5..7` or `process:CL-90`.

The code is in a test's docstring, in a comment or in a case of a table. A module's docstring does
not count.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

_FACT = r"[A-Z][A-Z0-9]*-\d+(?:\.\.\d+)?"
_LIST = rf":({_FACT}(?:(?:,| and)\s+{_FACT})*)"
_ONE = re.compile(r"([A-Z][A-Z0-9]*)-(\d+)(?:\.\.(\d+))?")


def named(text: str, book: str = "core") -> set[str]:
    """Returns the facts of a book that a text names."""
    return {fact for found in re.findall(book + _LIST, text) for fact in _facts(found)}


def facts_of(file: Path, book: str = "core") -> set[str]:
    """Returns the facts of a book that the tests of a file name."""
    text = file.read_text(encoding="utf-8")
    first = ast.parse(text).body[:1]
    told = first and isinstance(first[0], ast.Expr) and isinstance(first[0].value, ast.Constant)
    after = (first[0].end_lineno or 0) if told else 0
    return named("\n".join(text.splitlines()[after:]), book)


def _facts(text: str) -> Iterator[str]:
    for group, first, last in _ONE.findall(text):
        yield from (f"{group}-{number}" for number in range(int(first), int(last or first) + 1))
