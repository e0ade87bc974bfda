"""Notices files that are removed, renamed or replaced: inotify(7), without a thread.

Watches only the files themselves, not other entries of their directory, so that nothing wakes up
without a reason.
"""

from __future__ import annotations

import asyncio
import ctypes
import os
import struct
from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path

from eggd.libc import checked

_ATTRIB, _DELETE_SELF, _MOVE_SELF = 0x4, 0x400, 0x800
_DONT_FOLLOW, _IGNORED = 0x2000000, 0x8000
_HEAD = struct.Struct("iIII")
_PIECE = 1 << 14

_libc = ctypes.CDLL(None, use_errno=True)


class Inotify:
    """Calls `changed` whenever one of the watched files changes; on the running loop.

    Raises OSError if the kernel has no instance left (fs.inotify.max_user_instances).
    """

    def __init__(self, changed: Callable[[], None]) -> None:
        self._changed = changed
        self._watches: list[int] = []
        self._fd = checked(_libc.inotify_init1(os.O_CLOEXEC | os.O_NONBLOCK))
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(self._fd, self._read)

    def watch(self, paths: Iterable[Path]) -> None:
        """Watches these files instead of the previous ones; skips a file that does not exist."""
        for each in self._watches:
            _libc.inotify_rm_watch(self._fd, each)
        self._watches = []
        for path in paths:
            # A directory's attributes change with each subdirectory.
            mask = _DELETE_SELF | _MOVE_SELF | _DONT_FOLLOW | (0 if path.is_dir() else _ATTRIB)
            with suppress(OSError):
                number = _libc.inotify_add_watch(self._fd, os.fsencode(path), mask)
                self._watches.append(checked(number))

    def close(self) -> None:
        """Stops watching."""
        self._loop.remove_reader(self._fd)
        os.close(self._fd)

    def _read(self) -> None:
        with suppress(BlockingIOError):
            if any(not mask & _IGNORED for mask in _masks(os.read(self._fd, _PIECE))):
                self._changed()


def _masks(events: bytes) -> Iterable[int]:
    at = 0
    while at < len(events):
        _, mask, _, length = _HEAD.unpack_from(events, at)
        yield mask
        at += _HEAD.size + length
