"""Drains the suite of this host before `eggd deploy --drain` switches to a release."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from eggd.cli.progress import waiting
from eggd.control import AGENT
from eggd.control.client import ask
from eggd.errors import EggError, ReleaseError
from eggd.host.drain import ACTION, drained

PATIENCE = 5.0
"""Seconds for the agent's answer."""


@contextmanager
def draining(rundir: Path, seconds: float, say: Callable[[str], None]) -> Iterator[None]:
    """Drains the suite for `seconds` before the block, and until it ends; 0 does nothing.

    Raises ReleaseError, before it waits, if the suite has no health checks that show the drain.
    """
    if not seconds:
        yield
        return
    with drained(rundir):
        address = _address(rundir)
        say(f"draining for {seconds:g} s: /ready answers 503 on {address}")
        waiting(lambda: time.sleep(seconds), lambda: f"draining for {seconds:g} s")
        yield


def _address(rundir: Path) -> str:
    """Returns the address of the health checks; raises ReleaseError unless they show the drain."""
    try:
        answer = ask(
            rundir, {"command": "request", "action": ACTION}, lambda _: None, PATIENCE, file=AGENT
        )
    except EggError as exc:
        raise _refusal(f"the agent does not answer: {exc.message}", "run 'eggd status'") from exc
    about = answer if isinstance(answer, dict) else {}
    address, state = about.get("address"), about.get("state")
    if not address:
        raise _refusal("cluster.health.enable is False", "enable it, or deploy without --drain")
    if state not in ("draining", "unready"):
        raise _refusal(f"/ready of {address} is {state!r}", "run 'eggd reload' once")
    return str(address)


def _refusal(why: str, hint: str) -> ReleaseError:
    return ReleaseError(f"the host cannot be drained: {why}", hint=hint)
