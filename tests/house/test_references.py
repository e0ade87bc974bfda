"""Every cited fact is in docs/reference, every cited file in the tree, and each rule can fail."""

import re

import pytest

from tests.house import references
from tests.house.imports import ROOT
from tests.house.language import Text

FACTS = {book: references.promised(book) for book in references.BOOKS}
TEXTS = list(references.texts())


def page(text: str) -> Text:
    return Text("docs/a.md", 1, "page", text)


def test_every_cited_fact_is_in_the_reference() -> None:
    found = [one for text in TEXTS for one in references.unknown_facts(text, FACTS)]
    assert [str(one) for one in found] == []


def test_every_cited_file_is_in_the_tree() -> None:
    found = [one for text in TEXTS for one in references.unknown_files(text)]
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


def test_a_fact_is_built_planned_or_left_out() -> None:
    core, process = FACTS["core"], FACTS["process"]
    assert (core["CFG-2"], core["LC-13"], process["LOG-23"]) == ("built", "left out", "planned")


def test_the_way_of_a_request_takes_at_most_twelve_files() -> None:
    page = (ROOT / "docs/architecture.md").read_text()
    files = re.findall(r"^\d+\. `(eggd/\S+\.py)`", page, re.MULTILINE)
    assert 8 <= len(files) <= 12
    assert [file for file in files if not (ROOT / file).is_file()] == []


def test_every_folder_is_a_room_of_the_architecture() -> None:
    page = (ROOT / "docs/architecture.md").read_text().partition("## Layers and imports")[2]
    folders = [path.parent.name for path in (ROOT / "eggd").glob("*/__init__.py")]
    assert [name for name in folders if f"`{name}/`" not in page] == []
