"""Names of files: out of raw paths, and with a hash of the content in them.

A name is bytes, relative to its folder: names on a disk need not be UTF-8. It has no segment that
is empty or begins with a dot, but for `.well-known` (RFC 8615) in front, and no backslash or NUL.
"""

from __future__ import annotations

import re
from urllib.parse import unquote_to_bytes

LONGEST = 4096 - 1
"""Bytes of the longest path that the kernel opens."""

_PLAIN = re.compile(rb"(?:[^./%\\\0][^/%\\\0]*/)*(?:[^./%\\\0][^/%\\\0]*)?")
"""A name that needs no decoding and no further check; a slash may be at its end."""
_MALFORMED = re.compile(rb"%(?![0-9A-Fa-f]{2})")
_ODD = re.compile(rb"[\\\x00-\x1f\x7f]")
_HASHED = re.compile(rb"(.*)\.([0-9a-f]{16})(\.[^./]+)?", re.DOTALL)


def name_of(path: bytes, start: int) -> bytes | None:
    """Returns the name in a raw path after its first `start` bytes; None for one not served.

    A name with a slash at its end, and an empty one, stand for a folder.
    """
    if len(path) > LONGEST:
        return None
    if _PLAIN.fullmatch(path, start):
        return path[start:]
    raw = path[start:]
    if _MALFORMED.search(raw):
        return None
    segments = [unquote_to_bytes(segment) for segment in raw.split(b"/")]
    name = b"/".join(segments)
    is_whole = name.count(b"/") == len(segments) - 1  # no slash was encoded
    return name if is_whole and is_visible(name.removesuffix(b"/")) else None


def is_visible(name: bytes) -> bool:
    """Returns whether a file or folder of that name may be served."""
    segments = name.split(b"/")
    if segments[0] == b".well-known":
        del segments[0]
    return not any(each[:1] in (b"", b".") or _ODD.search(each) for each in segments)


def hashed(name: bytes, digest: str) -> bytes:
    """Returns a name with a hash in front of its extension: `app.0123456789abcdef.css`."""
    folder, slash, base = name.rpartition(b"/")
    stem, dot, extension = base.rpartition(b".")
    if not dot:
        stem, extension = extension, b""
    return folder + slash + b".".join(filter(None, (stem, digest[:16].encode(), extension)))


def unhashed(name: bytes) -> tuple[bytes, str] | None:
    """Returns the name and the hash that `hashed` has joined; None for any other name."""
    match = _HASHED.fullmatch(name)
    if match is None or match[1].endswith((b"/", b".")) or not match[1]:
        return None
    return match[1] + (match[3] or b""), match[2].decode()
