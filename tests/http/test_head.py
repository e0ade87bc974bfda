"""Heads beyond the corpus: the error messages, the hot path, and the cost of a hostile head."""

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
def test_an_error_names_the_reason_and_the_place(data: bytes, message: str) -> None:
    assert head.match_usual(data) is None
    with pytest.raises(HttpError) as caught:
        head.read_unusual(data, 16384)
    assert caught.value.message == message


@pytest.mark.parametrize("data", [b"G", b"GET / HTTP/1.1\r", b"GET / HTTP/1.1\r\nHost: a\r\n\r"])
def test_an_incomplete_head_is_not_an_error(data: bytes) -> None:
    assert head.match_usual(data) is None
    assert head.read_unusual(data, 16384) is None


def test_absolute_form_keeps_the_bytes_after_the_head() -> None:
    data = b"GET http://b/p HTTP/1.1\r\nA: 1\r\n" + HOST + b"\r\nrest"
    result = head.read_unusual(data, 16384)
    assert result is not None
    assert result[0].string == b"GET /p HTTP/1.1\r\nHost: b\r\nA: 1\r\n\r\nrest"


USUAL = [
    (HOST, None),
    (b"Accept: x\r\n" + HOST + b"Connection: keep-alive\r\nTE: trailers\r\n", None),
    (b"host:a\r\ncontent-length: 12 \r\nCookie: z\r\n", b"12"),
    (b"Content-Type: x\r\nHost: a.b-c:65499\r\nX: y\r\nContent-Length: 0\r\n", b"0"),
]


@pytest.mark.parametrize(("fields", "length"), USUAL)
def test_the_usual_head(fields: bytes, length: bytes | None) -> None:
    match = head.match_usual(b"GET /a?b HTTP/1.1\r\n" + fields + b"\r\n")
    assert match is not None
    assert match.group(1, 2, 3, 4) == (b"GET", b"/a", b"b", b"1")
    assert match[5] == length


UNUSUAL = [
    (b"", 400),
    (HOST + HOST, 400),
    (HOST + b"hOST: b\r\n", 400),
    (HOST + b"Content-Length: 1\r\ncontent-length: 1\r\n", 400),
    (HOST + b"CONTENT-LENGTH: 1\r\nContent-Length: 2\r\n", 400),
    (HOST + b"Content-Length: 1\r\nTransfer-Encoding: chunked\r\n", 400),
    (HOST + b"transfer-encoding: gzip, chunked\r\n", 501),
]


@pytest.mark.parametrize(("fields", "status"), UNUSUAL)
def test_heads_that_the_hot_path_must_not_match(fields: bytes, status: int) -> None:
    data = b"POST / HTTP/1.1\r\n" + fields + b"\r\n"
    assert head.match_usual(data) is None
    with pytest.raises(HttpError) as caught:
        head.read_unusual(data, 16384)
    assert caught.value.status == status


def test_a_usual_head_is_also_valid_for_the_full_check() -> None:
    data = b"POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 7\r\n\r\n"
    usual, result = head.match_usual(data), head.read_unusual(data, 16384)
    assert usual is not None
    assert result is not None
    assert (result[0].group(1, 2, 3, 4), result[1]) == (usual.group(1, 2, 3, 4), 7)


SLOW = b"\r\nGET / HTTP/1.1\r\nHost: a\r\nA: b\r\n\r\n"


def test_a_head_byte_by_byte_is_decided_at_its_end() -> None:
    """Empty lines before it are decided at once, so that they do not count as a head."""
    decided = [end for end in range(1, len(SLOW) + 1) if head.is_decided(SLOW[:end], end - 1)]
    assert decided == [*range(2, len(SLOW) + 1)]
    rest = SLOW[2:]
    assert [end for end in range(len(rest) + 1) if head.is_decided(rest[:end], end - 1)] == [
        len(rest)
    ]


@pytest.mark.parametrize("bad", [b"A: b\n", b"A: \rb", b"A\0"])
def test_a_bad_byte_decides(bad: bytes) -> None:
    data = SLOW[2:27] + bad
    assert [end for end in range(len(data) + 1) if head.is_decided(data[:end], end - 1)] == [
        len(data)
    ]


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
def test_a_hostile_head_is_checked_in_linear_time(data: bytes) -> None:
    started = time.process_time()
    for _ in range(10):
        assert head.match_usual(data) is None
        with contextlib.suppress(HttpError):
            head.read_unusual(data, 16384)
    assert time.process_time() - started < 0.5
