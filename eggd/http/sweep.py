"""The time limits of connections, checked once a tick for all of them.

A server has one timer, and no timer without connections: a request sets and cancels nothing. A
limit is measured from the first tick that saw its phase, so it is up to two ticks late, and never
early. Ten thousand idle connections take milliseconds to check, so requests are served in between.
"""

from __future__ import annotations

import asyncio
import enum
import math
from collections.abc import Callable, Collection
from dataclasses import dataclass

from eggd.errors import HttpError
from eggd.http.config import HttpConfig
from eggd.http.connection import Connection

_STRIDE = 256
"""Connections checked before the event loop serves requests."""


class Phase(enum.Enum):
    """The event that a connection waits for, which selects its time limit."""

    IDLE = "the next request"
    HEAD = "the rest of a head"
    BODY = "the rest of a body"
    HANDLER = "the handler"
    ANSWER = "the rest of an answer"
    LEFT = "the handler, after the client has closed its sending side"
    CLIENT = "the client to take the answer"
    LINGER = "the client to close"


def phase_of(connection: Connection) -> Phase:
    """Returns what a connection waits for."""
    flow, body, exchange = connection.flow, connection.input.body, connection.exchange
    if flow.unsent:
        return Phase.CLIENT
    if flow.ending:
        return Phase.LINGER
    if body is not None and flow.reading and not body.expecting:
        return Phase.BODY
    if exchange is None:
        return Phase.HEAD if connection.input.buffer else Phase.IDLE
    if exchange.aborted:
        return Phase.LEFT
    return Phase.ANSWER if exchange.started else Phase.HANDLER


@dataclass(slots=True)
class Watch:
    """The state of a connection at the last tick."""

    since: float
    """When the phase began, or the last progress in it was seen (loop time)."""
    phase: Phase
    unsent: int
    began: float
    """When the last exchange began (`Connection.began`): a new one is progress."""


class Sweep:
    """The one timer of a server."""

    def __init__(
        self,
        config: HttpConfig,
        connections: Collection[Connection],
        count: Callable[[], int],
    ) -> None:
        """Checks `connections` once a tick as long as `count()` is not 0.

        A tick is a second, or the smallest limit if that is less.
        """
        self._limits = {
            Phase.IDLE: config.keep_alive_timeout,
            Phase.HEAD: config.header_timeout,
            Phase.BODY: config.body_timeout,
            Phase.HANDLER: config.server_timeout or math.inf,
            Phase.ANSWER: math.inf,
            Phase.LEFT: config.half_close_timeout,
            Phase.CLIENT: config.write_timeout,
            Phase.LINGER: config.linger_timeout,
        }
        self.tick = max(0.005, min(1.0, *self._limits.values()))
        self._connections = connections
        # More than `connections` while handshakes are under way.
        self._count = count
        # The next tick, or the next stride of this one.
        self._next: asyncio.Handle | None = None

    @property
    def running(self) -> bool:
        """Whether a tick is scheduled or under way."""
        return self._next is not None

    def start(self) -> None:
        """Schedules a tick, unless `running`."""
        if self._next is None:
            loop = asyncio.get_running_loop()
            self._next = loop.call_later(self.tick, self._begin)

    def stop(self) -> None:
        """Cancels the next tick."""
        if self._next is not None:
            self._next.cancel()
            self._next = None

    def check(self, connection: Connection, now: float) -> None:
        """Ends the connection's wait if it is over its limit at `now` (loop time)."""
        phase, flow = phase_of(connection), connection.flow
        unsent, watch = flow.unsent, connection.watch
        progressed, flow.progressed = flow.progressed, False
        seen = phase, unsent, connection.began
        if not isinstance(watch, Watch):
            connection.watch = Watch(now, *seen)
        elif progressed or seen != (watch.phase, watch.unsent, watch.began):
            watch.since, (watch.phase, watch.unsent, watch.began) = now, seen
        elif now - watch.since >= self._limits[phase]:
            _expire(connection, phase)

    def _begin(self) -> None:
        self._stride(list(self._connections))

    def _stride(self, ahead: list[Connection]) -> None:
        loop = asyncio.get_running_loop()
        now = loop.time()
        for connection in ahead[-_STRIDE:]:
            if connection in self._connections:
                self.check(connection, now)
        del ahead[-_STRIDE:]
        self._next = None
        if ahead:
            self._next = loop.call_soon(self._stride, ahead)
        elif self._count():
            self.start()


def _expire(connection: Connection, phase: Phase) -> None:
    if phase is Phase.HEAD:
        error = HttpError(408, "the head did not arrive in time")
        connection.refuse(error, connection.input.buffer)
    elif phase is Phase.IDLE:
        connection.flow.close()
    elif phase is Phase.LINGER:
        connection.flow.stop_lingering()
    elif phase is Phase.BODY:
        connection.fail_body(HttpError(408, "the body did not arrive in time"))
    else:
        if phase is Phase.HANDLER:
            connection.log_timeout()
        connection.abort()
