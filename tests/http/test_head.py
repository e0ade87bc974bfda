"""What the corpus cannot say: the messages, and that a hostile head costs little."""

from __future__ import annotations

import contextlib
import time

import pytest

from eggd.errors import HttpError
from eggd.http import head

HOST = b"Host: a\r\n"
WHY = [
    (b"GET / HTTP/1.1\r\nHost : a\r\n\r\n", "bad header line b'Host : a'"),
    (b"GET / HTTP/1.1\r\nX: a\nb\r\n\r\n", "byte b'\\n' in the head"),
    (b"GET /\xe9 HTTP/1.1\r\n\r\n", "bad request line b'GET /\\xe9 HTTP/1.1'"),
    (b"GET x HTTP/1.1\r\n\r\n", "bad target in b'GET x HTTP/1.1'"),
    (b"GET / HTTP/3.0\r\n\r\n", "HTTP version 3.0"),
    (b"GET http://a@b/ HTTP/1.1\r\nHost: b\r\n\r\n", "bad authority b'a@b' in the target"),
    (b"GET / HTTP/1.1\r\n" + b"X: y\r\n" * 101 + b"\r\n", "more than 100 headers"),
]


@pytest.mark.parametrize(("data", "message"), WHY)
def test_a_refusal_says_what_and_where(data: bytes, message: str) -> None:
    assert head.match_head(data) is None
    with pytest.raises(HttpError) as caught:
        head.other(data, 16384)
    assert caught.value.message == message


@pytest.mark.parametrize("data", [b"G", b"GET / HTTP/1.1\r", b"GET / HTTP/1.1\r\nHost: a\r\n\r"])
def test_an_incomplete_head_is_waited_for(data: bytes) -> None:
    assert head.match_head(data) is None
    assert head.other(data, 16384) is None


def test_what_was_seen_is_not_searched_again() -> None:
    data = b"GET / HTTP/1.1\r\nX: \n" + b"y" * 100
    assert head.other(data, 16384, seen=len(data) - 50) is None


def test_absolute_form_keeps_what_follows() -> None:
    data = b"GET http://b/p HTTP/1.1\r\nA: 1\r\n" + HOST + b"\r\nrest"
    match = head.other(data, 16384)
    assert match is not None
    assert match.string == b"GET /p HTTP/1.1\r\nHost: b\r\nA: 1\r\n\r\nrest"


def test_scan_finds_one_good_host_and_nothing_else() -> None:
    data = b"GET / HTTP/1.1\r\nA: b\r\n" + HOST + b"Hosts: c\r\n\r\n"
    match = head.match_head(data)
    assert match is not None
    assert head.scan(data, match.end(4), match.end()) == [(b"a", b"")]


HOSTILE = [
    b"GET / HTTP/1.1\r\n" + b"a" * 16000,
    b"GET / HTTP/1.1\r\n" + b"a:" * 8000 + b"\r\n\n",
    b"GET / HTTP/1.1\r\n" + b"a:\r\n" * 4000 + b"\n",
    b"GET / HTTP/1.1\r\nHost:" + b" " * 16000 + b"\x01\r\n\r\n",
    b"GET /" + b"?" * 16000 + b" HTTP/1.1\n\r\n\r\n",
    b"http://" * 2000 + b"\r\n\r\n",
    b"GET http://" + b"a" * 16000 + b"#\r\n\r\n",
]


@pytest.mark.parametrize("data", HOSTILE)
def test_a_hostile_head_is_linear(data: bytes) -> None:
    started = time.process_time()
    for _ in range(10):
        assert head.match_head(data) is None
        with contextlib.suppress(HttpError):
            head.other(data, 16384)
        head.scan(data)
    assert time.process_time() - started < 0.5
