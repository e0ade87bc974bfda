"""Range requests: the field in, parts of the content out (RFC 9110 section 14)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

MOST = 16
"""Ranges that one request may ask for; a field with more is ignored, as it costs more than the
whole content. Video players and readers of PDF ask for a few."""
_LONGEST = MOST * 42
"""Characters of the longest field that is read: two numbers of 19 digits for each range."""
_UNIT = re.compile(r"bytes=", re.IGNORECASE)
"""The name of the unit is case-insensitive (RFC 9110 section 14.1)."""
_RANGE = re.compile(r"[ \t]*(?:(\d{1,19})-(\d{0,19})|-(\d{1,19}))[ \t]*", re.ASCII)


class ByteRange(NamedTuple):
    """A part of some content."""

    start: int
    """The first byte."""
    end: int
    """One after the last byte."""


def byte_ranges(field: str, size: int) -> Sequence[ByteRange] | None:
    """Returns the parts that a Range asks for, None if it must be ignored.

    Ranges outside of the content are dropped, overlapping ones are joined: the parts are never
    longer than the content. Malformed fields, and those of more than `MOST` ranges, are ignored
    (section 14.2). Raises ValueError if no range is inside the content: 416.
    """
    unit = _UNIT.match(field)
    if unit is None or len(field) > _LONGEST:
        return None
    texts = [text for text in field[unit.end() :].split(",", MOST) if text.strip(" \t")]
    matches = [_RANGE.fullmatch(text) for text in texts]
    if not matches or len(matches) > MOST or not all(map(_is_valid, matches)):
        return None
    ranges = [_range(match, size) for match in matches if match is not None]
    inside = [each for each in ranges if each.start < each.end]
    if not inside:
        raise ValueError(f"{field} of {size} bytes")
    return inside if _are_apart(inside) else _joined(inside)


def _is_valid(match: re.Match[str] | None) -> bool:
    return match is not None and not (match[2] and int(match[2]) < int(match[1]))


def _range(match: re.Match[str], size: int) -> ByteRange:
    first, last, suffix = match.groups()
    if suffix:
        return ByteRange(max(size - int(suffix), 0), size)
    return ByteRange(int(first), min(int(last) + 1, size) if last else size)


def _are_apart(ranges: Sequence[ByteRange]) -> bool:
    ordered = sorted(ranges)
    return all(one.end <= other.start for one, other in pairwise(ordered))


def _joined(ranges: Sequence[ByteRange]) -> list[ByteRange]:
    """Returns the ranges in ascending order, each two that overlap as one."""
    joined: list[ByteRange] = []
    for each in sorted(ranges):
        if joined and each.start <= joined[-1].end:
            joined[-1] = ByteRange(joined[-1].start, max(joined[-1].end, each.end))
        else:
            joined.append(each)
    return joined


def part_head(part: ByteRange, size: int, kind: str, boundary: str) -> bytes:
    """Returns the lines in front of one part of `multipart/byteranges` (section 14.6)."""
    return (
        f"\r\n--{boundary}\r\nContent-Type: {kind}\r\n"
        f"Content-Range: bytes {part.start}-{part.end - 1}/{size}\r\n\r\n"
    ).encode("latin-1")


def parts_end(boundary: str) -> bytes:
    """Returns the line behind the last part."""
    return f"\r\n--{boundary}--\r\n".encode("latin-1")
