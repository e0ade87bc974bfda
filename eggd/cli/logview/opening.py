"""Opens a log file, compressed or not, also if it was renamed or compressed since it was listed."""

from __future__ import annotations

import gzip
import io
import os
import zlib
from pathlib import Path
from typing import Self

from eggd.cli.logview.folder import LogPath
from eggd.cli.logview.unreadable import unreadable
from eggd.errors import EggError
from eggd.plugins.logrotator.rotated_name import PACKED

LONGEST = 1 << 20
"""Bytes of a line; the rest of a longer one is another line."""


class File:
    """An open log file; a context manager. Its methods raise EggError for a damaged file."""

    def __init__(self, path: Path, stream: io.BufferedIOBase, inode: int) -> None:
        self._path = path
        self._stream = stream
        self.inode = inode
        """The inode of the file on the disk; 0 for a compressed one."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def close(self) -> None:
        """Closes the file."""
        self._stream.close()

    def skip_to(self, start: int) -> int:
        """Goes to the first line that begins at `start` or later; returns its place in bytes."""
        if start:
            self._stream.seek(start - 1)
            self.readline()
            return self._stream.tell()
        return 0

    def readline(self) -> bytes:
        """Returns the next line with its line break; of a longer one the first `LONGEST` bytes."""
        try:
            return self._stream.readline(LONGEST)
        except (EOFError, gzip.BadGzipFile, zlib.error) as exc:
            raise _damaged(self._path, exc) from None
        except OSError as exc:
            raise EggError(f"cannot read {self._path}: {exc.strerror}") from exc
        except Exception as exc:
            # zstandard.ZstdError, whose module is imported for .zst alone.
            if type(exc).__module__.partition(".")[0] not in ("zstd", "zstandard"):
                raise
            raise _damaged(self._path, exc) from None


def opened(file: LogPath) -> File | None:
    """Returns the open file that was listed; None if it was removed meanwhile.

    A file that was renamed since is found by its inode, a compressed one by its name and time.
    Raises EggError if it cannot be opened.
    """
    for path in (file.path, *_compressed(file), *_renamed(file)):
        try:
            one = _open(path)
        except FileNotFoundError:
            continue
        except PermissionError:
            raise unreadable(path) from None
        except OSError as exc:
            raise EggError(f"cannot read {path}: {exc.strerror}") from exc
        if path != file.path or one.inode in (0, file.inode) or not file.inode:
            return one
        one.close()
    return None


def _renamed(file: LogPath) -> list[Path]:
    with os.scandir(file.path.parent) as names:
        return [Path(each.path) for each in names if each.inode() == file.inode]


def _compressed(file: LogPath) -> list[Path]:
    """Returns the compressed file that has replaced this one: it has the same time."""
    if file.is_packed:
        return []
    paths = [file.path.with_name(file.path.name + end) for end in PACKED]
    return [path for path in paths if path.exists() and path.stat().st_mtime_ns == file.mtime_ns]


def _open(path: Path) -> File:
    if path.suffix == ".gz":
        return File(path, gzip.open(path), 0)
    if path.suffix == ".zst":
        return File(path, _open_zstd(path), 0)
    stream = os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC), "rb")
    return File(path, stream, os.fstat(stream.fileno()).st_ino)


def _open_zstd(path: Path) -> io.BufferedIOBase:
    try:
        import zstandard
    except ImportError:
        raise EggError(
            f"{path} needs the module zstandard", hint="apt install python3-zstandard"
        ) from None
    reader = zstandard.ZstdDecompressor().stream_reader(
        path.open("rb"), read_across_frames=True, closefd=True
    )
    return io.BufferedReader(reader)


def _damaged(path: Path, exc: Exception) -> EggError:
    return EggError(f"{path} is damaged: {exc}", hint="remove it, or repair it")
