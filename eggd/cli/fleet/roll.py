"""Deploys to one host after the other, and stops at the first that fails.

All hosts are asked before anything changes. A host that fails has undone the release by itself
(`eggd deploy` there); those before it serve the release, those after it are untouched.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from eggd.cli.fleet.parcel import Parcel
from eggd.cli.fleet.requests import (
    DeployAnswer,
    HostError,
    LostError,
    State,
    await_end,
    await_serving,
    deploy,
    state_of,
)
from eggd.cli.fleet.targets import Target

AT_ONCE = 8
"""Hosts that are asked at the same time."""
GATE = 30.0
"""Seconds within which all workers of a host must be ready after its deploy."""
ENDING = 90.0
"""Seconds for a host whose connection was lost to end its deploy by itself."""

UNTOUCHED, DEPLOYED, FAILED = "untouched", "deployed", "failed"
UNREACHABLE, REFUSED, UNKNOWN = "unreachable", "refused", "unknown"
"""The states of a host in the report."""


@dataclass(slots=True)
class Entry:
    """One host of the roll."""

    target: Target
    outcome: str = UNTOUCHED
    host: State | None = None
    """Its last known state."""
    deployed: DeployAnswer | None = None
    """The answer of its deploy."""
    error: str = ""
    """Why the roll stopped at it."""

    @property
    def is_obstacle(self) -> bool:
        """Whether the roll does not begin, because of this host."""
        return self.outcome in (UNREACHABLE, REFUSED)


class Roll:
    """A release on its way to several hosts."""

    def __init__(self, targets: Sequence[Target], say: Callable[[str], None]) -> None:
        self.entries = [Entry(target) for target in targets]
        self._say = say

    def survey(self) -> bool:
        """Asks all hosts for their state; returns whether the roll can begin."""
        with ThreadPoolExecutor(AT_ONCE) as pool:
            list(pool.map(_survey, self.entries))
        for entry in self.entries:
            for note in _notes(entry):
                self._say(f"{entry.target.text}: {note}")
        versions = {entry.host.eggd for entry in self.entries if entry.host}
        if len(versions) > 1:
            self._say(f"the hosts have different versions of eggd: {', '.join(sorted(versions))}")
        return not any(entry.is_obstacle for entry in self.entries)

    def run(self, parcel: Parcel, options: Sequence[str]) -> bool:
        """Deploys to the hosts in order; returns False at the first that fails.

        An interrupt is recorded at its host and raised again.
        """
        for number, entry in enumerate(self.entries, 1):
            name = f"[{number}/{len(self.entries)}] {entry.target.text}"
            try:
                self._deploy(entry, parcel, options, name)
            except HostError as exc:
                self._fail(entry, exc, name)
                return False
            except KeyboardInterrupt:
                entry.outcome, entry.error = UNKNOWN, "interrupted; the host ends it by itself"
                raise
        return True

    def _deploy(self, entry: Entry, parcel: Parcel, options: Sequence[str], name: str) -> None:
        self._say(f"{name}: sending {parcel.size} bytes")
        done = deploy(entry.target, parcel, options, lambda line: self._say(f"{name}: {line}"))
        entry.deployed = done
        entry.host = await_serving(entry.target, done.release, GATE)
        entry.outcome = DEPLOYED
        ready = f"{entry.host.ready} of {entry.host.workers} workers ready"
        self._say(f"{name}: deployed: {done.release} ({done.app} {done.version}), {ready}")

    def _fail(self, entry: Entry, error: HostError, name: str) -> None:
        is_lost = isinstance(error, LostError)
        entry.outcome, entry.error = (UNKNOWN if is_lost else FAILED), error.message
        self._say(f"{name}: {entry.outcome}: {error.message}")
        if is_lost:
            self._say(f"{name}: waiting until the host has ended the deploy by itself")
        entry.host = await_end(entry.target, ENDING)


def _survey(entry: Entry) -> None:
    try:
        entry.host = state_of(entry.target)
    except LostError as exc:
        entry.outcome, entry.error = UNREACHABLE, exc.line
    except HostError as exc:
        entry.outcome, entry.error = REFUSED, exc.line
    if entry.host and entry.host.busy:
        entry.outcome, entry.error = REFUSED, "another deploy or rollback is running there"


def _notes(entry: Entry) -> list[str]:
    host = entry.host
    if entry.is_obstacle or host is None:
        return [f"{entry.outcome}: {entry.error}"]
    if host.is_serving:
        return []
    return [f"{host.ready} of {host.workers} workers are ready before the deploy"]
