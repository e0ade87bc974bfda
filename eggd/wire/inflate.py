"""Decompression of bodies, never beyond a limit (core:BODY-6; RFC 9110 section 8.4)."""

from __future__ import annotations

import zlib

ENCODINGS = ("gzip", "deflate")
"""The supported codings, as a 415 names them (RFC 9110 section 15.5.16)."""

MAX_MEMBERS = 1000
"""Members of one gzip body; block-wise compressors write 64 KiB or more into each."""

_ALIASES = {"x-gzip": "gzip"}
_GZIP, _ZLIB, _RAW = 31, 15, -15
_FIRST_SLICE = 1024


class TooMuchError(ValueError):
    """The body is larger than the limit; nothing beyond the limit was decompressed."""


class CorruptError(ValueError):
    """The bytes do not match their coding; the text names the fault."""


def coding_of(field: str) -> str:
    """Returns the coding of a Content-Encoding field by its usual name; "" for no coding.

    `x-gzip` is gzip (RFC 9110 section 8.4.1.3).
    """
    name = field.strip().lower()
    return "" if name == "identity" else _ALIASES.get(name, name)


def inflate(data: bytes, coding: str, limit: int) -> bytes:
    """Returns at most `limit` plain bytes of `data`; raises TooMuchError or CorruptError.

    `deflate` is accepted with and without its zlib wrapper, as clients send both; gzip may have
    up to `MAX_MEMBERS` members (RFC 1952 section 2.2). Memory use is bounded by the limit,
    whatever size the data claims.
    """
    view = memoryview(data)
    if coding == "deflate":
        return _member(view, _ZLIB if _is_zlib(data) else _RAW, limit)[0]
    parts = []
    for _ in range(MAX_MEMBERS):
        part, view = _member(view, _GZIP, limit)
        parts.append(part)
        limit -= len(part)
        if not view:
            return b"".join(parts)
    raise TooMuchError(f"more than {MAX_MEMBERS} members")


def _member(view: memoryview, window: int, limit: int) -> tuple[bytes, memoryview]:
    """Returns the plain bytes of one compressed stream, and the bytes after it.

    zlib copies unused input. The slices begin small and double, so that the copies are never
    longer than twice the stream.
    """
    stream = zlib.decompressobj(window)
    parts: list[bytes] = []
    size = _FIRST_SLICE
    while view and not stream.eof:
        given, view = view[:size], view[size:]
        parts.append(_decompress(stream, given, limit + 1))
        limit -= len(parts[-1])
        if limit < 0:
            raise TooMuchError("more than the limit")
        size *= 2
        if stream.unused_data:
            rest = len(stream.unused_data) + len(view)
            view = memoryview(view.obj)[-rest:]
    if not stream.eof:
        raise CorruptError("unexpected end of file")
    return b"".join(parts), view


def _decompress(stream: zlib._Decompress, data: memoryview, limit: int) -> bytes:
    try:
        return stream.decompress(data, limit)
    except zlib.error as exc:
        raise CorruptError(_reason(exc)) from exc


def _is_zlib(data: bytes) -> bool:
    """Returns whether the data begins with a zlib header (RFC 1950 section 2.2)."""
    return len(data) > 1 and data[0] & 15 == 8 and int.from_bytes(data[:2]) % 31 == 0


def _reason(exc: zlib.error) -> str:
    """Returns zlib's message: "Error -3 while decompressing data: incorrect header check"."""
    return str(exc).rpartition(": ")[2]
