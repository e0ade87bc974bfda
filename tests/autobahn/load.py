"""Autobahn's section 9: large messages, many fragments, small pieces, many messages."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tests.autobahn.case import BINARY, TEXT, Case, Chops, Step, Wait, frame

KIB, MIB = 1024, 1024 * 1024
WHOLE = (64 * KIB, 256 * KIB, MIB, 4 * MIB, 8 * MIB, 16 * MIB)
PARTS = (64, 256, KIB, 4 * KIB, 16 * KIB, 64 * KIB, 256 * KIB, MIB, 4 * MIB)
CHOPS = (64, 128, 256, 512, KIB, 2 * KIB)
MESSAGES = (0, 16, 64, 256, KIB, 4 * KIB)
KINDS = ((TEXT, b"*"), (BINARY, b"\xfe"))


def large(most: int) -> Iterator[Case]:
    for section, (op, byte) in enumerate(KINDS, 1):
        for n, size in enumerate(WHOLE, 1):
            payload = byte * min(size, most)
            yield Case(f"9.{section}.{n}", [frame(op, payload)], [(op, payload)])


def in_fragments() -> Iterator[Case]:
    """4 MiB in frames of 64 bytes (9.3.1, 9.4.1) are legal, and must not stop a worker."""
    for section, (op, byte) in enumerate(KINDS, 3):
        for n, size in enumerate(PARTS, 1):
            part, count = byte * size, 4 * MIB // size
            middle = frame(0, part, fin=False) * max(0, count - 2)
            if count == 1:
                sent = frame(op, part)
            else:
                sent = frame(op, part, fin=False) + middle + frame(0, part)
            yield Case(f"9.{section}.{n}", [sent], [(op, byte * 4 * MIB)])


def in_chops(size: int) -> Iterator[Case]:
    for section, (op, byte) in enumerate(KINDS, 5):
        for n, chop in enumerate(CHOPS, 1):
            payload = byte * size
            yield Case(f"9.{section}.{n}", [Chops(frame(op, payload), chop)], [(op, payload)])


def many(count: int) -> Iterator[Case]:
    for section, (op, byte) in enumerate(KINDS, 7):
        for n, size in enumerate(MESSAGES, 1):
            payload = byte * size
            steps: list[Step] = []
            for sent in range(1, count + 1):
                steps += [frame(op, payload), Wait(sent)]
            yield Case(f"9.{section}.{n}", steps, [(op, payload)] * count)


def cases(*, full: bool) -> Sequence[Case]:
    """Returns the cases; the short form sends less, except for the fragments."""
    return [
        *large(16 * MIB if full else 4 * MIB),
        *in_fragments(),
        *in_chops(MIB if full else 64 * KIB),
        *many(1000 if full else 100),
    ]
