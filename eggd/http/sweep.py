"""The time limits of connections, looked at once a tick for all of them.

One timer for a server, and none while it has no connection: a request arms and cancels nothing.
A limit is measured from the first sweep that saw its state, so it is up to two ticks late, and
never early.
"""

from __future__ import annotations

import enum
import math
from dataclasses import dataclass
from typing import Protocol

from eggd.errors import HttpError
from eggd.http.config import HttpConfig


class Phase(enum.Enum):
    """What a connection waits for, and so the limit it is under."""

    IDLE = "the next request"
    HEAD = "the rest of a head"
    BODY = "the rest of a body"
    HANDLER = "the handler"
    ANSWER = "the rest of an answer"
    LEFT = "the handler, after the client has closed its sending side"
    CLIENT = "the client to take the answer"
    LINGER = "the client to close"


class Limited(Protocol):
    """What a server asks of its connections."""

    touched: bool
    """Whether anything was served or fed since the last look."""

    watch: object
    """What the last look saw: the sweep's own."""

    @property
    def phase(self) -> Phase:
        """What is waited for."""
        ...

    @property
    def unsent(self) -> int:
        """Bytes the client has still to take, where it is being waited for; else 0."""
        ...

    def last(self) -> None:
        """Lets what is under way be the last (drain)."""

    def refuse(self, error: HttpError) -> None:
        """Answers with the error page, and close."""

    def fail_body(self, error: HttpError) -> None:
        """Ends the input; whoever reads the body sees `error`."""

    def tell_timeout(self) -> None:
        """Logs the request whose handler took too long."""

    def close(self) -> None:
        """Closes once everything written has left."""

    def stop_lingering(self) -> None:
        """Closes; aborts the connection if an earlier close has not finished."""

    def abort(self) -> None:
        """Drops the connection now."""


@dataclass(slots=True)
class Watch:
    """What the last sweep saw of a connection."""

    phase: Phase
    since: float
    unsent: int


class Sweep:
    """The limits of one server's configuration."""

    def __init__(self, config: HttpConfig) -> None:
        """Derives the tick: a second, or less where a limit is smaller."""
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

    def look(self, connection: Limited, now: float) -> None:
        """Ends the connection's wait when it is over its limit at `now` (loop time)."""
        phase, unsent = connection.phase, connection.unsent
        watch = connection.watch
        touched, connection.touched = connection.touched, False
        if not isinstance(watch, Watch):
            connection.watch = Watch(phase, now, unsent)
        elif touched or phase is not watch.phase or unsent != watch.unsent:
            watch.phase, watch.since, watch.unsent = phase, now, unsent
        elif now - watch.since >= self._limits[phase]:
            _expire(connection, phase)


def _expire(connection: Limited, phase: Phase) -> None:
    if phase is Phase.HEAD:
        connection.refuse(HttpError(408, "the head did not arrive in time"))
    elif phase is Phase.IDLE:
        connection.close()
    elif phase is Phase.LINGER:
        connection.stop_lingering()
    elif phase is Phase.BODY:
        connection.fail_body(HttpError(408, "the body did not arrive in time"))
    else:
        if phase is Phase.HANDLER:
            connection.tell_timeout()
        connection.abort()
