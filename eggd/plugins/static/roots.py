"""Opens files of a folder, and of nothing else.

The file of a name is known only once it is open: a check of the path before would be a race. So
a name is opened by O_PATH, which neither reads, nor blocks, nor touches a device (open(2)). If that
is a regular file below the folder, symbolic links resolved, this very file is opened for reading.
"""

from __future__ import annotations

import errno
import math
import os
import stat
from collections.abc import Iterator
from io import FileIO
from pathlib import Path

from eggd.plugins.static.names import is_visible

_ABSENT = frozenset(
    (
        *(errno.ENOENT, errno.ENOTDIR, errno.ENAMETOOLONG, errno.ELOOP, errno.EINVAL),
        *(errno.ENXIO, errno.ENODEV, errno.EILSEQ, errno.ESTALE),
    )
)
"""The errno values of names without a file; other errors are the server's own."""


class RefusedError(Exception):
    """Raised for a file that exists, but is not served; the reason is its text."""


class Root:
    """One folder."""

    def __init__(self, path: Path) -> None:
        """Takes the folder's absolute path, and resolves its symbolic links now."""
        self.path = path
        root = os.fsencode(os.path.realpath(path))
        self._below = root if root.endswith(b"/") else root + b"/"

    def open(self, name: bytes) -> FileIO | None:
        """Returns the regular file of that name, open for reading; None without one.

        Raises RefusedError for a file that leads out of the folder, or may not be read, and OSError
        if the disk or the process cannot open one now.
        """
        try:
            handle = os.open(self._below + name, os.O_PATH | os.O_CLOEXEC)
        except ValueError:
            return None
        except OSError as exc:
            _raise_unless_absent(exc)
            return None
        try:
            return self._reopen(handle) if self._is_served(handle) else None
        finally:
            os.close(handle)

    def age(self, name: bytes) -> float:
        """Returns the seconds since the epoch of a file's last change; minus infinity without it.

        Raises as `open` does.
        """
        file = self.open(name)
        if file is None:
            return -math.inf
        with file:
            return os.fstat(file.fileno()).st_mtime

    def names(self) -> Iterator[bytes]:
        """Yields the names of all files that can be served, in order; links to folders are not
        followed."""
        for folder, folders, files in os.walk(self._below):
            below = os.path.relpath(folder, self._below)
            start = b"" if below == b"." else below + b"/"
            folders[:] = sorted(each for each in folders if is_visible(start + each))
            yield from (start + each for each in sorted(files) if is_visible(start + each))

    def real_name(self, file: FileIO) -> bytes | None:
        """Returns the name of an open file of this folder, symbolic links resolved.

        None for a file that was replaced, moved out or removed after it was opened. The kernel
        appends " (deleted)" to its name then, which may also be the end of a name (proc(5)).
        """
        path = os.readlink(b"/proc/self/fd/%d" % file.fileno())
        if not path.startswith(self._below) or not _is_at(path, file):
            return None
        return path.removeprefix(self._below)

    def _is_served(self, handle: int) -> bool:
        """Returns whether an open name is a regular file; raises RefusedError for one outside."""
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            return False
        if not os.readlink(b"/proc/self/fd/%d" % handle).startswith(self._below):
            raise RefusedError("leads out of the folder")
        return True

    def _reopen(self, handle: int) -> FileIO | None:
        path = b"/proc/self/fd/%d" % handle
        try:
            descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
        except OSError as exc:
            _raise_unless_absent(exc)
            return None
        return open(descriptor, "rb", buffering=0)


def _is_at(path: bytes, file: FileIO) -> bool:
    try:
        return os.path.samestat(os.lstat(path), os.fstat(file.fileno()))
    except OSError:
        return False


def _raise_unless_absent(exc: OSError) -> None:
    if exc.errno in (errno.EACCES, errno.EPERM):
        raise RefusedError(os.strerror(exc.errno)) from exc
    if exc.errno not in _ABSENT:
        raise exc
