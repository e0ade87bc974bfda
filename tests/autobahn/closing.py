"""Autobahn's section 7: the closing handshake."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tests.autobahn.case import CLOSE, PING, TEXT, Case, close, failing, fragments, frame, in_one
from tests.autobahn.utf8 import EDITED, GREEK

HELLO = b"Hello World!"
GOOD = (1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 3999, 4000, 4999)
BAD = (0, 999, 1004, 1005, 1006, 1016, 1100, 2000, 2999)


def closing() -> Iterator[Case]:
    text = frame(TEXT, HELLO)
    yield Case("7.1.1", [text], [(TEXT, HELLO)])
    for n, behind in ((2, frame(CLOSE)), (3, frame(PING)), (4, text)):
        yield failing(f"7.1.{n}", in_one([close(), behind]), [], 1000)
    first, second = fragments(TEXT, [b"fragment1", b"fragment2"])
    yield failing("7.1.5", in_one([first, close(), second]), [], 1000)
    big = b"BAsd7&jh23" * 26214 + b"BAsd"
    sent = [frame(TEXT, big), text, close(), frame(PING)]
    yield Case("7.1.6", sent, [(TEXT, big), (TEXT, HELLO)], ours=False, lax=True)


def payloads() -> Iterator[Case]:
    yield failing("7.3.1", [frame(CLOSE)], [], 1000)
    yield failing("7.3.2", [frame(CLOSE, b"a")], [], 1002)
    yield failing("7.3.3", [close()], [], 1000)
    yield failing("7.3.4", [close(1000, HELLO)], [], 1000)
    yield failing("7.3.5", [close(1000, b"*" * 123)], [], 1000)
    yield failing("7.3.6", [close(1000, b"*" * 124)], [], 1002)
    bad = GREEK + bytes.fromhex("eda080") + EDITED
    yield failing("7.5.1", [close(1000, bad)], [], 1002, 1007)


def codes() -> Iterator[Case]:
    for n, code in enumerate(GOOD, 1):
        yield failing(f"7.7.{n}", [close(code)], [], 1000, code)
    for n, code in enumerate(BAD, 1):
        yield failing(f"7.9.{n}", [close(code)], [], 1002)
    for n, code in enumerate((5000, 65535), 1):  # Autobahn leaves the answer open
        yield failing(f"7.13.{n}", [close(code)], [], 1000, 1002)


def cases() -> Sequence[Case]:
    return [*closing(), *payloads(), *codes()]
