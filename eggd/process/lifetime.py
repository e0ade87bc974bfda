"""From start to stop: run until SIGTERM, a failure, or the end of a start that cannot succeed.

The same for both roles; what differs is handed in as three functions of a `Part`.
"""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Coroutine
from typing import Any, Protocol

import uvloop

from eggd.errors import BootError, EggError
from eggd.failure import deepest, describe


class Part(Protocol):
    """What worker and agent each do at the three moments of a process."""

    async def start(self) -> None:
        """Comes up to READY=1. Raises EggError where that cannot be."""

    async def failed(self, error: EggError) -> None:
        """Says that the start failed, and give back what was taken."""

    async def stop(self) -> None:
        """Ends gracefully; bounded in time."""


class Lifetime:
    """Knows why the process ends: asked to (exit 0) or by an uncaught exception (exit 1)."""

    def __init__(self) -> None:
        self._ended = asyncio.Event()
        self._failure: EggError | None = None
        self.exit_code = 0
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGQUIT):
            loop.add_signal_handler(number, self._ended.set)  # repeats do nothing (CL-89)

    def end(self, exit_code: int) -> None:
        """Begins the end with this exit code; the first call counts."""
        if not self._ended.is_set():
            self.exit_code = exit_code
            self._ended.set()

    def uncaught(self, line: str) -> None:
        """Makes the start fail with an uncaught exception: a half-started process must not
        serve."""
        if not self._ended.is_set():
            self._failure = BootError(f"uncaught while starting: {line}")
            self._ended.set()

    def check(self) -> None:
        """Raises an exception that was uncaught while starting; the last step before READY=1."""
        if self._failure is not None:
            raise self._failure

    async def run(self, part: Part) -> int:
        """Starts the part, waits for the end, stops it; returns the exit code.

        An EggError of the start is raised again after `failed` was told of it.
        """
        starting = asyncio.ensure_future(part.start())
        ending = asyncio.ensure_future(self._ended.wait())
        await asyncio.wait((starting, ending), return_when=asyncio.FIRST_COMPLETED)
        try:
            if not starting.done():
                starting.cancel()
                await asyncio.wait((starting,))
            if (error := self._error(starting)) is not None:
                expected = _expected(error)
                await part.failed(expected)
                if expected is error:
                    raise expected
                raise expected from error
            await ending
        finally:
            ending.cancel()
        await part.stop()
        return self.exit_code

    def _error(self, starting: asyncio.Future[None]) -> BaseException | None:
        """Returns the error of the start; None if it succeeded or was ended by a signal."""
        error = None if starting.cancelled() else starting.exception()
        return self._failure or error


def run_on_loop(main: Coroutine[Any, Any, int]) -> int:
    """Runs a coroutine on uvloop to its end and returns its exit code."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(main)


def _expected(error: BaseException) -> EggError:
    if isinstance(error, EggError):
        return error
    place = deepest(error)
    return EggError(f"{place}{place and ': '}start failed: {describe(error)}")
