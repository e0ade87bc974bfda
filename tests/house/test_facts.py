"""Every fact that docs/reference promises as built has a test that names it.

A fact that is planned or left out says so there, with its reason.
"""

import pytest

from tests.house.facts import facts_of, named
from tests.house.imports import ROOT
from tests.house.references import promised

CORE = promised("core")
PROCESS = {
    fact: state
    for fact, state in promised("process").items()
    if fact.partition("-")[0] in ("CL", "SCR", "CKE", "SES", "SCH", "MP", "CC", "WAT", "LOG", "ROT")
}
"""The facts of suite, commands, cookies, sessions, schedules, uploads, shared clients, watching,
logs and their rotation."""

BOOKS = [("core", CORE), ("process", PROCESS), ("known", promised("known"))]


def named_by_tests(book: str) -> set[str]:
    """Returns the facts of a book that tests name."""
    files = [file for file in (ROOT / "tests").rglob("test_*.py") if file.name != "test_facts.py"]
    return {fact for file in files for fact in facts_of(file, book)}


@pytest.mark.parametrize(("book", "facts"), BOOKS)
def test_every_built_fact_has_a_test(book: str, facts: dict[str, str]) -> None:
    built = {fact for fact, state in facts.items() if state == "built"}
    assert sorted(built - named_by_tests(book)) == []


@pytest.mark.parametrize(("book", "facts"), BOOKS)
def test_a_fact_that_is_left_out_has_no_test(book: str, facts: dict[str, str]) -> None:
    left_out = {fact for fact, state in facts.items() if state == "left out"}
    assert sorted(left_out & named_by_tests(book)) == []


@pytest.mark.parametrize(
    ("text", "facts"),
    [
        ("core:PLG-13", {"PLG-13"}),
        ("core:LC-2, LC-5..7: in order", {"LC-2", "LC-5", "LC-6", "LC-7"}),
        ("(core:LC-8 and DUMP-1, process:CL-84)", {"LC-8", "DUMP-1"}),
        ("core:CFG-*", set()),
        ("process:LC-1", set()),
    ],
)
def test_how_a_fact_is_named(text: str, facts: set[str]) -> None:
    assert named(text) == facts
