"""Counts in a file of the runtime directory, which all workers of the host map into their memory.

    header     "eggdrl1\\0", 16 random bytes, zeros up to 64 bytes
    buckets    8 entries each: 16 bytes of the key's hash, 8 bytes of its number (`gcra.py`)

The hash is keyed by the random bytes, so clients cannot choose keys that meet in one bucket. A
bucket is changed under a lock of one byte of the file (fcntl(2)), which the kernel releases when
its process dies, also by SIGKILL. It is kept for microseconds. A process that is stopped within
them delays each other process once, by 0.1 s; these then count without the lock of that bucket,
and may count too few requests, until the process continues or dies. A process that dies between
the two writes of an entry leaves the number of one key wrong, for one window at most.
"""

from __future__ import annotations

import fcntl
import hashlib
import mmap
import os
import struct
import time
from pathlib import Path

from eggd import EggError
from eggd.plugins.ratelimit.gcra import count
from eggd.plugins.ratelimit.stores import Counted

_MAGIC = b"eggdrl1\0"
_HEADER = 64
_SECRET = slice(8, 24)
_ENTRIES = 8
"""Entries of a bucket: all are read for each request."""
_HASH = 16
_ENTRY = struct.Struct(f"<{_HASH}sq")
_NUMBER = struct.Struct("<q")
_BUCKET = _ENTRIES * _ENTRY.size
_AT_ONCE = fcntl.LOCK_EX | fcntl.LOCK_NB
_KNOWN = 4096
"""Keys whose place is remembered: the clients of the last requests send the next ones, too."""
_PATIENCE = 100_000_000
"""Nanoseconds to wait for the lock of a bucket: more than the kernel suspends a busy process."""


class Table:
    """The counts of one host. Memory is limited: a new key replaces one that has used up least."""

    ticks = 1_000_000_000
    """Nanoseconds of CLOCK_MONOTONIC, which is one clock for all processes of a host."""

    def __init__(self, file: Path, keys: int) -> None:
        """Prepares a table for `keys` keys; call `open` before the first count."""
        self._file = file
        self._buckets = -(-keys // _ENTRIES)
        self._fd = -1
        # Set by `open`, as the descriptor.
        self._map: mmap.mmap
        self._secret: bytes
        # The buckets whose lock another process kept too long: they are not waited for again.
        self._stuck: set[int] = set()
        # By key: its hash and bucket; emptied when it is full.
        self._known: dict[str, tuple[bytes, int]] = {}

    def open(self) -> None:
        """Opens or creates the file, for this user alone, and its folder.

        Raises EggError for a path at which there is something else.
        """
        size = _HEADER + self._buckets * _BUCKET
        flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC
        try:
            self._file.parent.mkdir(mode=0o750, parents=True, exist_ok=True)
            self._fd = os.open(self._file, flags, 0o600)
            _prepare(self._fd, size)
            self._map = mmap.mmap(self._fd, size)
        except (OSError, ValueError) as exc:
            self.close()
            text = f"rate limits: {str(self._file)!r}: {exc}"
            raise EggError(text, hint="remove the file, and start again") from exc
        self._secret = self._map[_SECRET]

    def count(self, key: str, interval: int, window: int) -> Counted:
        """Counts one request of a key."""
        digest, bucket = self._known.get(key) or self._place(key)
        is_locked = self._try(bucket) or self._lock(bucket)
        try:
            now = time.monotonic_ns()
            place, full_at = self._find(_HEADER + bucket * _BUCKET, digest)
            full_at, wait = count(full_at, now, interval, window)
            if not wait:
                _ENTRY.pack_into(self._map, place, digest, full_at)
        finally:
            if is_locked:
                fcntl.lockf(self._fd, fcntl.LOCK_UN, 1, bucket)
        return full_at - now, wait

    def close(self) -> None:
        """Closes the file; the counts stay for the other workers."""
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1

    def _place(self, key: str) -> tuple[bytes, int]:
        """Returns hash and bucket of a key, and remembers them."""
        # A key may have a part of a surrogate pair, from JSON.
        text = key.encode(errors="surrogatepass")
        digest = hashlib.blake2b(text, digest_size=_HASH, key=self._secret).digest()
        if len(self._known) >= _KNOWN:
            self._known.clear()
        placed = self._known[key] = digest, int.from_bytes(digest[:8]) % self._buckets
        return placed

    def _find(self, start: int, digest: bytes) -> tuple[int, int]:
        """Returns the place of a key's entry and its number; for a new key the one to replace."""
        view = self._map[start : start + _BUCKET]
        at = view.find(digest)
        if at >= 0 and at % _ENTRY.size == 0:
            return start + at, _NUMBER.unpack_from(view, at + _HASH)[0]
        numbers = [number for _, number in _ENTRY.iter_unpack(view)]
        return start + numbers.index(min(numbers)) * _ENTRY.size, 0

    def _lock(self, bucket: int) -> bool:
        """Waits for the lock of a bucket; returns False if another process keeps it too long."""
        until = time.monotonic_ns() + _PATIENCE
        while bucket not in self._stuck:
            os.sched_yield()
            if self._try(bucket):
                return True
            if time.monotonic_ns() > until:
                self._stuck.add(bucket)
        return False

    def _try(self, bucket: int) -> bool:
        try:
            fcntl.lockf(self._fd, _AT_ONCE, 1, bucket)
        except OSError:
            return False
        if self._stuck:
            self._stuck.discard(bucket)
        return True


def _prepare(fd: int, size: int) -> None:
    """Writes the header of a new file; raises ValueError for another file."""
    fcntl.lockf(fd, fcntl.LOCK_EX, 1, size)
    try:
        present = os.fstat(fd).st_size
        if present == 0:
            os.ftruncate(fd, size)
            os.pwrite(fd, _MAGIC + os.urandom(16), 0)
        elif present != size or os.pread(fd, len(_MAGIC), 0) != _MAGIC:
            raise ValueError("is not a table of rate limits")
    finally:
        fcntl.lockf(fd, fcntl.LOCK_UN, 1, size)
