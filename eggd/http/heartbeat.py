"""Pings on a WebSocket, to notice a client that vanished without a Close (RFC 6455 5.5.2)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from eggd.http.config import HttpConfig
from eggd.http.detach import Detached
from eggd.wire.websocket import Op, frame


class Heartbeat:
    """Pings one client at intervals, by one timer."""

    def __init__(self, taken: Detached, config: HttpConfig, dead: Callable[[], object]) -> None:
        """Starts; `dead` is called once, when the client does not answer in time."""
        self._taken = taken
        self._dead = dead
        self._interval = config.websocket_ping_interval
        self._timeout = config.websocket_ping_timeout
        self._loop = asyncio.get_running_loop()
        self._timer: asyncio.TimerHandle | None = None
        self._rest()

    def stop(self) -> None:
        """Stops pinging."""
        self._interval = 0
        if self._timer is not None:
            self._timer.cancel()

    def _rest(self) -> None:
        if self._interval:
            self._timer = self._loop.call_later(self._interval, self._ask)

    def _ask(self) -> None:
        if self._taken.held:
            # A client that does not read is left to `write_timeout`; a ping would count as traffic.
            self._rest()
            return
        self._taken.heard = False
        self._taken.write(frame(Op.PING, b""))
        self._timer = self._loop.call_later(self._timeout / 2, self._look)

    def _look(self) -> None:
        """Checks after half the time: if the loop hung, received bytes are read before `_judge`."""
        if self._is_there():
            self._rest()
        else:
            self._timer = self._loop.call_later(self._timeout / 2, self._judge)

    def _judge(self) -> None:
        if self._is_there():
            self._rest()
        else:
            self._dead()

    def _is_there(self) -> bool:
        return self._taken.heard or not self._taken.reading
