"""One case of Autobahn's test suite as a value: the bytes to send, and the expected answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from websockets.frames import Frame, Opcode

CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG = 0, 1, 2, 8, 9, 10


@dataclass(frozen=True)
class Chops:
    """Bytes that are sent in pieces of `size`, one write each."""

    data: bytes
    size: int = 1


@dataclass(frozen=True)
class Wait:
    """Waits until this many events have arrived, or the Close frame, before more is sent."""

    events: int


Event = tuple[int, bytes]
"""Opcode and payload of a frame that the server sends."""

Step = bytes | Chops | Wait


@dataclass(frozen=True)
class Case:
    """Autobahn's number, the steps, the events in their order, and the close codes allowed."""

    number: str
    steps: Sequence[Step]
    events: Sequence[Event] = ()
    codes: Sequence[int] = (1000,)
    ours: bool = True
    """Whether the driver sends Close 1000 once the events have arrived; if not, the server must
    close, or the steps contain the Close frame."""
    lax: bool = False
    """Whether Autobahn allows any number of the events before the end."""


def frame(op: int, payload: bytes = b"", *, fin: bool = True, rsv: int = 0) -> bytes:
    """Returns a masked frame; opcode, FIN and reserved bits may be against the rules."""
    lawful: bytes = Frame(Opcode.BINARY, payload).serialize(mask=True)
    return bytes([fin << 7 | rsv << 4 | op]) + lawful[1:]


def fragments(op: int, parts: Sequence[bytes]) -> list[bytes]:
    """Returns the frames of one message in parts."""
    last = len(parts) - 1
    return [frame(op if n == 0 else 0, part, fin=n == last) for n, part in enumerate(parts)]


def close(code: int = 1000, reason: bytes = b"") -> bytes:
    return frame(CLOSE, code.to_bytes(2) + reason)


def failing(number: str, steps: Sequence[Step], events: Sequence[Event], *codes: int) -> Case:
    """Returns a case in which the server must fail the connection with one of `codes`."""
    return Case(number, steps, events, codes, ours=False)


def in_one(frames: Sequence[bytes]) -> list[Step]:
    return [b"".join(frames)]


def one_by_one(frames: Sequence[bytes]) -> list[Step]:
    return [*frames]


def octets(frames: Sequence[bytes]) -> list[Step]:
    return [Chops(b"".join(frames))]
