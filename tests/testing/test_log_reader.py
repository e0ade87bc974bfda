"""Expected and unexpected lines in the log files."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from eggd.errors import EggError
from eggd.testing.client import Client

Check = Callable[..., None]


def test_a_text_or_a_pattern_is_found(
    client: Client, app: Any, expect_log: Check, not_expect_log: Check
) -> None:
    # core:MOCK-9
    client.get("/log", query={"text": "abc"})
    expect_log("wrote abc")
    expect_log(re.compile("wrote a.c$", re.MULTILINE), app.logger)
    not_expect_log("wrote abc", "core_logger")
    not_expect_log(re.compile("wrote x"))


FAILURES: list[tuple[str, Any, str]] = [
    ("expect_log", "xyz", r"'xyz' is not in \S+/shop-web.log, which ends with: ...\d"),
    ("expect_log", re.compile("x.z"), "/x.z/ is not in "),
    ("not_expect_log", "wrote", r"'wrote' is in \S+/shop-web.log, which ends with: ...\d"),
    ("not_expect_log", re.compile("w.ote"), "/w.ote/ is in "),
]


@pytest.mark.parametrize(("fixture", "wanted", "text"), FAILURES)
def test_a_failure_shows_the_end_of_the_log(
    request: pytest.FixtureRequest, client: Client, fixture: str, wanted: Any, text: str
) -> None:
    # core:MOCK-9
    check = request.getfixturevalue(fixture)
    client.get("/log", query={"text": "abc"})
    with pytest.raises(AssertionError, match=text):
        check(wanted)


@pytest.mark.parametrize("turn", [1, 2])
def test_only_this_tests_lines_count(
    client: Client, not_expect_log: Check, expect_log: Check, turn: int
) -> None:
    # core:MOCK-9
    not_expect_log("of this turn")
    client.get("/log", query={"text": "of this turn"})
    expect_log("of this turn")


def test_only_what_comes_after_counts(
    client: Client, mock_log: Check, not_expect_log: Check, expect_log: Check
) -> None:
    # core:MOCK-9
    client.get("/log", query={"text": "before"})
    mock_log()
    client.get("/log", query={"text": "after"})
    not_expect_log("before")
    expect_log("after")


def test_a_logger_must_be_there(expect_log: Check) -> None:
    # core:MOCK-9
    with pytest.raises(EggError, match="logger 'money' does not exist"):
        expect_log("x", "money")
