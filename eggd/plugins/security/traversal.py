"""Paths that lead above the root (process:HDR-9)."""

from __future__ import annotations

from urllib.parse import unquote_to_bytes


def is_suspicious(path: bytes) -> bool:
    """Returns whether a raw path may lead above the root; most paths cannot."""
    return path.find(b"..") >= 0 or path.find(b"%") >= 0


def climbs(path: bytes) -> bool:
    """Returns whether the path, percent-decoded once, leads above the root."""
    depth = 0
    for segment in unquote_to_bytes(path).replace(b"\\", b"/").split(b"/"):
        if segment == b"..":
            depth -= 1
            if depth < 0:
                return True
        elif segment not in (b"", b"."):
            depth += 1
    return False
