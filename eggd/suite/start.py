"""Starts and stops a suite: sockets, agent, workers, and in reverse."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from eggd.errors import BootError, NotReadyError
from eggd.suite import wording
from eggd.suite.names import DEFAULT, SuiteNames
from eggd.suite.requests import Rule, Say, Start, Stop, StopAll


def start(
    workers: Sequence[str],
    *,
    problem: str = "",
    booting: bool = False,
    names: SuiteNames = DEFAULT,
) -> Rule:
    """Starts the sockets, then the agent, then all enabled workers at once.

    `problem` is an error of the settings, found by the caller. If anything fails, raises
    NotReadyError with each reason and leaves nothing running. While the host boots (`booting`) the
    units that can start keep running, and the others are reported as a warning.
    """
    missing = [problem] if problem else []
    try:
        for text, units in _groups(workers, names):
            if missing and not booting:
                break
            if text:
                yield Say(text)
            failed = yield Start(units, retry=booting)
            missing += [wording.reasons(failed)] if failed else []
        if not missing or booting:
            missing += _misconfigured(workers, names)
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


def stop(names: SuiteNames = DEFAULT) -> Rule:
    """Stops all running workers, which finish their requests, and then the agent."""
    yield Say("stopping the workers")
    yield Stop((names.workers,))
    yield Say("stopping the agent")
    yield Stop((names.agent,))


def _groups(workers: Sequence[str], names: SuiteNames) -> Iterator[tuple[str, tuple[str, ...]]]:
    yield "", names.sockets
    yield "starting the agent", (names.agent,)
    if not _misconfigured(workers, names):
        yield "starting the workers", tuple(workers)


def _misconfigured(workers: Sequence[str], names: SuiteNames) -> list[str]:
    """Returns why these enabled workers cannot be a suite; [] if they can."""
    if not workers:
        return [f"no worker is enabled ({names.command('scale 1')})"]
    if names.spare in workers:
        return [f"{names.spare} is the spare of a reload (systemctl disable {names.spare})"]
    return []


def refusals(workers: Sequence[str], names: SuiteNames) -> list[str]:
    """Returns why a start with these enabled workers would fail, whatever their code does.

    When the host boots, a wrong instance fails alone, and the others serve.
    """
    wrong = [unit for unit in workers if names.slot(unit) is None]
    return _misconfigured(workers, names) + [
        f"{unit}: the instance must be a number from 1 to 999 (systemctl disable {unit})"
        for unit in wrong
    ]
