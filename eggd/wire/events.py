"""Server-Sent Events: one event in, its bytes out (HTML Living Standard, section 9.2.6)."""

from __future__ import annotations

import re
from dataclasses import dataclass

PING = b":\n\n"
"""A comment: ignored by the client, but it keeps proxies from closing the connection."""

_LINES = re.compile(r"\r\n|\r|\n")


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One event for an EventSource."""

    data: object = ""
    """The value of `event.data`: text unchanged, any other value as JSON."""
    event: str = ""
    """The name that the client listens for; empty means `message`."""
    id: str = ""
    """The Last-Event-ID that a client sends when it reconnects."""
    retry: float | None = None
    """Seconds after which a client that lost the stream reconnects."""


def encode_event(event: Event, data: str) -> bytes:
    """Returns the bytes of an event; a line break in its name or id becomes a blank."""
    lines = []
    if event.retry is not None:
        lines.append(f"retry: {int(event.retry * 1000)}")
    for name, value in (("event", event.event), ("id", event.id)):
        if value:
            lines.append(f"{name}: {_LINES.sub(' ', value)}")
    lines += [f"data: {line}" for line in _LINES.split(data)]
    return ("\n".join(lines) + "\n\n").encode()
