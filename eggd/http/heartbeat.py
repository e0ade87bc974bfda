"""Pings on a WebSocket: a client that is gone without a word is noticed (RFC 6455 5.5.2)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from eggd.http.config import HttpConfig
from eggd.http.detach import Detached
from eggd.wire.websocket import Op, frame


class Heartbeat:
    """Asks a client every so often; one timer for a WebSocket, none while it is not asked."""

    def __init__(self, taken: Detached, config: HttpConfig, dead: Callable[[], object]) -> None:
        """Begins; `dead` is called once, when the client does not answer in time."""
        self._taken = taken
        self._dead = dead
        self._interval = config.websocket_ping_interval
        self._timeout = config.websocket_ping_timeout
        self._loop = asyncio.get_running_loop()
        self._timer: asyncio.TimerHandle | None = None
        self._rest()

    def stop(self) -> None:
        """Asks no more."""
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
        """Looks half-way: after a loop that hung, what has come is read before the second look."""
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
