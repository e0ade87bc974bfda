"""Makes the real client of a leader, and makes it anew until one is ready (known:KO-25)."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable

from eggd.plugins.cluster_client.calls import finished
from eggd.plugins.cluster_client.errors import ClusterClientError

FIRST_DELAY, LAST_DELAY = 1.0, 30.0
"""Seconds between two attempts; the pause doubles. A caller's need ends it early."""
_SHORTEST = 0.1
"""Seconds between two attempts at least, however many callers wait."""


class RealClient:
    """One object of the class, from the first attempt until `close`.

    A client whose `ready()` raises is closed and thrown away. `changed()` is called after each
    attempt.
    """

    def __init__(self, make: Callable[[], object], close: str, changed: Callable[[], None]) -> None:
        self._make = make
        # The name of the method that closes the object, "" without one.
        self._close = close
        self._changed = changed
        # Made by the caller of `create`, who gets the error of a wrong argument.
        self._object: object | None = make()
        self.error: Exception | None = None
        """The error of the last attempt; None before its end, and when the client is ready."""
        self.is_ready = False
        """Whether an attempt has succeeded."""
        self.is_closed = False
        """Whether `close` was called."""
        # Ends the pause between two attempts.
        self._needed = asyncio.Event()
        # The end of the attempt that runs, or else of the next one: its error, or None.
        self._end: asyncio.Future[Exception | None] = asyncio.get_running_loop().create_future()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begins with the first attempt."""
        if self._task is None and not self.is_closed:
            self._task = asyncio.get_running_loop().create_task(self._run())

    async def ready(self) -> None:
        """Waits for the end of the first attempt; raises the error of the last one."""
        if self.error is not None:
            raise self.error
        if not self.is_ready:
            await self._next()

    async def usable(self) -> object:
        """Returns the object when it is ready; a new attempt is made at once if it is not.

        Raises the error of that attempt.
        """
        if not self.is_ready:
            self._needed.set()
            await self._next()
        assert self._object is not None
        return self._object

    async def close(self) -> None:
        """Ends the attempts and closes the object; raises what its method raises."""
        self.is_closed, self.is_ready = True, False
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])
        if not self._end.done():
            self._end.set_result(ClusterClientError("the client was closed"))
        await self._discard()

    async def _next(self) -> None:
        if self.is_closed:
            raise ClusterClientError("the client was closed")
        error = await asyncio.shield(self._end)
        if error is not None:
            raise error

    async def _run(self) -> None:
        delay = FIRST_DELAY
        while not await self._attempt():
            await asyncio.sleep(_SHORTEST)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(delay):
                    await self._needed.wait()
            delay = min(LAST_DELAY, delay * 2)

    async def _attempt(self) -> bool:
        self._needed.clear()
        error = await self._connect()
        self.error, self.is_ready = error, error is None
        end, self._end = self._end, asyncio.get_running_loop().create_future()
        end.set_result(error)
        self._changed()
        if error is not None:
            with contextlib.suppress(Exception):  # it has failed already
                await self._discard()
        return self.is_ready

    async def _connect(self) -> Exception | None:
        try:
            if self._object is None:
                self._object = self._make()
            if (ready := getattr(self._object, "ready", None)) is not None:
                await finished(ready)
        except Exception as exc:
            return exc
        return None

    async def _discard(self) -> None:
        discarded, self._object = self._object, None
        close = getattr(discarded, self._close, None) if self._close else None
        if close is not None:
            await finished(close)
