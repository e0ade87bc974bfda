"""The shared page of connection counts, by which workers share one accept queue fairly.

One 4-byte word per instance (0 to 999) in a small file mapped by every worker of a host, and one
more for the number of slots ever used. A slot is live while its worker holds a lock on the slot's
byte (fcntl(2), F_SETLK: the kernel drops it when the process ends), so the count of a dead worker
is ignored.

The lower bits of a word are the count plus one (zero: the slot is not in use), the upper bits a
number that increases whenever the worker checks the queue. A worker that does not check, though
others leave connections to it, is stopped or hangs: it is skipped until its word changes.
"""

from __future__ import annotations

import fcntl
import mmap
import os
import struct
from pathlib import Path

from eggd.errors import ArgumentError, FileError

_SLOTS = 1000
_SIZE = 4096
_COUNT_BITS = 20
_COUNT = (1 << _COUNT_BITS) - 1
_BEATS = 1 << (32 - _COUNT_BITS)
_SLACK = 8
"""A worker yields only to a worker that has fewer connections by more than one in eight: so of
thousands of connections that arrive together each worker accepts dozens at a time."""
_FLOCK = "hhqqi0q"
"""The struct flock of fcntl(2): type, whence, start, length, pid."""


class AcceptPage:
    """One worker's slot on the page, and its view of the others."""

    __slots__ = ("_beat", "_count", "_fd", "_map", "_skipped", "_slot", "_words", "path")

    def __init__(self, path: Path, slot: int) -> None:
        """Opens or creates the page (0600) and takes the slot of this instance.

        Raises FileError when the file cannot be opened or another process holds the slot.
        """
        if not 0 <= slot < _SLOTS:
            raise ArgumentError(f"no accept slot for instance {slot!r}", hint="use 0 to 999")
        self.path = path
        self._slot = slot
        # The upper bits of the own word.
        self._beat = 0
        # Slots of unresponsive workers, with the word that each had when it was skipped.
        self._skipped: dict[int, int] = {}
        try:
            self._fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        except OSError as exc:
            raise FileError(f"accept page {path}: {exc.strerror}") from exc
        try:
            # Growing only: cutting a file that others have mapped would kill them (SIGBUS).
            os.posix_fallocate(self._fd, 0, _SIZE)
            fcntl.lockf(self._fd, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, slot)
            self._map = mmap.mmap(self._fd, _SIZE)
            self._words = memoryview(self._map).cast("I")
            self._reach(slot + 1)
        except OSError as exc:
            os.close(self._fd)
            raise FileError(f"accept page {path}, slot {slot}: {exc.strerror}") from exc
        self.set(0)

    def set(self, count: int) -> None:
        """Publishes the number of connections of this worker."""
        self._count = count
        self.show()

    def show(self) -> None:
        """Shows the other workers that this one checks the queue."""
        self._beat = (self._beat + 1) % _BEATS
        self._words[self._slot] = self._beat << _COUNT_BITS | self._count + 1

    def hide(self) -> None:
        """Makes the other workers ignore this one until `show` or `set`."""
        self._words[self._slot] = 0

    def less_busy(self) -> dict[int, int]:
        """Returns slots and words of the live workers with fewer connections than this one."""
        most = self._count
        return {
            slot: word
            for slot, word in enumerate(self._words[: self._words[_SLOTS]])
            if word and _is_less(word, most) and self._is_live(slot, word)
        }

    def skip(self, workers: dict[int, int]) -> None:
        """Skips these workers (from `less_busy`) until their words change."""
        self._skipped |= workers

    def close(self) -> None:
        """Frees the slot."""
        if self._map.closed:
            return
        self.hide()
        self._words.release()
        self._map.close()
        os.close(self._fd)

    def _reach(self, slots: int) -> None:
        """Makes all workers read at least this many slots."""
        fcntl.lockf(self._fd, fcntl.LOCK_EX, 1, _SLOTS)
        self._words[_SLOTS] = max(slots, self._words[_SLOTS])
        fcntl.lockf(self._fd, fcntl.LOCK_UN, 1, _SLOTS)

    def _is_live(self, slot: int, word: int) -> bool:
        if self._skipped.get(slot) == word:
            return False
        question = struct.pack(_FLOCK, fcntl.F_WRLCK, os.SEEK_SET, slot, 1, 0)
        answer = fcntl.fcntl(self._fd, fcntl.F_GETLK, question)
        return bool(struct.unpack(_FLOCK, answer)[0] != fcntl.F_UNLCK)


def _is_less(word: int, count: int) -> bool:
    other = (word & _COUNT) - 1
    return other + other // _SLACK < count
