"""A change of the number of workers, as tables of outcomes and requests."""

import pytest

from eggd.suite.names import DEFAULT
from eggd.suite.requests import Enable, Request, Say, Start, Stop
from eggd.suite.scale import scale
from tests.suite.rules import play


def on(*slots: int) -> Enable:
    return Enable(DEFAULT.workers_of(slots))


def off(*slots: int) -> Enable:
    return Enable(DEFAULT.workers_of(slots), on=False)


def started(*slots: int) -> Start:
    return Start(DEFAULT.workers_of(slots), retry=True)


def stopped(*slots: int) -> Stop:
    return Stop(DEFAULT.workers_of(slots))


@pytest.mark.parametrize(
    ("number", "enabled", "running", "requests"),
    [
        (3, {1}, {1}, [on(2, 3), started(2, 3)]),
        (2, {1, 2}, {1, 2}, []),
        (1, {1, 2}, {1, 2}, [off(2), stopped(2)]),
        (2, {5}, {5}, [on(1, 2), started(1, 2), off(5), stopped(5)]),
        (2, {1}, {1, 2, 7}, [on(2), off(7), stopped(7)]),
        (2, {1, 2}, {1}, [started(2)]),
        (1, {1}, {0, 1}, []),
    ],
    ids=["more", "same", "fewer", "others", "only running", "enabled but down", "the spare"],
)
def test_new_workers_are_ready_before_others_stop(
    number: int, enabled: set[int], running: set[int], requests: list[Request]
) -> None:
    done = play(scale(number, enabled=enabled, running=running, ready=running))
    assert done == ([*requests, Say(f"workers ready: {number}")], "")


FAILURE = {DEFAULT.workers_of([3])[0]: "no memory"}


@pytest.mark.parametrize("outcome", [FAILURE, KeyboardInterrupt()], ids=["failure", "interrupt"])
def test_after_a_failure_the_same_workers_as_before_are_enabled_and_run(
    outcome: dict[str, str] | KeyboardInterrupt,
) -> None:
    """Worker 2 was enabled but down: it is retried as before."""
    rule = scale(3, enabled={1, 2}, running={1}, ready={1})
    requests, error = play(rule, {started(2, 3): outcome})
    assert requests == [on(3), started(2, 3), off(3), stopped(3)]
    assert error in ("egg-worker@3: no memory (nothing was changed)", "")


@pytest.mark.parametrize("number", [0, -1, 1000])
def test_an_impossible_number_is_refused(number: int) -> None:
    rule = scale(number, enabled={1}, running={1}, ready={1})
    assert play(rule) == ([], f"the number of workers must be from 1 to 999, not {number}")
