"""The receivers of messages and requests, as a caller names them."""

from __future__ import annotations

import random
from collections.abc import Sequence

from eggd.errors import MessengerError, NoPeerError
from eggd.messenger.member_table import Member
from eggd.wire.datagram import HIGHEST_SLOT, Sender

AGENT = Sender("agent", 0, 0)

_DIGITS = 20
"""Digits of the text of a pid; a pid has 31 bits."""


def receiver(to: int | str | None, slot: int | None) -> Sender | None:
    """Returns the receiver, or None without a name of one; raises MessengerError.

    Its pid is 0 if only the role is known, and its role "" if only the pid is.
    """
    if slot is not None:
        return _worker(to, slot)
    if to is None:
        return None
    return AGENT if to == "agent" else Sender("", 0, pid("request", to))


def random_worker(ready: Sequence[Member]) -> Sender:
    """Returns one of the ready workers; raises NoPeerError without one."""
    if not ready:
        raise NoPeerError("request: no worker is ready")
    member = random.choice(ready)
    return Sender("worker", member.slot, member.pid)


def pid(method: str, to: int | str) -> int:
    """Returns the pid that `to` is, as a number or its text; raises MessengerError.

    A number that no process can have raises NoPeerError.
    """
    digits = to.strip().removeprefix("-") if isinstance(to, str) else ""
    if type(to) is not int and not (digits.isdecimal() and len(digits) <= _DIGITS):
        names = '"agent" or slot=N' if method == "request" else '"app" or "agent"'
        raise MessengerError(f"{method}: {to!r}: unknown receiver", hint=f"use a pid, {names}")
    number = int(to)
    if not 1 <= number < 1 << 31:  # 0 would be every process
        raise NoPeerError(f"{method}: no process has the pid {number}")
    return number


def _worker(to: int | str | None, slot: int) -> Sender:
    if to is not None or type(slot) is not int or not 0 <= slot <= HIGHEST_SLOT:
        raise MessengerError(
            f"request: to={to!r}, slot={slot!r}: unknown receiver",
            hint="use the slot of a worker alone, such as slot=1",
        )
    return Sender("worker", slot, 0)
