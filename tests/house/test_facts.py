"""Every fact of egg's core that this project promises has a test that names it, or a reason here.

Specification: reference/egg-core.md, sections 1 to 19, 23, 28, 32 and 33.
"""

import pytest

from tests.house.facts import facts_of, named, numbered
from tests.house.imports import ROOT

FACTS = numbered(
    {
        "DIR": [*range(1, 8)],
        "ENV": [*range(1, 8)],
        "PLG": [*range(1, 23)],
        "CFG": [*range(1, 16)],
        "DUMP": [*range(1, 13)],
        "LD": [*range(1, 18)],
        "EXT": [*range(1, 9)],
        "LC": [*range(1, 16)],
        "APP": [*range(1, 14)],
        "SGL": [*range(1, 5)],
        "FW": [*range(1, 6)],
        "REQ": [*range(1, 16)],
        "RES": [*range(1, 19)],
        "CTX": [*range(1, 12)],
        "MW": [*range(1, 14)],
        "META": [1, 2],
        "SITE": [*range(1, 5)],
        "NF": [*range(1, 5)],
        "BODY": [*range(1, 11)],
        "OVR": [1, 2, 3],
        "RT": [*range(1, 21)],
        "CTL": [*range(1, 11)],
        "SVC": [*range(1, 9)],
        "BCC": [*range(1, 6)],
        "HLP": [1],
        "ANON": [1, 2, 3],
        "BG": [*range(1, 5)],
        "STO": [1, 2, 3],
        "DEV": [*range(1, 8)],
        "X": [*range(1, 10), *range(11, 17)],
        "BIN": [*range(1, 16)],
        "MOCK": [*range(1, 15)],
        "CB": [*range(1, 10)],
    }
)

PROCESS = numbered({"CL": [*range(90, 96)]})
"""Facts of reference/egg-process.md."""

LEFT_OUT: dict[str, str] = {
    "CB-8": "forking, spawning and parsing are Python's subprocess, and click",
    "LC-13": "deprecated in egg itself; hooks of a Boot class do all of it, app.before_close stays",
}
"""Facts that eggd leaves out on purpose, each with the reason."""

TESTED = {
    fact
    for file in (ROOT / "tests").rglob("test_*.py")
    if file.name != "test_facts.py"
    for fact in facts_of(file)
}


def test_every_fact_has_a_test_or_a_reason() -> None:
    missing = [fact for fact in FACTS if fact not in TESTED and fact not in LEFT_OUT]
    assert missing == []


def test_every_fact_of_the_processes_has_a_test() -> None:
    files = [file for file in (ROOT / "tests").rglob("test_*.py") if file.name != "test_facts.py"]
    tested = {fact for file in files for fact in facts_of(file, "process")}
    assert [fact for fact in PROCESS if fact not in tested] == []


def test_only_what_is_really_left_out_is_called_so() -> None:
    assert [fact for fact in LEFT_OUT if fact in TESTED or fact not in FACTS] == []
    assert [fact for fact, reason in LEFT_OUT.items() if len(reason) < 20] == []


def test_no_test_names_a_fact_that_there_is_not() -> None:
    groups = {fact.partition("-")[0] for fact in FACTS} - {"X"}
    unknown = TESTED - {*FACTS}
    assert [fact for fact in unknown if fact.partition("-")[0] in groups] == []


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
