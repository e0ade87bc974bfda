"""Pings on a WebSocket, to notice a client that vanished without a Close (RFC 6455 5.5.2)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from eggd.http.config import HttpConfig
from eggd.http.detach import Detached
from eggd.wire.websocket import Op, frame


class Heartbeat:
    """Pings one client at intervals, by one timer."""

    def __init__(self, detached: Detached, config: HttpConfig, dead: Callable[[], object]) -> None:
        """Starts; `dead` is called once, when the client does not answer in time."""
        self._detached = detached
        self._dead = dead
        # 0 once stopped.
        self._interval = config.websocket_ping_interval
        self._timeout = config.websocket_ping_timeout
        self._loop = asyncio.get_running_loop()
        # The next ping, or the next check for an answer to the last one.
        self._timer: asyncio.TimerHandle | None = None
        self._schedule()

    def stop(self) -> None:
        """Stops pinging."""
        self._interval = 0
        if self._timer is not None:
            self._timer.cancel()

    def _schedule(self) -> None:
        if self._interval:
            self._timer = self._loop.call_later(self._interval, self._ping)

    def _ping(self) -> None:
        if self._detached.writing_paused:
            # A client that does not read is left to `write_timeout`; a ping would count as traffic.
            self._schedule()
            return
        self._detached.heard = False
        self._detached.write(frame(Op.PING, b""))
        self._timer = self._loop.call_later(self._timeout / 2, self._check_early)

    def _check_early(self) -> None:
        """Checks after half the time: if the loop hung, received bytes are read before `_check`."""
        if self._is_alive():
            self._schedule()
        else:
            self._timer = self._loop.call_later(self._timeout / 2, self._check)

    def _check(self) -> None:
        if self._is_alive():
            self._schedule()
        else:
            self._dead()

    def _is_alive(self) -> bool:
        return self._detached.heard or not self._detached.reading
