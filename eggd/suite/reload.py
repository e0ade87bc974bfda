"""Replaces the workers in a reload: a spare on the new code first, then each worker in turn.

A ready process may not be healthy: code that ends right after READY=1 would replace every worker.
So each process that a reload starts must stay ready for a moment, and all of them are checked again
before the next worker is restarted. The number of ready workers never falls.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable, Sequence
from dataclasses import dataclass

from eggd.errors import NotReadyError
from eggd.suite import wording
from eggd.suite.min_ready import LONGEST_PAUSES, MIN_READY
from eggd.suite.names import DEFAULT, SuiteNames
from eggd.suite.requests import (
    Check,
    InspectAgent,
    Outcome,
    Request,
    Restart,
    Rule,
    Say,
    Start,
    Stop,
    Wait,
)
from eggd.suite.slots import SPARE

_AGAIN = "repair it and reload again"


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerState:
    """The state of one worker when a reload begins."""

    slot: int
    """Its slot; the spare has one, too."""
    ready: bool
    """Whether it serves."""
    down: bool = False
    """Whether its process died or failed to start, and is being restarted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """The order of a reload."""

    order: list[int]
    """The slots to restart, one after the other."""
    spare_first: bool
    """Whether the spare is started before any worker is restarted."""
    pause: float
    """Seconds that each new process must stay ready."""


def plan(
    workers: Iterable[WorkerState],
    min_ready: float = MIN_READY,
    names: SuiteNames = DEFAULT,
) -> Plan:
    """Returns the order of a reload; raises NotReadyError if no worker is ready.

    A pause takes `min_ready` seconds, or less if all pauses together would exceed
    `LONGEST_PAUSES`. A spare left by an earlier, failed reload serves in place of a worker that is
    down: then that worker is the first to run the new code.
    """
    states = sorted(workers, key=lambda state: state.slot)
    ready = [state.slot for state in states if state.ready and state.slot != SPARE]
    down = [state.slot for state in states if state.down and state.slot != SPARE]
    spare_ready = any(state.slot == SPARE and state.ready for state in states)
    if not ready and not spare_ready:
        raise NotReadyError(
            "no worker is ready, so there is nothing to reload", hint=names.command("restart")
        )
    spare_first = not (spare_ready and down)
    order = ready + down if spare_first else down + ready
    pause = min(min_ready, LONGEST_PAUSES / (len(order) + spare_first))
    return Plan(order=order, spare_first=spare_first, pause=pause)


def reload(
    workers: Iterable[WorkerState],
    min_ready: float = MIN_READY,
    names: SuiteNames = DEFAULT,
) -> Rule:
    """Replaces the running workers one after the other, and the agent if its application differs.

    Raises NotReadyError if no worker is ready; if the new code does not start or does not stay
    ready (the spare is stopped, no worker was touched); or if a restarted process fails (no
    further worker is restarted, and the spare keeps serving unless it failed itself).
    """
    this = plan(workers, min_ready, names)
    if this.spare_first:
        yield from _start_spare(this.pause, names)
    started = [names.spare, *(yield from _replace_agent(this.pause, names))]
    for done, unit in enumerate(map(names.worker, this.order)):
        progress = f"{done} of {len(this.order)} workers are new"
        yield from _check(started, progress)
        failed = yield Restart((unit,))
        if failed:
            raise NotReadyError(
                f"{unit} did not come back: {failed[unit]}; {progress}",
                hint=f"{names.spare} serves in its place; {_AGAIN}",
            )
        started.append(unit)
        yield Wait(unit, this.pause)
        yield from _check(started, progress)
        yield Say(f"reload: {done + 1} of {len(this.order)} workers are new")
    yield Stop((names.spare,))
    yield Say("reloaded")


def revive(workers: tuple[str, ...]) -> Rule:
    """Restarts all workers at once, after all have failed; failed ones are retried."""
    yield Stop(workers)
    failed = yield Start(workers, retry=True)
    if failed:
        raise NotReadyError(wording.reasons(failed))
    yield Say(f"workers ready: {len(workers)}")


def _start_spare(pause: float, names: SuiteNames) -> Rule:
    yield Say("reload: starting the spare on the new code")
    failed, problem = (yield Restart((names.spare,))), "does not start"
    if not failed:
        yield Wait(names.spare, pause)
        failed, problem = (yield Check((names.spare,))), "does not stay ready"
    if failed:
        yield Stop((names.spare,))
        reason = failed[names.spare]
        raise NotReadyError(f"the new code {problem}: {reason}", hint="no worker was touched")
    yield Say("reload: the spare is ready")


def _replace_agent(pause: float, names: SuiteNames) -> Generator[Request, Outcome, list[str]]:
    """Replaces an agent that differs from the spare; returns the units to check from now on."""
    stale = yield InspectAgent()
    if not stale:
        return []
    yield Say(f"reload: replacing the agent: {'; '.join(stale.values())}")
    # A restarted socket unit does not always start its service again, so both are named.
    failed = yield Restart((names.inbox, names.agent) if names.inbox in stale else (names.agent,))
    if failed:
        raise NotReadyError(
            f"the agent did not come back: {'; '.join(failed.values())}",
            hint=f"no worker was touched; {names.spare} serves, too: {_AGAIN}",
        )
    yield Wait(names.agent, pause)
    return [names.agent]


def _check(started: Sequence[str], progress: str) -> Rule:
    for unit, reason in (yield Check(tuple(started))).items():
        raise NotReadyError(
            f"{unit} did not stay ready: {reason}; {progress}",
            hint=f"the workers that were not restarted serve on; {_AGAIN}",
        )
