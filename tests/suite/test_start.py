"""The order of a start and a stop, as tables of outcomes and requests."""

import pytest

from eggd.errors import BootError
from eggd.suite.names import DEFAULT
from eggd.suite.requests import Request, Say, Start, Stop, StopAll
from eggd.suite.start import start, stop
from tests.suite.rules import play

TWO = DEFAULT.workers_of([1, 2])
GROUPS: list[Request] = [
    Start(DEFAULT.sockets),
    Say("starting the agent"),
    Start((DEFAULT.agent,)),
    Say("starting the workers"),
    Start(TWO),
]
NOTHING = "not started, and nothing is left running: "


def retried(requests: list[Request]) -> list[Request]:
    return [Start(r.units, retry=True) if isinstance(r, Start) else r for r in requests]


def test_sockets_then_agent_then_all_workers_at_once() -> None:
    assert DEFAULT.sockets == (DEFAULT.listener, DEFAULT.inbox)
    assert play(start(TWO)) == ([*GROUPS, Say("workers ready: 2")], "")


@pytest.mark.parametrize(
    ("request_", "outcome", "begun", "message"),
    [
        (GROUPS[0], {DEFAULT.listener: "in use"}, GROUPS[:1], "egg.socket: in use"),
        (GROUPS[0], BootError("in use", hint="--port"), GROUPS[:1], "in use (--port)"),
        (GROUPS[2], {DEFAULT.agent: "no such thing"}, GROUPS[:3], "egg-agent: no such thing"),
        (GROUPS[4], {TWO[1]: "no disk"}, GROUPS, "egg-worker@2: no disk"),
        (GROUPS[4], dict.fromkeys(TWO, "no"), GROUPS, "egg-worker@1, egg-worker@2: no"),
    ],
    ids=["socket", "socket error", "agent", "one worker", "two workers"],
)
def test_a_failure_stops_everything(
    request_: Request, outcome: dict[str, str] | BootError, begun: list[Request], message: str
) -> None:
    assert play(start(TWO), {request_: outcome}) == ([*begun, StopAll()], NOTHING + message)


def test_an_interrupted_start_stops_everything() -> None:
    requests, _ = play(start(TWO), {GROUPS[2]: KeyboardInterrupt()})
    assert requests == [*GROUPS[:3], StopAll()]


def test_a_problem_of_the_settings_is_found_before_anything_starts() -> None:
    assert play(start(TWO, problem="bad key")) == ([StopAll()], f"{NOTHING}bad key")


@pytest.mark.parametrize(
    ("slots", "message"),
    [([], "no worker is enabled (eggd scale 1)"), ([0, 1], "is the spare of a reload")],
)
def test_the_enabled_workers_must_be_possible(slots: list[int], message: str) -> None:
    requests, error = play(start(DEFAULT.workers_of(slots)))
    assert (requests, message in error) == ([*GROUPS[:3], StopAll()], True)


def test_while_the_host_boots_failures_are_a_warning() -> None:
    failed: dict[Request, dict[str, str]] = {Start(TWO, retry=True): {TWO[0]: "no disk"}}
    text = "incomplete since boot: bad key; egg-worker@1: no disk; systemd goes on trying"
    expected = [*retried(GROUPS), Say(text, warning=True)]
    assert play(start(TWO, problem="bad key", booting=True), failed) == (expected, "")


def test_workers_stop_before_the_agent() -> None:
    requests, _ = play(stop())
    assert [r for r in requests if isinstance(r, Stop)] == [
        Stop((DEFAULT.workers,)),
        Stop((DEFAULT.agent,)),
    ]
