"""Passes large bodies as a sealed memfd beside the datagram (memfd_create(2), fcntl(2))."""

from __future__ import annotations

import fcntl
import os

SEALS = fcntl.F_SEAL_SEAL | fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW | fcntl.F_SEAL_WRITE


class BadBodyError(Exception):
    """Raised when a received descriptor is not a sealed memfd of the announced size."""


def seal(body: bytes) -> int:
    """Returns a new memfd that holds `body` and can no longer change; raises OSError."""
    fd = os.memfd_create("eggd-message", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    try:
        _fill(fd, body)
        fcntl.fcntl(fd, fcntl.F_ADD_SEALS, SEALS)
    except OSError:
        os.close(fd)
        raise
    return fd


def read(fd: int, size: int, cap: int) -> bytes:
    """Returns the body; raises BadBodyError unless sealed, of `size` bytes, at most `cap`."""
    if size > cap:
        raise BadBodyError(f"{size} bytes exceed the limit of {cap}")
    if _seals(fd) & SEALS != SEALS:
        raise BadBodyError("the descriptor is not a sealed memfd")
    actual = os.fstat(fd).st_size
    if actual != size:
        raise BadBodyError(f"the memfd has {actual} bytes, not {size}")
    return _take(fd, size)


def _fill(fd: int, body: bytes) -> None:
    view = memoryview(body)
    while view:
        view = view[os.write(fd, view) :]


def _seals(fd: int) -> int:
    try:
        return fcntl.fcntl(fd, fcntl.F_GET_SEALS)
    except OSError:  # EINVAL: a kind of file that cannot be sealed
        return 0


def _take(fd: int, size: int) -> bytes:
    body = bytearray(size)
    view, at = memoryview(body), 0
    while at < size:
        count = os.preadv(fd, [view[at:]], at)
        if not count:
            raise BadBodyError(f"the memfd ends after {at} bytes")
        at += count
    return bytes(body)
