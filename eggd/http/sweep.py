"""The time limits of connections, looked at once a tick for all of them.

One timer for a server, and none while it has no connection: a request arms and cancels nothing.
A limit is measured from the first sweep that saw its state, so it is up to two ticks late, and
never early.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from eggd.errors import HttpError
from eggd.http.config import HttpConfig
from eggd.http.connection import Connection, Phase


@dataclass(slots=True)
class Watch:
    """What the last sweep saw of a connection."""

    phase: Phase
    since: float
    unsent: int | None


class Sweep:
    """The limits of one server's configuration."""

    def __init__(self, config: HttpConfig) -> None:
        """Derive the tick: a second, or less where a limit is smaller."""
        self._limits = {
            Phase.IDLE: config.keep_alive_timeout,
            Phase.HEAD: config.header_timeout,
            Phase.BODY: config.body_timeout,
            Phase.HANDLER: config.server_timeout or math.inf,
            Phase.ANSWER: math.inf,
            Phase.CLIENT: config.write_timeout,
            Phase.LINGER: config.linger_timeout,
        }
        self.tick = max(0.005, min(1.0, *self._limits.values()))

    def look(self, connection: Connection, now: float) -> None:
        """End the connection's wait when it is over its limit at `now` (loop time)."""
        phase, unsent = connection.phase, connection.unsent
        watch = connection.watch
        touched, connection.touched = connection.touched, False
        if not isinstance(watch, Watch):
            connection.watch = Watch(phase, now, unsent)
        elif touched or phase is not watch.phase or unsent != watch.unsent:
            watch.phase, watch.since, watch.unsent = phase, now, unsent
        elif now - watch.since >= self._limits[phase]:
            _expire(connection, phase)


def _expire(connection: Connection, phase: Phase) -> None:
    if phase is Phase.HEAD:
        connection.refuse(HttpError(408, "the head did not arrive in time"))
    elif phase is Phase.IDLE:
        connection.close()
    elif phase is Phase.BODY:
        connection.fail_body(HttpError(408, "the body did not arrive in time"))
    else:
        if phase is Phase.HANDLER:
            connection.tell_timeout()
        connection.abort()
