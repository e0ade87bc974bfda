"""The system calls of inotify(7), without a thread, by watchdog's binding to them."""

from __future__ import annotations

import errno
import os
import struct
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from watchdog.observers.inotify_c import (
    InotifyConstants,
    inotify_add_watch,
    inotify_init,
    inotify_rm_watch,
)

from eggd.libc import checked
from eggd.smallfile import read_small

MODIFY: int = InotifyConstants.IN_MODIFY
ATTRIB: int = InotifyConstants.IN_ATTRIB
OVERFLOW: int = InotifyConstants.IN_Q_OVERFLOW
IGNORED: int = InotifyConstants.IN_IGNORED
SELF: int = InotifyConstants.IN_DELETE_SELF | InotifyConstants.IN_MOVE_SELF
"""The watched file itself is deleted, renamed or replaced."""
NAMES: int = InotifyConstants.IN_MOVE | InotifyConstants.IN_CREATE | InotifyConstants.IN_DELETE
"""Entries of the watched directory come, vanish or are replaced."""
DONT_FOLLOW: int = InotifyConstants.IN_DONT_FOLLOW
ONLYDIR: int = InotifyConstants.IN_ONLYDIR
MASK_ADD: int = InotifyConstants.IN_MASK_ADD

WATCHES, INSTANCES = "fs.inotify.max_user_watches", "fs.inotify.max_user_instances"
QUEUE = "fs.inotify.max_queued_events"
_SYSCTLS = {errno.ENOSPC: WATCHES, errno.EMFILE: INSTANCES}
_HEAD = struct.Struct("iIII")
_PIECE, _MOST_PIECES = 1 << 16, 64


class Event(NamedTuple):
    """One event; `wd` is -1 if the queue has overflowed."""

    wd: int
    """The number of the watch."""
    mask: int
    """The bits of inotify(7)."""
    name: str
    """The name of the entry in the watched directory; empty for the watched file itself."""


class Inotify:
    """One inotify instance. Raises OSError beyond the limit of this user."""

    def __init__(self) -> None:
        self.fd = checked(inotify_init())
        """The descriptor, to wait for events; not inherited, does not block."""
        os.set_inheritable(self.fd, False)
        os.set_blocking(self.fd, False)

    def add(self, path: str, mask: int) -> int:
        """Returns the number of the watch of a file, whose mask gets these bits, too.

        Paths of the same file have the same number. Raises OSError.
        """
        return checked(inotify_add_watch(self.fd, os.fsencode(path), mask | MASK_ADD))

    def remove(self, wd: int) -> None:
        """Ends a watch, unless the kernel has ended it already."""
        inotify_rm_watch(self.fd, wd)

    def read(self) -> Iterator[Event]:
        """Yields the events that wait, or the first ones of many."""
        with suppress(BlockingIOError):
            for _ in range(_MOST_PIECES):
                yield from _events(os.read(self.fd, _PIECE))

    def close(self) -> None:
        """Ends all watches."""
        os.close(self.fd)


def limit_of(exc: OSError) -> str:
    """Returns the sysctl whose limit an error is about, or ""."""
    return _SYSCTLS.get(exc.errno or 0, "")


def value_of(sysctl: str) -> int:
    """Returns the value of a sysctl; 0 if it cannot be read."""
    try:
        return int(read_small(Path("/proc/sys", *sysctl.split(".")), 64))
    except (OSError, ValueError):
        return 0


def _events(data: bytes) -> Iterator[Event]:
    at = 0
    while at < len(data):
        wd, mask, _, length = _HEAD.unpack_from(data, at)
        at += _HEAD.size + length
        yield Event(wd, mask, os.fsdecode(data[at - length : at].rstrip(b"\0")))
