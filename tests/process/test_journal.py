"""The reason of a failed start, from a journal with several starts and several errors."""

from __future__ import annotations

import json
from collections.abc import Iterable

import pytest

from eggd.host.journal import STARTING, Story, entries, story

Fields = dict[str, object]


def said(text: object, start: str = "b", priority: int = 3) -> Fields:
    own = {"_PID": "40", "_SYSTEMD_INVOCATION_ID": start}
    return {"MESSAGE": text, "PRIORITY": str(priority), **own}


def begun(start: str = "b") -> Fields:
    about = {"MESSAGE": "Starting eggd worker 1...", "MESSAGE_ID": STARTING, "PRIORITY": "6"}
    return {**about, "_PID": "1", "_SYSTEMD_INVOCATION_ID": "of PID 1", "INVOCATION_ID": start}


def ended(code: str, status: int, start: str = "b") -> Fields:
    about = {"MESSAGE": "Main process exited", "PRIORITY": "5", "_PID": "1"}
    return {**about, "EXIT_CODE": code, "EXIT_STATUS": str(status), "INVOCATION_ID": start}


def result(name: str, start: str = "b") -> Fields:
    about = {"MESSAGE": f"Failed with result '{name}'.", "PRIORITY": "4", "_PID": "1"}
    return {**about, "UNIT_RESULT": name, "INVOCATION_ID": start}


REASON = "app.py:3: AppBoot.did_load failed: OSError: no database"

STORIES: dict[str, tuple[list[Fields], Story]] = {
    "a closing hook logs an error before the reason": (
        [begun(), said("app.py:before_close failed: AttributeError: db"), said(REASON)],
        Story(error=REASON),
    ),
    "the next try fails for another reason": (
        [
            *(begun(), said(REASON), ended("exited", 1), result("exit-code")),
            *(begun("c"), said("another", "c"), ended("exited", 1, "c")),
        ],
        Story(error=REASON, code=1),
    ),
    "a restart begins with the end of the process before": (
        [
            *(said("app.py:before_close failed: no", "a"), ended("exited", 0, "a")),
            *(begun(), said(REASON), ended("exited", 1)),
        ],
        Story(error=REASON, code=1),
    ),
    "neither a warning nor a line of systemd is an error": (
        [begun(), said(REASON), said("late", priority=4), {**ended("exited", 1), "PRIORITY": "3"}],
        Story(error=REASON, code=1),
    ),
    "an entry of several lines": ([begun(), said("a:\n  b\n")], Story(error="a: b")),
    "bytes that are not text": ([begun(), said([0x61, 0xFF])], Story(error="a\ufffd")),
    "an entry that is too long to be shown": ([begun(), said(None)], Story()),
    "a signal": ([begun(), ended("dumped", 11)], Story(code=-11)),
    "out of memory": (
        [begun(), said("an error"), ended("killed", 9), result("oom-kill")],
        Story(error="an error", code=-9, cause="out of memory"),
    ),
    "nothing that begins (a reload)": (
        [said("old", "a"), said("reason", "b")],
        Story(error="reason"),
    ),
    "an application's own fields are not systemd's": (
        [begun(), {**said("x", priority=6), "EXIT_CODE": "killed", "EXIT_STATUS": "9"}],
        Story(),
    ),
    "nothing": ([], Story()),
}


def lines(fields: Iterable[Fields]) -> list[str]:
    return [*map(json.dumps, fields), "-- No entries --", ""]


@pytest.mark.parametrize(("fields", "expected"), STORIES.values(), ids=STORIES)
def test_the_reason_is_that_of_the_start_that_was_asked_for(
    fields: list[Fields], expected: Story
) -> None:
    assert story(list(entries(lines(fields)))) == expected


def test_an_ending_is_described_in_words() -> None:
    assert Story(code=-9, cause="out of memory").end == "out of memory, killed by SIGKILL"
    assert (Story(code=3).end, Story().end) == ("exited with 3", "")


def test_the_code_of_systemd_itself_names_the_step() -> None:
    """A unit that systemd could not set up did not run its code (systemd.exec(5))."""
    ended = Story(code=238).end
    assert ended == "exited with 238: systemd failed at step STATE_DIRECTORY of the unit"
    assert Story(code=3).end == "exited with 3"
