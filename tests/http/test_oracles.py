"""Debian's httptools, the newest one, and h11 read requests as eggd does, but for differences that
RFC 9110 or 9112 justifies.

    EGGD_HTTPTOOLS=DIRECTORY    the newest httptools; default: .cache/httptools-new
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.http.differences import REASONS, difference, reason
from tests.http.oracles import Parser, by_h11, httptools
from tests.http.test_corpus import INVALID, VALID, read, request_name
from tests.http.test_mutations import mutated

OLD, NEW = httptools()
PARSERS: dict[str, Parser] = {"old": OLD, "new": NEW, "h11": by_h11}

GET = b"GET / HTTP/1.1\r\nHost: a\r\n"
OLD_GET = b"GET / HTTP/1.0\r\n"
POST = b"POST / HTTP/1.1\r\nHost: a\r\n"
CHUNKED = POST + b"Transfer-Encoding: chunked\r\n\r\n"
END = b"\r\n"

TABLE: list[tuple[str, str, bytes]] = [
    # the parsers that differ, the beginning of the reason, the request
    ("old h11", "RFC 9112 2.2: a bare CR", GET + b"A: b\nC: d\r\n\r\n"),
    ("old h11", "RFC 9110 5.5, RFC 9112 3.2", GET + b"A: \x01\r\n\r\n"),
    ("old new", "RFC 9112 3: ", b"GET /\r\n\r\n"),
    ("old new h11", "RFC 9110 15.6.6", b"GET / HTTP/2.0\r\nHost: a\r\n\r\n"),
    ("old new h11", "RFC 9110 9.3.6", b"CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n"),
    ("h11", "RFC 9110 9.1: ", b"BREW / HTTP/1.1\r\nHost: a\r\n\r\n"),
    ("old new h11", "RFC 9112 3.2: a target", b"GET * HTTP/1.1\r\nHost: a\r\n\r\n"),
    ("old h11", "RFC 9112 5, 5.1, 5.2", GET + b"A: b\r\n c\r\n\r\n"),
    ("old new", "RFC 9112 3.2: one valid Host", b"GET / HTTP/1.1\r\n\r\n"),
    ("old new h11", "RFC 9112 3.2: one valid Host", b"GET http://u@a/ HTTP/1.1\r\nHost: a\r\n\r\n"),
    ("old new", "RFC 9112 3: a target above", b"GET /" + b"a" * 17_000),
    ("old new h11", "RFC 9110 5.4", GET + b"A: b\r\n" * 100 + END),
    ("h11", "RFC 9110 8.6", POST + b"Content-Length: 1, 1\r\n\r\na"),
    (
        "h11",
        "RFC 9112 6.1: Content-Length",
        POST + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    ),
    (
        "old new h11",
        "RFC 9112 6.1: Transfer-Encoding in",
        b"POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    ),
    (
        "old",
        "RFC 9112 6.1, 6.3",
        POST + b"Transfer-Encoding: chunked,,chunked\r\n\r\n0\r\n\r\n",
    ),
    (
        "old new",
        "RFC 9112 6.1: an unknown",
        POST + b"Transfer-Encoding: x, chunked\r\n\r\n0\r\n\r\n",
    ),
    ("old new h11", "RFC 9110 15.5.14", POST + b"Content-Length: 10001\r\n\r\n"),
    ("old h11", "RFC 9112 7.1: ", CHUNKED + b"1 \r\na\r\n0\r\n\r\n"),
    ("old new h11", "RFC 9112 7.1.1, 7.1.2", CHUNKED + b"1;" + b"a" * 1100 + b"\r\na\r\n0\r\n\r\n"),
    ("old new", "RFC 9110 9.1, 16.1.1", b"LABEL / HTTP/1.1\r\nHost: a\r\n\r\n"),
    ("new", "RFC 9110 2.5", b"GET / HTTP/1.2\r\nHost: a\r\n\r\n"),
    ("h11", "RFC 9112 2.2: empty lines", GET + END + END + GET + END),
    (
        "old new h11",
        "RFC 9110 5.6.1",
        POST + b"Transfer-Encoding: , chunked ,\r\n\r\n0\r\n\r\n",
    ),
    ("old", "RFC 9110 5.1", POST + b"Transfer-Encodings: x\r\n\r\n"),
    ("new h11", "RFC 9110 6.5.1", CHUNKED + b"0\r\nTransfer-Encoding: x\r\n\r\n"),
    ("old", "RFC 9112 5: blanks", POST + b"Content-Length: 0\t\r\n\r\n"),
    ("new h11", "RFC 9112 7.1.1: chunk ext", CHUNKED + b'1 ; a = "b;c"\r\na\r\n0\r\n\r\n'),
    (
        "old new",
        "RFC 9110 7.8",
        POST + b"Connection: upgrade\r\nUpgrade: x\r\nContent-Length: 2\r\n\r\nhi",
    ),
    ("old new", "RFC 9112 C.2.2", GET + b"Proxy-Connection: close\r\n\r\n"),
    ("h11", "RFC 9112 9.3: HTTP/1.0", OLD_GET + b"Connection: keep-alive\r\n\r\n"),
    ("old new", "RFC 9112 9.3: close", OLD_GET + b"Connection: keep-alive, close\r\n\r\n"),
    ("old", "RFC 9110 5.6.1", GET + b"Connection: , close\r\n\r\n"),
]


def section(data: bytes, parser: Parser) -> str | None:
    """Returns the reason that justifies a difference, None for equal results."""
    found = difference(data, parser)
    if found is None:
        return None
    why = reason(found)
    assert why is not None, (found.what, found.status, data)
    return why.section


@pytest.mark.parametrize(("differ", "beginning", "data"), TABLE)
def test_known_differences(differ: str, beginning: str, data: bytes) -> None:
    sections = {name: section(data, parser) for name, parser in PARSERS.items()}
    assert " ".join(name for name, found in sections.items() if found) == differ
    assert all(found is None or found.startswith(beginning) for found in sections.values())


def test_each_reason_has_a_known_difference() -> None:
    found = {section(data, parser) for _, _, data in TABLE for parser in PARSERS.values()}
    assert {each.section for each in REASONS} == found - {None}


@pytest.mark.parametrize("path", VALID + INVALID, ids=request_name)
def test_the_corpus(path: Path) -> None:
    """Alone, and between other requests."""
    _, data = read(path)
    for parser in PARSERS.values():
        section(data, parser)
        section(GET + END + data + GET + END, parser)


SHORT = 400
"""Mutated requests for each seed."""


@pytest.mark.parametrize("seed", range(4))
def test_mutations(seed: int) -> None:
    count(range(seed * SHORT, (seed + 1) * SHORT))


@pytest.mark.soak
@pytest.mark.timeout(1800)
def test_100_000_mutations(figure: Callable[[str], None]) -> None:
    found = count(range(10_000, 110_000))
    sums = {name: sum(found[key] for key in found if key[0] == name) for name in PARSERS}
    differ = ", ".join(f"{times:,} from {name}" for name, times in sums.items())
    figure(f"100,000 mutated requests: {differ}; each for one of {len(REASONS)} reasons")


def count(seeds: range) -> Counter[tuple[str, str]]:
    """Returns how often each reason applies to each parser, over one mutation for each seed."""
    found: Counter[tuple[str, str]] = Counter()
    for seed in seeds:
        data = mutated(random.Random(seed))
        for name, parser in PARSERS.items():
            if why := section(data, parser):
                found[name, why] += 1
    return found
