"""Every cited fact is in docs/reference, every cited file in the tree, and each rule can fail."""

import functools
import re
from pathlib import Path

import pytest

from tests.house import references
from tests.house.imports import ROOT
from tests.house.language import Text

FACTS = {book: references.promised(book) for book in references.BOOKS}


@functools.cache
def texts() -> list[Text]:
    """Returns the texts of the tree that cite."""
    return list(references.texts())


def page(text: str) -> Text:
    return Text("docs/a.md", 1, "page", text)


def test_every_cited_fact_is_in_the_reference() -> None:
    found = [one for text in texts() for one in references.unknown_facts(text, FACTS)]
    assert [str(one) for one in found] == []


def test_every_cited_file_is_in_the_tree() -> None:
    found = [one for text in texts() for one in references.unknown_files(text)]
    assert [str(one) for one in found] == []


@pytest.mark.parametrize("text", ["core:CFG-99", "see core:CFG-2, CFG-99", "(process:CL-999)"])
def test_an_unknown_fact_is_found(text: str) -> None:
    assert [one.rule for one in references.unknown_facts(page(text), FACTS)] == ["fact"]


@pytest.mark.parametrize("text", ["see nowhere.md", "`eggd/nothing.py` does it", "docs/no.md"])
def test_an_unknown_file_is_found(text: str) -> None:
    assert [one.rule for one in references.unknown_files(page(text))] == ["file"]


@pytest.mark.parametrize("text", ["config.md", "`docs/config.md`", "eggd/errors.py", "/srv/a.md"])
def test_a_known_file_passes(text: str) -> None:
    assert list(references.unknown_files(page(text))) == []


def test_a_fact_is_built_planned_or_left_out(tmp_path: Path) -> None:
    """The words before a fact, or in the title of its section, say so."""
    book = tmp_path / "docs/reference" / references.BOOKS["core"]
    book.parent.mkdir(parents=True)
    book.write_text(
        "## 1. Now\n- A-1 one\n- A-2 *left out*: two\n- A-3 *planned*: three\n"
        "## 2. Later (planned)\n- A-4 four\n"
    )
    states = {"A-1": "built", "A-2": "left out", "A-3": "planned", "A-4": "planned"}
    assert references.promised("core", tmp_path) == states


def test_the_way_of_a_request_takes_at_most_twelve_files() -> None:
    page = (ROOT / "docs/architecture.md").read_text()
    files = re.findall(r"^\d+\. `(eggd/\S+\.py)`", page, re.MULTILINE)
    assert 8 <= len(files) <= 12
    assert [file for file in files if not (ROOT / file).is_file()] == []


def test_every_folder_is_a_room_of_the_architecture() -> None:
    page = (ROOT / "docs/architecture.md").read_text().partition("## Layers and imports")[2]
    folders = [path.parent.name for path in (ROOT / "eggd").glob("*/__init__.py")]
    assert [name for name in folders if f"`{name}/`" not in page] == []
