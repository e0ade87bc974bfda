"""The external events of an exchange before its answer is complete, and their callbacks."""

from __future__ import annotations

import enum
from collections.abc import Callable

Callback = Callable[[], object]


class Event(enum.Enum):
    """An event that handlers can wait for; each happens at most once."""

    ABORTED = "the client has closed its sending side"
    LOST = "the connection is lost"
    DRAINING = "the server begins to stop"


Callbacks = tuple[tuple[Event, Callback], ...]
"""The callbacks of an exchange, each with its event."""


def split(callbacks: Callbacks, event: Event) -> tuple[list[Callback], Callbacks]:
    """Returns the callbacks of an event, and the rest."""
    due = [callback for each, callback in callbacks if each is event]
    return due, tuple(entry for entry in callbacks if entry[0] is not event)
