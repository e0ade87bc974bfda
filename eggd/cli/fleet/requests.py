"""The requests of `eggd deploy --hosts` to a host: its state, and a deploy of the archive."""

from __future__ import annotations

import json
import os
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from typing import TypeVar

from eggd.cli.fleet import connection
from eggd.cli.fleet.parcel import Parcel
from eggd.cli.fleet.targets import Target
from eggd.config.section import coerce
from eggd.errors import EggError
from eggd.suite.names import SuiteNames

T = TypeVar("T")

ASKING = 30.0
"""Seconds for the state of a host, with all steps of the connection."""
BETWEEN = 1.0
"""Seconds between two questions to one host."""


class HostError(EggError):
    """Raised when a host cannot be reached, or refuses what was asked."""


class LostError(HostError):
    """Raised when the connection failed or ended: then the outcome is not known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """The state of a host; texts come from the host and are escaped where they are shown."""

    release: str | None
    """The release in service; None before the first one."""
    version: str
    """The version of its project, "" without one."""
    eggd: str
    """The version of eggd there."""
    busy: bool
    """Whether a deploy or rollback runs there."""
    workers: int
    """Number of enabled workers."""
    ready: int
    """Number of ready workers."""

    @property
    def is_serving(self) -> bool:
        """Whether all enabled workers are ready."""
        return 0 < self.workers <= self.ready


@dataclass(frozen=True, slots=True, kw_only=True)
class DeployAnswer:
    """The answer to a deploy that succeeded."""

    release: str
    app: str
    version: str
    previous: str | None


def state_of(target: Target) -> State:
    """Returns the state of a host; raises LostError or HostError with the reason."""
    answer = _ask(target, ["releases", "--inspect"], limit=ASKING)
    return _parsed(State, answer)


def await_serving(target: Target, release: str, seconds: float) -> State:
    """Returns the state of a host once it serves a release with all workers.

    Raises HostError if it does not within `seconds`.
    """
    until = time.monotonic() + seconds
    while True:
        state = state_of(target)
        if state.release == release and state.is_serving:
            return state
        if time.monotonic() > until:
            text = f"{state.ready} of {state.workers} workers of {state.release} are ready"
            raise HostError(f"{text} after {seconds:g} s")
        time.sleep(BETWEEN)


def await_end(target: Target, seconds: float) -> State | None:
    """Returns the state of a host once its deploy has ended; None if that is not known in time."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        try:
            state = state_of(target)
            if not state.busy:
                return state
        except HostError:
            pass
        time.sleep(BETWEEN)
    return None


def deploy(
    target: Target, parcel: Parcel, options: Sequence[str], say: Callable[[str], None]
) -> DeployAnswer:
    """Sends the archive to a host and deploys it there; raises LostError or HostError."""
    parcel.file.seek(0)
    about = [f"--sha256={parcel.sha256}", f"--origin={parcel.origin}", "--json"]
    answer = _ask(target, ["deploy", *options, *about, "--", "-"], parcel, say)
    return _parsed(DeployAnswer, answer)


def _ask(
    target: Target,
    arguments: Sequence[str],
    parcel: Parcel | None = None,
    say: Callable[[str], None] = lambda line: None,
    limit: float | None = None,
) -> bytes:
    names = SuiteNames.chosen(os.environ)
    chosen = ["--app", names.app] if names.app else []
    stdin = parcel.file if parcel else subprocess.DEVNULL
    answer = connection.run(target, [*chosen, *arguments], say=say, limit=limit, stdin=stdin)
    if answer.code == connection.LOST:
        raise LostError(answer.reason or "the connection ended", hint=target.by_hand)
    if answer.code:
        raise HostError(answer.reason or f"eggd exited with {answer.code} there")
    return answer.output


def _parsed(kind: type[T], output: bytes) -> T:
    """Returns an answer of which every value has its type; further keys are ignored."""
    try:
        data = json.loads(output)
        values = {each.name: data[each.name] for each in fields(kind)}  # type: ignore[arg-type]
        return coerce(kind, values, (), lambda key: "the host's answer")
    except (ValueError, TypeError, KeyError, RecursionError, EggError) as exc:
        raise HostError(
            "the host sent an invalid answer", hint="install the same version of eggd there"
        ) from exc
