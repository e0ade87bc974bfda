"""The agent lets one worker at a time be recycled, and compares enabled workers with ready ones."""

from __future__ import annotations

import pytest

from eggd.messenger import Member
from eggd.process.reconciliation import Reconciliation
from eggd.process.restarts import FIGURE, Restarts
from eggd.process.roster import Roster
from eggd.process.turns import Turns
from eggd.suite.recycle import LONGEST
from eggd.suite.restart import CRASHED, RECYCLED, Restart
from eggd.wire.datagram import Sender


class Clock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class Agent:
    """The agent's turns, and the workers as they announced themselves."""

    def __init__(self, workers: int = 3) -> None:
        self.clock = Clock()
        self.roster = Roster(self.clock)
        self.is_reloading = False
        self.turns = Turns(self.roster, lambda: self.is_reloading)
        self.members = {slot: (100 + slot, "ready") for slot in range(1, workers + 1)}
        self.set()

    def set(self, slot: int = 0, pid: int = 0, state: str = "ready") -> None:
        """Announces a state of one worker."""
        if slot:
            self.members[slot] = (pid, state)
        found = [Member(slot, pid, state, 0.0) for slot, (pid, state) in self.members.items()]
        self.roster.update(found, {1, 2, 3})

    def ask(self, slot: int) -> str:
        """Asks for a turn of a worker; returns why it must wait."""
        return self.turns.ask(None, Sender("worker", slot, self.members[slot][0]))["why"]


def test_a_turn_lasts_until_the_worker_is_ready_again() -> None:
    agent = Agent()
    assert agent.ask(1) == ""
    assert agent.ask(2) == "worker 1 is being recycled"
    assert agent.ask(1) == ""  # its first answer may have been lost
    for pid, state in ((101, "leaving"), (101, "left"), (201, "starting")):
        agent.set(1, pid, state)
        assert agent.ask(2) == f"worker 1 is {state}"
    agent.set(1, 201, "ready")
    assert agent.ask(2) == ""
    assert agent.ask(3) == "worker 2 is being recycled"


@pytest.mark.parametrize("state", ["ready", "leaving", "left", "failed", "starting"])
def test_a_turn_is_released_after_a_bounded_time(state: str) -> None:
    """A worker that never comes back, or never leaves, does not block the others for ever."""
    agent = Agent()
    assert agent.ask(1) == ""
    agent.set(1, 101, state)
    agent.clock.now += LONGEST - 1
    agent.set()
    assert agent.ask(2) != ""
    agent.clock.now += 2
    assert agent.ask(2) == ""


def test_a_missing_worker_delays_turns_of_others() -> None:
    agent = Agent()
    del agent.members[3]
    agent.set()
    assert agent.ask(1) == "worker 3 is down"


def test_a_reload_replaces_all_workers_anyway() -> None:
    agent = Agent()
    agent.is_reloading = True
    assert agent.ask(1) == "a reload replaces the workers"


def test_only_workers_get_turns() -> None:
    assert Agent().turns.ask(None, Sender("agent", 0, 1)) == {"why": "only workers are recycled"}


def test_a_worker_that_is_missing_too_long_is_named_once_with_the_cure() -> None:
    log: list[tuple[str, str]] = []
    suite = Reconciliation(lambda: False, lambda level, text: log.append((level, text)))
    suite.missing_after = 0.0
    ready = Member(1, 101, "ready", 0.0)
    suite.update([ready, Member(2, 102, "failed", 0.0)], {1, 2})
    suite.tick()
    suite.tick()
    [(level, text)] = log
    assert level == "warning"
    assert text.startswith("worker 2 has not been ready for 0 s (it is failed): run ")
    assert "'eggd doctor'" in text
    suite.update([ready, Member(2, 103, "ready", 0.0)], {1, 2})
    assert log[1:] == [("info", "worker 2 is ready again")]


def test_a_worker_that_is_no_longer_enabled_is_not_missed() -> None:
    log: list[tuple[str, str]] = []
    suite = Reconciliation(lambda: False, lambda level, text: log.append((level, text)))
    suite.missing_after = 0.0
    suite.update([], {1})
    suite.update([], set())
    suite.tick()
    assert log == []


def member(pid: int, state: str, kind: str = "") -> Member:
    figures = {FIGURE: {"kind": kind, "text": f"text of {kind}"}} if kind else {}
    return Member(1, pid, state, 0.0, figures)


def test_restarts_are_counted_once_for_each_process() -> None:
    restarts = Restarts()
    assert restarts.update([member(1, "ready", RECYCLED)]) == []  # ran before this agent
    restart = Restart(CRASHED, "text of crashed")
    assert restarts.update([member(2, "starting", CRASHED)]) == [(1, restart)]
    assert restarts.update([member(2, "ready", CRASHED)]) == []
    assert restarts.update([member(3, "ready", CRASHED)]) == [(1, restart)]
    assert restarts.update([member(4, "starting")]) == []
    assert restarts.counts == {1: {CRASHED: 2}}


@pytest.mark.parametrize(
    "figure", [None, 1, {}, {"kind": "nonsense", "text": "x"}, {"kind": CRASHED, "text": 1}]
)
def test_a_malformed_figure_is_not_counted(figure: object) -> None:
    restarts = Restarts()
    assert restarts.update([Member(1, 5, "starting", 0.0, {FIGURE: figure})]) == []
    assert restarts.counts == {}
