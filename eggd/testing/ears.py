"""The one thread that hears a suite's processes: the supervisor's ears on a loop of its own."""

from __future__ import annotations

import asyncio
from concurrent.futures import Future
from threading import Thread

from eggd.supervisor.notify_listener import NotifyListener
from eggd.testing.child import Child


class Ears:
    """Listens at `path` and to children from `listen` until each one's end; `close` ends it."""

    def __init__(self, path: str) -> None:
        self.path = path
        self._loop = asyncio.new_event_loop()
        self._ears: Future[NotifyListener] = Future()
        self._thread = Thread(target=self._hear, name="suite-ears", daemon=True)
        self._thread.start()
        self._ears.result()

    def listen(self, child: Child) -> None:
        """Hears this child from now on; what it said before waits in socket and pipe."""
        self._loop.call_soon_threadsafe(self._ears.result().listen, child)

    def close(self) -> None:
        """Ends the thread and wait for it."""
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()

    def _hear(self) -> None:
        self._loop.run_until_complete(self._open())
        if self._ears.exception() is None:
            self._loop.run_forever()
            self._ears.result().close()
        self._loop.close()

    async def _open(self) -> None:
        try:
            self._ears.set_result(NotifyListener(self.path))
        except BaseException as exc:
            self._ears.set_exception(exc)
