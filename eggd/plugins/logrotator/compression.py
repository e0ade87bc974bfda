"""Compresses a renamed log file once no process writes to it any more (process:ROT-11)."""

from __future__ import annotations

import errno
import fcntl
import gzip
import os
import signal
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import BinaryIO, Protocol, cast

from eggd import ConfigError
from eggd.plugins.logrotator.rotated_name import PART

_CHUNK = 1 << 18
"""Bytes that are read at once: the thread sees a stop after as many."""


_QUIET = 60.0
"""Seconds since the last line after which a file is taken as left by all writers."""


class _Sink(Protocol):
    def write(self, data: bytes, /) -> object: ...


Pack = Callable[[BinaryIO], AbstractContextManager[_Sink]]
"""Opens a stream that writes what it is given, compressed, to a file."""


class Compressor:
    """Replaces files by compressed ones, named with `suffix`."""

    def __init__(self, suffix: str, is_stopped: Callable[[], bool]) -> None:
        """Takes ".gz" or ".zst". Raises ConfigError for .zst without python3-zstandard."""
        self.suffix = suffix
        self._pack = _gzip if suffix == ".gz" else _zstd()
        self._is_stopped = is_stopped

    def __call__(self, file: Path) -> Path | None:
        """Returns the compressed file; None, and leaves the plain one, while a process writes to
        it, or after a stop.

        The new file has the mode and the times of the old one, and is on the disk before that is
        removed. Raises OSError; the plain file is then still there. Call it in a thread.
        """
        target = file.with_name(file.name + self.suffix)
        part = target.with_name(target.name + PART)
        with file.open("rb") as source:
            if _is_written(source.fileno()):
                return None
            try:
                if not self._copy(source, part):
                    part.unlink()
                    return None
                part.rename(target)
            except OSError:
                part.unlink(missing_ok=True)
                raise
        file.unlink()
        return target

    def _copy(self, source: BinaryIO, part: Path) -> bool:
        status = os.fstat(source.fileno())
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC
        with open(os.open(part, flags, status.st_mode & 0o777), "wb") as target:
            with self._pack(target) as packed:
                while chunk := source.read(_CHUNK):
                    if self._is_stopped():
                        return False
                    packed.write(chunk)
            target.flush()
            os.utime(target.fileno(), ns=(status.st_atime_ns, status.st_mtime_ns))
            os.fsync(target.fileno())
        return True


def _is_written(descriptor: int) -> bool:
    """Returns whether a process may have the file open for writing: the kernel grants no lease
    (fcntl(2)). On a file system without leases no file is compressed before it has been left alone
    for a minute."""
    # Should a process open it just now: a signal that is ignored by default.
    fcntl.fcntl(descriptor, fcntl.F_SETSIG, signal.SIGURG)
    try:
        fcntl.fcntl(descriptor, fcntl.F_SETLEASE, fcntl.F_RDLCK)
        fcntl.fcntl(descriptor, fcntl.F_SETLEASE, fcntl.F_UNLCK)
    except OSError as exc:
        age = time.time() - os.fstat(descriptor).st_mtime
        return exc.errno == errno.EAGAIN or age < _QUIET
    return False


def _gzip(target: BinaryIO) -> AbstractContextManager[_Sink]:
    return gzip.GzipFile(filename="", fileobj=target, mode="wb", compresslevel=6)


def _zstd() -> Pack:
    try:
        import zstandard
    except ImportError:
        raise ConfigError(
            "logrotator.zstd needs the module zstandard", hint="apt install python3-zstandard"
        ) from None
    compressor = zstandard.ZstdCompressor()
    return lambda target: cast(
        "AbstractContextManager[_Sink]", compressor.stream_writer(target, closefd=False)
    )
