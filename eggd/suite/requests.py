"""Requests by which a rule of the suite asks for an action, and the outcome that it receives.

A rule (start.py, scale.py, reload.py) is a generator. It yields one request at a time and receives
its outcome; it performs no I/O. egg-master executes the requests with systemctl
(`eggd.host.executor`), the supervisor with its own children (`eggd.supervisor.executor`), and a
test with a table.

    failed = yield Restart((AGENT,))
    if failed:
        raise NotReadyError(f"the agent did not come back: {failed[AGENT]}")

An exception that a request causes is raised inside the rule, which may yield further requests to
undo its work before it raises the exception again.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass

Outcome = Mapping[str, str]
"""The units that failed, each with its reason; empty when all succeeded."""

SUCCESS: Outcome = {}


@dataclass(frozen=True, slots=True)
class Say:
    """Reports progress; always succeeds."""

    text: str
    warning: bool = False


@dataclass(frozen=True, slots=True)
class Start:
    """Starts units at once; ends when all are ready, or soon after the first failure."""

    units: tuple[str, ...]
    retry: bool = False
    """Whether the service manager keeps restarting a unit that failed; if not, it is stopped."""


@dataclass(frozen=True, slots=True)
class Restart:
    """Stops and starts units; ends when all are ready or one has failed."""

    units: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Stop:
    """Stops units or patterns of units, and waits until they are down."""

    units: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class StopAll:
    """Stops every unit of the suite, the sockets included."""


@dataclass(frozen=True, slots=True)
class Enable:
    """Adds workers to those that a start brings up, or removes them."""

    units: tuple[str, ...]
    on: bool = True


@dataclass(frozen=True, slots=True)
class Wait:
    """Waits a time, or until the unit's process ends if that is known earlier."""

    unit: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Check:
    """Fails for each unit whose process is not ready, or not the one of this rule.

    That is the process that the last `Restart` started, or the one at the first `Check`.
    """

    units: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class InspectAgent:
    """Fails for the agent if it runs another application than the spare, and for its inbox if that
    was removed."""


Request = Say | Start | Restart | Stop | StopAll | Enable | Wait | Check | InspectAgent
Rule = Generator[Request, Outcome, None]


def perform(rule: Rule, execute: Callable[[Request], Outcome]) -> None:
    """Executes the requests of a rule one after the other; raises the errors of the rule."""
    try:
        request = next(rule)
        while True:
            try:
                outcome = execute(request)
            except BaseException as exc:
                request = rule.throw(exc)
            else:
                request = rule.send(outcome)
    except StopIteration:
        return
