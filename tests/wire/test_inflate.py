"""Compressed bodies, whole, broken and hostile (core:BODY-6)."""

import gzip
import zlib

import pytest

from eggd.wire.inflate import CorruptError, TooMuchError, inflate

TEXT = b'{"a":1}' * 100


def raw(data: bytes) -> bytes:
    stream = zlib.compressobj(wbits=-15)
    return stream.compress(data) + stream.flush()


@pytest.mark.parametrize(
    ("coding", "data"),
    [
        ("gzip", gzip.compress(TEXT, mtime=0)),
        ("gzip", gzip.compress(TEXT[:99], mtime=0) + gzip.compress(TEXT[99:], mtime=0)),
        ("deflate", zlib.compress(TEXT)),
        ("deflate", raw(TEXT)),
    ],
)
def test_compressed_bodies_are_inflated(coding: str, data: bytes) -> None:
    # core:BODY-6
    assert inflate(data, coding, len(TEXT)) == TEXT


@pytest.mark.parametrize(
    ("coding", "data", "reason"),
    [
        ("gzip", gzip.compress(TEXT, mtime=0)[:-9], "unexpected end of file"),
        ("gzip", b"", "unexpected end of file"),
        ("gzip", b"no gzip at all", "incorrect header check"),
        ("gzip", gzip.compress(TEXT, mtime=0) + b"rest", "incorrect header check"),
        ("deflate", zlib.compress(TEXT)[:-5], "unexpected end of file"),
        ("deflate", b"\xff\xff\xff", "invalid block type"),
    ],
)
def test_a_malformed_body_names_the_reason(coding: str, data: bytes, reason: str) -> None:
    # core:BODY-6
    with pytest.raises(CorruptError, match=reason):
        inflate(data, coding, 10_000)


@pytest.mark.parametrize("coding", ["gzip", "deflate"])
def test_a_bomb_is_not_set_off(coding: str) -> None:
    """The limit holds for what comes out (core:BODY-3, BODY-6)."""
    zeros = bytes(100_000_000)
    bomb = gzip.compress(zeros, 1) if coding == "gzip" else zlib.compress(zeros, 1)
    with pytest.raises(TooMuchError):
        inflate(bomb, coding, 1 << 20)


def test_many_small_members_share_the_limit() -> None:
    with pytest.raises(TooMuchError):
        inflate(gzip.compress(b"x" * 100) * 11, "gzip", 1000)
