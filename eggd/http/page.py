"""The shared page of connection counts, by which workers share one accept queue fairly.

One 4-byte count per instance (0 to 999) in a small file mapped by every worker of a host. A slot
is live while its worker holds a lock on the slot's byte (fcntl(2), F_SETLK: the kernel drops it
when the process ends, however it ends), so a stale count is never compared with. A count is held
plus one: zero means that the slot is not in use.
"""

from __future__ import annotations

import fcntl
import mmap
import os
import struct
from pathlib import Path

from eggd.errors import BootError

_SLOTS = 1000
_SIZE = 4096
_FLOCK = "hhqqi0q"
"""struct flock of fcntl(2): type, whence, start, length, pid."""


class AcceptPage:
    """One worker's slot on the page, and its view of the others."""

    __slots__ = ("_fd", "_map", "_slot", "path")

    def __init__(self, path: Path, slot: int) -> None:
        """Open or create the page (0600) and take the slot of this instance.

        Raises BootError when the file cannot be had or another process holds the slot.
        """
        if not 0 <= slot < _SLOTS:
            raise BootError(f"no accept slot for instance {slot!r}", hint="use 0 to 999")
        self.path = path
        self._slot = slot
        try:
            self._fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        except OSError as exc:
            raise BootError(f"accept page {path}: {exc.strerror}") from exc
        try:
            # Growing only: cutting a file that others have mapped would kill them (SIGBUS).
            os.posix_fallocate(self._fd, 0, _SIZE)
            fcntl.lockf(self._fd, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, slot)
            self._map = mmap.mmap(self._fd, _SIZE)
        except OSError as exc:
            os.close(self._fd)
            raise BootError(f"accept page {path}, slot {slot}: {exc.strerror}") from exc
        self.set(0)

    def set(self, count: int) -> None:
        """Publish how many connections this worker has."""
        struct.pack_into("=I", self._map, 4 * self._slot, count + 1)

    def is_crowded(self) -> bool:
        """Tell whether this worker has more connections than the least busy live one."""
        held = self._map[: 4 * _SLOTS].rstrip(b"\0")
        counts = struct.unpack(f"={len(held) // 4 + 1}I", held + bytes(4 - len(held) % 4))
        own = counts[self._slot]
        return any(0 < count < own and self._is_live(slot) for slot, count in enumerate(counts))

    def close(self) -> None:
        """Give the slot back."""
        if self._map.closed:
            return
        struct.pack_into("=I", self._map, 4 * self._slot, 0)
        self._map.close()
        os.close(self._fd)

    def _is_live(self, slot: int) -> bool:
        question = struct.pack(_FLOCK, fcntl.F_WRLCK, os.SEEK_SET, slot, 1, 0)
        answer = fcntl.fcntl(self._fd, fcntl.F_GETLK, question)
        return bool(struct.unpack(_FLOCK, answer)[0] != fcntl.F_UNLCK)
