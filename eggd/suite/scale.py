"""Changes the number of workers: new ones are ready before surplus ones stop."""

from __future__ import annotations

from collections.abc import Set

from eggd.errors import ArgumentError, NotReadyError
from eggd.suite import wording
from eggd.suite.names import DEFAULT, SuiteNames
from eggd.suite.requests import Enable, Rule, Say, Start, Stop
from eggd.suite.slots import LAST_SLOT, SPARE


def scale(
    number: int,
    *,
    enabled: Set[int],
    running: Set[int],
    ready: Set[int],
    names: SuiteNames = DEFAULT,
) -> Rule:
    """Enables and starts workers 1 to `number`, then disables and stops all others.

    `enabled`, `running` and `ready` are the slots before. If a worker does not start, raises
    NotReadyError, and the same workers as before are enabled and running.
    """
    if not 1 <= number <= LAST_SLOT:
        raise ArgumentError(f"the number of workers must be from 1 to {LAST_SLOT}, not {number}")
    slots = set(range(1, number + 1))
    if new := names.workers_of(slots - enabled):
        yield Enable(new)
    try:
        if down := names.workers_of(slots - ready):
            # A worker that was enabled before must be retried after a failure, as before.
            failed = yield Start(down, retry=True)
            if failed:
                raise NotReadyError(wording.reasons(failed), hint="nothing was changed")
    except BaseException:
        if new:
            yield Enable(new, on=False)
        if started := names.workers_of(slots - enabled - running):
            yield Stop(started)
        raise
    if surplus := names.workers_of((enabled | running) - slots - {SPARE}):
        yield Enable(surplus, on=False)
        yield Stop(surplus)
    yield Say(f"workers ready: {number}")
