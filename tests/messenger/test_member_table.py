"""The table of members, and when the suite counts as ready."""

from __future__ import annotations

import pytest

from eggd.messenger import Member
from eggd.messenger.member_table import MemberTable, suite_ready

READY = [
    ("", [], False),
    ("", [1], False),
    ("ready", [], True),
    ("ready", [1], True),
    ("ready", [1, 2], False),
    ("ready starting", [1, 2], False),
    ("ready starting", [1], False),  # not enabled, but on its way
    ("ready ready", [1, 2], True),
    ("ready failed", [1, 2], True),
    ("ready left", [1, 2], True),
    ("ready leaving", [1, 2], True),
    ("failed failed", [1, 2], False),
    ("failed ready ready", [1, 2], True),
]


def member(slot: int, state: str, pid: int = 7, since: float = 1.0) -> Member:
    return Member(slot, pid, state, since)


@pytest.mark.parametrize(("states", "enabled", "expected"), READY)
def test_the_suite_is_ready(states: str, enabled: list[int], expected: bool) -> None:
    members = [member(slot, state) for slot, state in enumerate(states.split(), 1)]
    assert suite_ready(members, enabled) is expected


@pytest.mark.parametrize(
    ("state", "pid", "news", "after"),
    [
        ("starting", 7, True, "left"),
        ("ready", 7, True, "left"),
        ("leaving", 7, True, "left"),
        ("failed", 7, False, "failed"),
        ("ready", 8, False, "ready"),  # its successor has the slot already
    ],
)
def test_the_end_of_a_process_is_recorded(state: str, pid: int, news: bool, after: str) -> None:
    table = MemberTable()
    table.put(member(1, state, pid))
    assert table.leave(1, 7, 5.0) is news
    assert [each.state for each in table.members()] == [after]


def test_new_figures_keep_the_time_of_the_state() -> None:
    table = MemberTable()
    table.put(member(1, "ready", since=1.0))
    table.put(Member(1, 7, "ready", 9.0, {"requests": 5}))
    assert table.members() == [Member(1, 7, "ready", 1.0, {"requests": 5})]
