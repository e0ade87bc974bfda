"""A request with the header fields of the one before it on its connection is read as if it were the
first one, whatever its request line and its body are."""

from __future__ import annotations

import random

import pytest

from eggd.http.config import HttpConfig
from eggd.http.input import Input
from tests.http.oracles import INCOMPLETE, Reading, eggd
from tests.http.test_corpus import VALID, read
from tests.http.test_mutations import mutated

LINES = [
    b"GET / HTTP/1.1",
    b"GET /a?b=c HTTP/1.1",
    b"GET /a? HTTP/1.1",
    b"GET /%41/../b HTTP/1.1",
    b"HEAD / HTTP/1.1",
    b"POST / HTTP/1.1",
    b"OPTIONS * HTTP/1.1",
    b"REPORT / HTTP/1.1",
    b"BREW / HTTP/1.1",
    b"GET / HTTP/1.0",
    b"GET / HTTP/1.2",
    b"GET / HTTP/2.0",
    b"GET  / HTTP/1.1",
    b"GET / HTTP/1.1 ",
    b"GET /\x00 HTTP/1.1",
    b"GET /\xe9 HTTP/1.1",
    b"GET http://b/ HTTP/1.1",
    b"CONNECT a:1 HTTP/1.1",
    b"get / HTTP/1.1",
    b"GET /" + b"a" * 17_000 + b" HTTP/1.1",
    b"\r\nGET / HTTP/1.1",
    b"",
]
HOST = b"\r\nHost: a\r\n\r\n"


def alike(first: bytes, second: bytes) -> bool:
    """Compares the second alone with the second after the first; returns whether the first lets
    more requests follow."""
    before, alone = eggd(first), eggd(second)
    if before.end != INCOMPLETE or before.ends[-1:] != [len(first)]:
        return False
    after = eggd(first + second)
    assert after.requests == before.requests + alone.requests, (first, second)
    assert (after.end, after.error) == (alone.end, alone.error), (first, second)
    return True


@pytest.mark.parametrize("line", LINES, ids=lambda line: repr(line[:30]))
def test_another_request_line(line: bytes) -> None:
    assert alike(b"GET / HTTP/1.1" + HOST, line + HOST)


@pytest.mark.parametrize(
    "fields",
    [
        b"Host: a\r\nContent-Length: 3\r\n\r\nabc",
        b"Host: a\r\nContent-Length: 0\r\n\r\n",
        b"Content-Length: 3\r\nHost: a\r\n\r\nabc",
        b"Host: [::1]:7001\r\n\r\n",
        b"Host: a\r\nConnection: keep-alive, te\r\nTE: trailers\r\n\r\n",
        b"Host: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n",
        b"Host: a\r\nConnection: keep-alive\r\n\r\n",
        b"Host: a\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n",
        b"Host: a\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\nabc",
        b"Host: a\r\nCookie: " + b"c" * 3000 + b"\r\n\r\n",
        b"Host: a\r\nX: " + b"c" * 2000 + b"\r\n\r\n",
    ],
    ids=lambda fields: repr(fields[:50]),
)
@pytest.mark.parametrize("line", LINES, ids=lambda line: repr(line[:30]))
def test_fields_that_are_repeated(line: bytes, fields: bytes) -> None:
    first = b"POST /x HTTP/1.1\r\n" + fields
    assert alike(first, line + b"\r\n" + fields)
    assert alike(first + first, line + b"\r\n" + fields)
    # The unusual line is the first one; some of them are the last of their connection.
    alike(line + b"\r\n" + fields, first)


@pytest.mark.parametrize(
    ("second", "status"),
    [
        (b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nab", None),
        (b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r", None),
        (b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3", None),
        (b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\nabcd", 200),
        (b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nX: y\r\n\r\nabc", 200),
        (b"POST / HTTP/1.1\r\nHost: b\r\nContent-Length: 3\r\n\r\nabc", 200),
        (b"POST / HTTP/1.1\nHost: a\r\nContent-Length: 3\r\n\r\nabc", 400),
    ],
)
def test_fields_that_are_almost_repeated(second: bytes, status: int | None) -> None:
    assert alike(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc", second)
    found = eggd(second)
    assert bool(found.requests) == (status == 200)
    assert bool(found.error) == (status == 400)


def repeated_after_each_request_of_the_corpus(rng: random.Random, data: bytes) -> int:
    _, _, fields = data.partition(b"\r\n")
    other = rng.choice(LINES) + b"\r\n" + fields
    at = rng.randrange(len(other) + 1)
    mutants = [data, other, other[:at], other[:at] + rng.randbytes(1) + other[at:]]
    return sum(alike(data, each) for each in mutants)


@pytest.mark.parametrize("seed", range(4))
def test_repeated_after_mutated_requests(seed: int) -> None:
    rng = random.Random(seed)
    samples = [read(path)[1] for path in VALID] + [mutated(rng) for _ in range(400)]
    counts = [repeated_after_each_request_of_the_corpus(rng, data) for data in samples]
    assert sum(counts) > 100


def test_headers_are_read_once() -> None:
    incoming = Input(HttpConfig(), (), lambda: None)
    assert incoming.request(b"GET /a HTTP/1.1" + HOST) is not None
    assert incoming.headers is None  # they are in the head
    assert incoming.request(b"GET /b HTTP/1.1" + HOST) is not None
    headers = incoming.headers
    assert incoming.request(b"GET /c HTTP/1.1" + HOST) is not None
    assert headers is not None
    assert incoming.headers is headers
    assert headers.get("host") == "a"
    assert incoming.request(b"GET /c HTTP/1.1\r\nHost: b\r\n\r\n") is not None
    assert incoming.headers is None


def test_headers_with_the_length_before_the_host_are_read_once() -> None:
    """So do some clients, such as wrk, which sends the fields of a script in any order."""
    incoming = Input(HttpConfig(), (), lambda: None)
    request = b"POST /a HTTP/1.1\r\nContent-Length: 3\r\nHost: a\r\n\r\nabc"
    for _ in range(2):
        assert incoming.request(request) is not None
        assert incoming.content == b"abc"
    assert incoming.headers is not None


def test_an_empty_reading_is_alike() -> None:
    assert eggd(b"") == Reading()
