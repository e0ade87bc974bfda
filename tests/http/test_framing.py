"""The ends of bodies: fed whole, byte by byte, and followed by the next request."""

from __future__ import annotations

import pytest

from eggd.errors import HttpError
from eggd.http.framing import ChunkedFraming, Framing, LengthFraming

CHUNKED = [
    (b"0\r\n\r\n", b""),
    (b"5\r\nhello\r\n0\r\n\r\n", b"hello"),
    (b"1\r\na\r\n1\r\nb\r\n1\r\nc\r\n0\r\n\r\n", b"abc"),
    (b"5;x=y\r\n\r\n0\r\n\r\n0\r\nT: v\r\n\r\n", b"\r\n0\r\n"),
]
NEXT = b"GET / HTTP/1.1\r\n"


def run(framing: Framing, data: bytes, step: int) -> tuple[bytes, bytes]:
    """Feeds `data` in steps; returns the payload and the bytes after the end."""
    payload = b""
    for at in range(0, len(data), step):
        payload += framing.feed(data[at : at + step])
        if framing.done:
            return payload, framing.rest + data[at + step :]
    raise AssertionError("not done")


@pytest.mark.parametrize("step", [1, 2, 3, 1000])
@pytest.mark.parametrize(("data", "payload"), CHUNKED)
def test_chunked(data: bytes, payload: bytes, step: int) -> None:
    assert run(ChunkedFraming(), data + NEXT, step) == (payload, NEXT)


@pytest.mark.parametrize("step", [1, 4, 1000])
def test_length(step: int) -> None:
    assert run(LengthFraming(5), b"hello" + NEXT, step) == (b"hello", NEXT)


def test_length_counts_down() -> None:
    framing = LengthFraming(5)
    framing.feed(b"he")
    assert framing.remaining == 3
    assert not framing.done


def test_a_long_line_is_rejected_before_it_ends() -> None:
    with pytest.raises(HttpError) as caught:
        ChunkedFraming().feed(b"1;" + b"x" * 1100)
    assert caught.value.status == 431


def test_extensions_are_counted_over_the_whole_body() -> None:
    framing = ChunkedFraming()
    with pytest.raises(HttpError) as caught:
        framing.feed((b"1;" + b"x" * 90 + b"\r\na\r\n") * 100)
    assert caught.value.line == "more than 8192 bytes of trailers and extensions"


def test_many_small_chunks_are_read_in_linear_time() -> None:
    framing = ChunkedFraming()
    assert len(framing.feed(b"1\r\nx\r\n" * 40_000)) == 40_000
