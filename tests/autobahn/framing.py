"""Autobahn's sections 1 to 5 and 10: frames, pings, reserved bits and opcodes, fragments."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tests.autobahn.case import (
    BINARY,
    CLOSE,
    CONTINUATION,
    PING,
    PONG,
    TEXT,
    Case,
    Chops,
    Event,
    Wait,
    failing,
    fragments,
    frame,
    in_one,
    octets,
    one_by_one,
)

HELLO = b"Hello, world!"
ECHO: Event = (TEXT, HELLO)
CUTS = (in_one, one_by_one, octets)
"""The ways in which frames are cut into writes."""

SIZES = (0, 125, 126, 127, 128, 65535, 65536)


def echoes() -> Iterator[Case]:
    for section, op, byte in ((1, TEXT, b"*"), (2, BINARY, b"\xfe")):
        for n, size in enumerate(SIZES, 1):
            payload = byte * size
            yield Case(f"1.{section}.{n}", [frame(op, payload)], [(op, payload)])
        payload = byte * 65536
        yield Case(f"1.{section}.8", [Chops(frame(op, payload), 997)], [(op, payload)])


def pings() -> Iterator[Case]:
    payloads = (b"", HELLO, b"\x00\xff\xfe\xfd\xfc\xfb\x00\xff", b"\xfe" * 125)
    for n, payload in enumerate(payloads, 1):
        yield Case(f"2.{n}", [frame(PING, payload)], [(PONG, payload)])
    yield failing("2.5", [frame(PING, b"\xfe" * 126)], [], 1002)
    yield Case("2.6", [Chops(frame(PING, b"\xfe" * 125))], [(PONG, b"\xfe" * 125)])
    unsolicited = b"unsolicited pong payload"
    yield Case("2.7", [frame(PONG)])
    yield Case("2.8", [frame(PONG, unsolicited)])
    both = [frame(PONG, unsolicited), frame(PING, b"ping payload")]
    yield Case("2.9", in_one(both), [(PONG, b"ping payload")])
    ten = [b"payload-%d" % n for n in range(10)]
    frames, pongs = [frame(PING, each) for each in ten], [(PONG, each) for each in ten]
    yield Case("2.10", in_one(frames), pongs)
    yield Case("2.11", octets(frames), pongs)


def reserved_bits() -> Iterator[Case]:
    yield failing("3.1", [frame(TEXT, HELLO, rsv=1)], [], 1002)
    for n, cut in enumerate(CUTS, 2):
        frames = [frame(TEXT, HELLO), frame(TEXT, HELLO, rsv=n), frame(PING)]
        yield failing(f"3.{n}", cut(frames), [ECHO], 1002)
    yield failing("3.5", [frame(BINARY, b"\x00\xff\xfe\xfd\xfc\xfb\x00\xff", rsv=5)], [], 1002)
    yield failing("3.6", [frame(PING, HELLO, rsv=6)], [], 1002)
    yield failing("3.7", [frame(CLOSE, rsv=7)], [], 1002)


def reserved_opcodes() -> Iterator[Case]:
    for section, first in ((1, 3), (2, 11)):
        yield failing(f"4.{section}.1", [frame(first)], [], 1002)
        yield failing(f"4.{section}.2", [frame(first + 1, b"reserved opcode payload")], [], 1002)
        for n, payload, cut in ((3, b"", in_one), (4, HELLO, in_one), (5, HELLO, octets)):
            frames = [frame(TEXT, HELLO), frame(first + n - 1, payload), frame(PING)]
            yield failing(f"4.{section}.{n}", cut(frames), [ECHO], 1002)


def fragmented() -> Iterator[Case]:
    yield failing("5.1", fragments(PING, [b"fragment1", b"fragment2"]), [], 1002)
    yield failing("5.2", fragments(PONG, [b"fragment1", b"fragment2"]), [], 1002)
    two = fragments(TEXT, [b"fragment1", b"fragment2"])
    whole: Event = (TEXT, b"fragment1fragment2")
    pong: Event = (PONG, b"ping payload")
    with_ping = [two[0], frame(PING, b"ping payload"), two[1]]
    text = frame(TEXT, HELLO)
    alone = [frame(CONTINUATION, b"non-continuation payload"), text]
    begun = [frame(CONTINUATION, b"non-continuation payload", fin=False), text]
    for n, cut in enumerate(CUTS):
        yield Case(f"5.{3 + n}", cut(two), [whole])
        yield Case(f"5.{6 + n}", cut(with_ping), [pong, whole])
        yield failing(f"5.{9 + n}", cut(alone), [], 1002)
        yield failing(f"5.{12 + n}", cut(begun), [], 1002)
    more = [frame(CONTINUATION, b"fragment3", fin=False), frame(TEXT, b"fragment4")]
    yield failing("5.15", in_one([*two, *more]), [whole], 1002)
    for number, fin in (("5.16", False), ("5.17", True)):
        once = [frame(0, b"fragment1", fin=fin), *fragments(TEXT, [b"fragment2", b"fragment3"])]
        yield failing(number, [*once, *once], [], 1002)
    twice = [frame(TEXT, b"fragment1", fin=False), frame(TEXT, b"fragment2")]
    yield failing("5.18", twice, [], 1002)
    yield _with_pings("5.19", joined=True)
    yield _with_pings("5.20", joined=False)


def _with_pings(number: str, *, joined: bool) -> Case:
    """Five fragments; a ping after the second is answered before the rest is sent."""
    texts = [b"fragment%d" % n for n in range(1, 6)]
    parts, asked = fragments(TEXT, texts), (b"pongme 1!", b"pongme 2!")
    first = [*parts[:2], frame(PING, asked[0])]
    second = [*parts[2:4], frame(PING, asked[1]), parts[4]]
    cut = in_one if joined else one_by_one
    events = [(PONG, asked[0]), (PONG, asked[1]), (TEXT, b"".join(texts))]
    return Case(number, [*cut(first), Wait(1), *cut(second)], events)


def auto_fragmented() -> Iterator[Case]:
    payload = b"*" * 65536
    parts = [payload[at : at + 1300] for at in range(0, len(payload), 1300)]
    yield Case("10.1.1", fragments(TEXT, parts), [(TEXT, payload)])


def cases() -> Sequence[Case]:
    return [
        *echoes(),
        *pings(),
        *reserved_bits(),
        *reserved_opcodes(),
        *fragmented(),
        *auto_fragmented(),
    ]
