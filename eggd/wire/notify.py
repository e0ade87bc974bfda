"""Notifications to a service manager: one datagram of sd_notify(3) in, its fields out.

Only the supervisor reads them; `eggd.systemd.notifier` sends them.
"""

from __future__ import annotations

LONGEST = 4096
"""Bytes of a datagram; a longer one is ignored as a whole, as systemd does."""

Fields = list[tuple[str, str]]
"""The assignments of one datagram, in order."""


def decode(datagram: bytes) -> Fields:
    """Returns the fields; lines that are not assignments or not UTF-8 are skipped. Never raises."""
    if len(datagram) > LONGEST:
        return []
    lines = datagram.decode(errors="replace").split("\n")
    return [(key, value) for key, sign, value in (line.partition("=") for line in lines) if sign]


def seconds(value: str) -> float | None:
    """Returns the seconds of a `..._USEC` field; None if it is not a number."""
    sound = value.isascii() and value.isdecimal() and len(value) < 20
    return int(value) / 1_000_000 if sound else None
