"""The reader of responses: whole, byte by byte, and malformed ones."""

from __future__ import annotations

import pytest

from eggd.errors import HttpError
from eggd.testing.reader import ResponseReader

OK = b"HTTP/1.1 200 OK\r\n"
TABLE = [
    # method, the response, its status, its content
    ("GET", OK + b"Content-Length: 2\r\n\r\nhi", 200, b"hi"),
    ("GET", OK + b"Content-Length: 0\r\n\r\n", 200, b""),
    ("HEAD", OK + b"Content-Length: 2\r\n\r\n", 200, b""),
    ("GET", OK + b"Transfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n", 200, b"hi"),
    ("GET", b"HTTP/1.1 204 \r\n\r\n", 204, b""),
    ("GET", b"HTTP/1.1 304 Not Modified\r\n\r\n", 304, b""),
    ("GET", b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n", 101, b""),
    ("PUT", b"HTTP/1.1 100 Continue\r\n\r\n" + OK + b"Content-Length: 2\r\n\r\nhi", 200, b"hi"),
]


@pytest.mark.parametrize("step", [1, 7, 1000])
@pytest.mark.parametrize(("method", "data", "status", "content"), TABLE)
def test_responses(method: str, data: bytes, status: int, content: bytes, step: int) -> None:
    reader, read = ResponseReader(method), b""
    for at in range(0, len(data), step):
        assert not reader.complete
        read += reader.feed(data[at : at + step])
    assert (reader.complete, reader.status, read) == (True, status, content)
    assert reader.feed(b"more") == b""


def test_fields_keep_their_order_and_lose_their_blanks() -> None:
    reader = ResponseReader("HEAD")
    reader.feed(OK + b"Set-Cookie: a=\xe9\r\nA:\t \r\nSet-Cookie:b\r\n\r\n")
    assert reader.fields == [("Set-Cookie", "a=\xe9"), ("A", ""), ("Set-Cookie", "b")]


MALFORMED = [
    (b"HTTP/1.0 200 OK\r\n\r\n", "bad status line b'HTTP/1.0 200 OK\\r\\n'"),
    (OK + b"A: b\nC: d\r\n\r\n", "bad header line b'A: b\\nC: d\\r\\n'"),
    (OK + b"A: b\r\n\r\n", "neither Content-Length nor Transfer-Encoding: chunked"),
    (OK + b"Transfer-Encoding: chunked\r\n\r\nx\r\n", "bad chunk size line b'x\\r\\n'"),
]


@pytest.mark.parametrize(("data", "message"), MALFORMED)
def test_a_malformed_response_is_an_error(data: bytes, message: str) -> None:
    with pytest.raises(HttpError) as caught:
        ResponseReader("GET").feed(data)
    assert caught.value.message == message
