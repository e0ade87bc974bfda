"""A reload as tables of outcomes and requests."""

import pytest

from eggd.errors import NotReadyError, VariableError
from eggd.suite.min_ready import min_ready
from eggd.suite.names import DEFAULT
from eggd.suite.reload import Plan, WorkerState, plan, reload, revive
from eggd.suite.requests import Check, InspectAgent, Request, Restart, Say, Start, Stop, Wait
from tests.suite.rules import play

ONE, TWO = DEFAULT.worker(1), DEFAULT.worker(2)
BOTH_READY = [WorkerState(slot=slot, ready=True) for slot in (1, 2)]
SPARE: list[Request] = [
    Restart((DEFAULT.spare,)),
    Wait(DEFAULT.spare, 2.0),
    Check((DEFAULT.spare,)),
    InspectAgent(),
]


def rolled(unit: str, *before: str) -> list[Request]:
    new = (DEFAULT.spare, *before)
    return [Check(new), Restart((unit,)), Wait(unit, 2.0), Check((*new, unit))]


def silent(requests: list[Request]) -> list[Request]:
    return [each for each in requests if not isinstance(each, Say)]


def test_the_spare_then_each_worker_then_the_spare_stops() -> None:
    requests, error = play(reload(BOTH_READY))
    expected = [*SPARE, *rolled(ONE), *rolled(TWO, ONE), Stop((DEFAULT.spare,))]
    assert (silent(requests), error) == (expected, "")
    assert [each.text for each in requests if isinstance(each, Say)] == [
        "reload: starting the spare on the new code",
        "reload: the spare is ready",
        "reload: 1 of 2 workers are new",
        "reload: 2 of 2 workers are new",
        "reloaded",
    ]


FAILURES = {
    "the spare does not start": (
        {SPARE[0]: {DEFAULT.spare: "no such thing"}},
        [SPARE[0], Stop((DEFAULT.spare,))],
        "the new code does not start: no such thing (no worker was touched)",
    ),
    "the spare does not stay ready": (
        {SPARE[2]: {DEFAULT.spare: "exited with 5"}},
        [*SPARE[:3], Stop((DEFAULT.spare,))],
        "the new code does not stay ready: exited with 5 (no worker was touched)",
    ),
    "a worker does not start": (
        {Restart((TWO,)): {TWO: "no disk"}},
        [*SPARE, *rolled(ONE), *rolled(TWO, ONE)[:2]],
        (
            "egg-worker@2.service did not come back: no disk; 1 of 2 workers are new"
            " (egg-worker@0.service serves in its place; repair it and reload again)"
        ),
    ),
    "a worker does not stay ready": (
        {Check((DEFAULT.spare, ONE)): {ONE: "exited with 5"}},
        [*SPARE, *rolled(ONE)],
        (
            "egg-worker@1.service did not stay ready: exited with 5; 0 of 2 workers are new"
            " (the workers that were not restarted serve on; repair it and reload again)"
        ),
    ),
    "the spare dies later": (
        {Check((DEFAULT.spare, ONE, TWO)): {DEFAULT.spare: "killed by SIGKILL"}},
        [*SPARE, *rolled(ONE), *rolled(TWO, ONE)],
        (
            "egg-worker@0.service did not stay ready: killed by SIGKILL; 1 of 2 workers are new"
            " (the workers that were not restarted serve on; repair it and reload again)"
        ),
    ),
    "the agent does not start": (
        {
            InspectAgent(): {DEFAULT.agent: "it runs a, not b"},
            Restart((DEFAULT.agent,)): {DEFAULT.agent: "no such thing"},
        },
        [*SPARE, Restart((DEFAULT.agent,))],
        (
            "the agent did not come back: no such thing (no worker was touched;"
            " egg-worker@0.service serves, too: repair it and reload again)"
        ),
    ),
}


@pytest.mark.parametrize(("outcomes", "requests", "message"), FAILURES.values(), ids=FAILURES)
def test_a_failure_ends_the_reload(
    outcomes: dict[Request, dict[str, str]], requests: list[Request], message: str
) -> None:
    done, error = play(reload(BOTH_READY), outcomes)
    assert (silent(done), error) == (requests, message)


@pytest.mark.parametrize(
    ("stale", "units"),
    [
        ({DEFAULT.agent: "it runs a, not b"}, (DEFAULT.agent,)),
        ({DEFAULT.inbox: "it was removed"}, (DEFAULT.inbox, DEFAULT.agent)),
    ],
)
def test_a_stale_agent_is_replaced_before_the_workers_and_must_stay_ready(
    stale: dict[str, str], units: tuple[str, ...]
) -> None:
    requests, _ = play(reload(BOTH_READY), {InspectAgent(): stale})
    at = requests.index(InspectAgent())
    assert requests[at + 1 : at + 5] == [
        Say(f"reload: replacing the agent: {stale[units[0]]}"),
        Restart(units),
        Wait(DEFAULT.agent, 2.0),
        Check((DEFAULT.spare, DEFAULT.agent)),
    ]


def state(slot: int, kind: str) -> WorkerState:
    return WorkerState(slot=slot, ready=kind == "ready", down=kind == "down")


@pytest.mark.parametrize(
    ("kinds", "order", "spare_first"),
    [
        ({1: "ready", 2: "ready"}, [1, 2], True),
        ({1: "down", 2: "ready"}, [2, 1], True),
        ({1: "stopped", 2: "ready"}, [2], True),
        ({0: "ready", 1: "ready"}, [1], True),
        ({0: "ready", 1: "ready", 2: "down"}, [2, 1], False),
        ({0: "ready", 1: "down"}, [1], False),
    ],
)
def test_the_order_of_a_reload(kinds: dict[int, str], order: list[int], spare_first: bool) -> None:
    assert plan([state(*each) for each in kinds.items()], 0) == Plan(
        order=order, spare_first=spare_first, pause=0
    )


@pytest.mark.parametrize("kinds", [{}, {1: "down"}, {0: "down", 1: "stopped"}])
def test_without_a_ready_worker_nothing_is_reloaded(kinds: dict[int, str]) -> None:
    with pytest.raises(NotReadyError, match=r"no worker is ready.*eggd restart"):
        plan([state(*each) for each in kinds.items()])


@pytest.mark.parametrize(("workers", "pause"), [(1, 2.0), (4, 2.0), (9, 1.0), (99, 0.1)])
def test_all_pauses_together_take_at_most_ten_seconds(workers: int, pause: float) -> None:
    assert plan([state(slot, "ready") for slot in range(1, workers + 1)]).pause == pause


@pytest.mark.parametrize(("text", "seconds"), [("", 2.0), ("0", 0.0), ("1.5", 1.5), ("10", 10.0)])
def test_the_setting_of_the_pause(text: str, seconds: float) -> None:
    assert min_ready({"EGG_MIN_READY_SECONDS": text}) == seconds


@pytest.mark.parametrize("text", ["soon", "-1", "10.5", "nan", "inf"])
def test_an_impossible_pause_is_refused(text: str) -> None:
    with pytest.raises(VariableError, match="is not a number of seconds from 0 to 10"):
        min_ready({"EGG_MIN_READY_SECONDS": text})


def test_workers_that_all_failed_are_restarted_and_retried() -> None:
    units = (ONE, TWO)
    begun: list[Request] = [Stop(units), Start(units, retry=True)]
    assert play(revive(units)) == ([*begun, Say("workers ready: 2")], "")
    assert play(revive(units), {begun[1]: {TWO: "no"}}) == (begun, "egg-worker@2: no")
