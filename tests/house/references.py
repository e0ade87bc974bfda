"""The facts of docs/reference, and what the tree cites: facts by code, files by path.

A fact is a line `- CFG-2 text` of `egg-core.md`, `egg-process.md` or `known-faults.md`. It is
planned or left out if its line, or the title of its chapter, says so.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from tests.house import language
from tests.house.facts import named
from tests.house.imports import ROOT
from tests.house.language import Offence, Text

BOOKS = {"core": "egg-core.md", "process": "egg-process.md", "known": "known-faults.md"}
_FACT = re.compile(r"- ([A-Z0-9]+-\d+)[a-z]? ")
_PATH = re.compile(
    r"(?<![\w/.<*{$~%-])((?:docs|eggd|tests|units|packaging|benchmarks|examples)(?:/(?!test_)[a-z0-9_.@-]+)+"
    r"\.(?:md|py|service|socket|conf|in|toml)|[\w-]+\.md)\b(?![\w*])"
)
_PLACES = ("", "docs", "docs/reference", "tests/docs", "benchmarks")


def promised(book: str, root: Path = ROOT) -> dict[str, str]:
    """Returns every fact of a book: its code -> "built", "planned" or "left out"."""
    facts: dict[str, str] = {}
    title = ""
    for line in (root / "docs/reference" / BOOKS[book]).read_text().splitlines():
        if line.startswith("#"):
            title = line if line.startswith("## ") else title
        elif match := _FACT.match(line):
            facts[match[1]] = _state(line.removeprefix(match[0]), title)
    return facts


def unknown_facts(text: Text, facts: dict[str, dict[str, str]]) -> Iterator[Offence]:
    """Yields the citations such as `core:CFG-2` that no book has."""
    for book, known in facts.items():
        for fact in sorted(named(text.text, book) - known.keys()):
            yield Offence("fact", text.file, text.line, f"{book}:{fact}")


def unknown_files(text: Text, root: Path = ROOT) -> Iterator[Offence]:
    """Yields the paths of the repository in a text that lead to no file."""
    for path in _PATH.findall(text.text):
        places = [root / place / path for place in (*_PLACES, str(Path(text.file).parent))]
        if not any(place.exists() for place in places):
            yield Offence("file", text.file, text.line, path)


def texts(root: Path = ROOT) -> Iterator[Text]:
    """Yields what cites: docstrings and comments of Python, pages, comments of units."""
    for text in language.texts(root, quoted=True):
        if text.kind != "string":
            yield text


def _state(text: str, title: str) -> str:
    if text.startswith("*left out*"):
        return "left out"
    return "planned" if text.startswith("*planned*") or title.endswith("(planned)") else "built"
