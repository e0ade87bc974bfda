"""Starts and stops a suite: sockets, agent, workers, and in reverse."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from eggd.errors import BootError, NotReadyError
from eggd.suite import wording
from eggd.suite.requests import Rule, Say, Start, Stop, StopAll
from eggd.suite.slots import AGENT, INBOX, LISTENER, SPARE_UNIT, WORKERS

SOCKETS = (LISTENER, INBOX)


def start(workers: Sequence[str], *, problem: str = "", booting: bool = False) -> Rule:
    """Starts the sockets, then the agent, then all enabled workers at once.

    `problem` is an error of the settings, found by the caller. If anything fails, raises
    NotReadyError with each reason and leaves nothing running. While the host boots (`booting`) the
    units that can start keep running, and the others are reported as a warning.
    """
    missing = [problem] if problem else []
    try:
        for text, units in _groups(workers):
            if missing and not booting:
                break
            if text:
                yield Say(text)
            failed = yield Start(units, retry=booting)
            missing += [wording.reasons(failed)] if failed else []
        if not missing or booting:
            missing += _misconfigured(workers)
        if missing and not booting:
            raise NotReadyError("; ".join(missing))
    except BootError as exc:
        yield StopAll()
        text = f"not started, and nothing is left running: {exc.message}"
        raise NotReadyError(text, hint=exc.hint) from exc
    except BaseException:
        yield StopAll()
        raise
    if missing:
        text = f"incomplete since boot: {'; '.join(missing)}; systemd goes on trying"
        yield Say(text, warning=True)
    else:
        yield Say(f"workers ready: {len(workers)}")


def stop() -> Rule:
    """Stops all running workers, which finish their requests, and then the agent."""
    yield Say("stopping the workers")
    yield Stop((WORKERS,))
    yield Say("stopping the agent")
    yield Stop((AGENT,))


def _groups(workers: Sequence[str]) -> Iterator[tuple[str, tuple[str, ...]]]:
    yield "", SOCKETS
    yield "starting the agent", (AGENT,)
    if not _misconfigured(workers):
        yield "starting the workers", tuple(workers)


def _misconfigured(workers: Sequence[str]) -> list[str]:
    if not workers:
        return ["no worker is enabled (eggd scale 1)"]
    if SPARE_UNIT in workers:
        return [f"{SPARE_UNIT} is the spare of a reload (systemctl disable {SPARE_UNIT})"]
    return []
