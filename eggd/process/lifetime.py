"""Runs a process from its start to SIGTERM or a failure.

Agent and worker differ in the three methods of a `Role`.
"""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Coroutine
from typing import Protocol

import uvloop

from eggd.errors import BootError, EggError, NotReadyError
from eggd.failure import deepest, describe


class Role(Protocol):
    """The three steps of an agent or a worker."""

    async def start(self) -> None:
        """Starts until READY=1 is sent; raises EggError on failure."""

    async def failed(self, error: EggError) -> None:
        """Reports that the start failed, and releases resources."""

    async def stop(self) -> None:
        """Stops gracefully within a time limit."""


class Lifetime:
    """Waits for the end of a process: by a signal (exit 0) or an uncaught exception (exit 1)."""

    def __init__(self) -> None:
        self._ended = asyncio.Event()
        self._failure: EggError | None = None
        self.exit_code = 0
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGQUIT):
            loop.add_signal_handler(number, self._ended.set)  # repeats do nothing (CL-89)

    def end(self, exit_code: int) -> None:
        """Ends the process with this exit code; later calls have no effect."""
        if not self._ended.is_set():
            self.exit_code = exit_code
            self._ended.set()

    def uncaught(self, line: str) -> None:
        """Fails the start because of an uncaught exception: a half-started process must not
        serve."""
        if not self._ended.is_set():
            self._failure = NotReadyError(f"uncaught while starting: {line}")
            self._ended.set()

    def check(self) -> None:
        """Raises NotReadyError if an exception was uncaught; called right before READY=1."""
        if self._failure is not None:
            raise self._failure

    async def run(self, role: Role) -> int:
        """Starts the role, waits for the end, and stops it; returns the exit code.

        An EggError of the start is raised again after `Role.failed`.
        """
        starting = asyncio.ensure_future(role.start())
        ending = asyncio.ensure_future(self._ended.wait())
        await asyncio.wait((starting, ending), return_when=asyncio.FIRST_COMPLETED)
        try:
            if not starting.done():
                starting.cancel()
                await asyncio.wait((starting,))
            if (error := self._error(starting)) is not None:
                expected = _expected(error)
                await role.failed(expected)
                if expected is error:
                    raise expected
                raise expected from error
            await ending
        finally:
            ending.cancel()
        await role.stop()
        return self.exit_code

    def _error(self, starting: asyncio.Future[None]) -> BaseException | None:
        """Returns the error of the start; None if it succeeded or was ended by a signal."""
        error = None if starting.cancelled() else starting.exception()
        return self._failure or error


def run_on_loop(main: Coroutine[object, object, int]) -> int:
    """Runs a coroutine on uvloop and returns its exit code.

    Raises BootError if the loop itself cannot run, as in a sandbox without its system calls.
    """
    loops: list[asyncio.AbstractEventLoop] = []
    entered = False

    def create() -> asyncio.AbstractEventLoop:
        loops.append(uvloop.new_event_loop())
        return loops[0]

    async def enter() -> int:
        nonlocal entered
        entered = True
        return await main

    entry = enter()
    try:
        with asyncio.Runner(loop_factory=create) as runner:
            return runner.run(entry)
    except Exception as exc:
        if entered:
            raise
        for loop in loops:  # it cannot be closed, and would log that its task is pending
            loop.set_exception_handler(lambda loop, context: None)
        entry.close()
        main.close()
        raise _unstarted(exc) from exc


def _unstarted(exc: BaseException) -> BootError:
    """Returns the error for a loop that did not start; closing it has failed after that."""
    while exc.__context__ is not None:
        exc = exc.__context__
    refused = isinstance(exc, PermissionError)
    hint = "run 'eggd sandbox explain': the unit refuses a system call" if refused else ""
    return BootError(f"the event loop cannot start: {describe(exc)}", hint=hint)


def _expected(error: BaseException) -> EggError:
    if isinstance(error, EggError):
        return error
    place = deepest(error)
    return EggError(f"{place}{place and ': '}start failed: {describe(error)}")
