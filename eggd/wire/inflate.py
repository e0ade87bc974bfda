"""Compressed bodies made plain, never beyond a limit (core:BODY-6; RFC 9110 section 8.4)."""

from __future__ import annotations

import zlib

ENCODINGS = ("gzip", "deflate")
"""The codings that are understood, as a 415 tells the client (RFC 9110 section 15.5.16)."""

_GZIP, _ZLIB, _RAW = 31, 15, -15


class TooMuchError(ValueError):
    """More came out than the limit allows; nothing beyond it was made."""


class CorruptError(ValueError):
    """The bytes are not what their coding says; the text says how."""


def inflate(data: bytes, coding: str, limit: int) -> bytes:
    """Return at most `limit` plain bytes of `data`; raise TooMuchError or CorruptError.

    `deflate` is taken with and without its zlib wrapper, as clients send both; gzip may have
    several members (RFC 1952 section 2.2). Costs memory of the limit, whatever the data claims.
    """
    if coding == "deflate":
        return _member(data, _ZLIB if _is_zlib(data) else _RAW, limit)[0]
    parts = []
    while True:
        part, data = _member(data, _GZIP, limit)
        parts.append(part)
        limit -= len(part)
        if not data:
            return b"".join(parts)


def _member(data: bytes, window: int, limit: int) -> tuple[bytes, bytes]:
    """Return what one compressed stream holds, and the bytes behind it."""
    stream = zlib.decompressobj(window)
    try:
        plain = stream.decompress(data, limit + 1)
    except zlib.error as exc:
        raise CorruptError(_reason(exc)) from exc
    if len(plain) > limit:
        raise TooMuchError(f"more than {limit} bytes")
    if not stream.eof:
        raise CorruptError("unexpected end of file")
    return plain, stream.unused_data


def _is_zlib(data: bytes) -> bool:
    """Tell by the two bytes of a zlib header (RFC 1950 section 2.2)."""
    return len(data) > 1 and data[0] & 15 == 8 and int.from_bytes(data[:2]) % 31 == 0


def _reason(exc: zlib.error) -> str:
    """Return zlib's own words: "Error -3 while decompressing data: incorrect header check"."""
    return str(exc).rpartition(": ")[2]
