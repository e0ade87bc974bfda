"""Pid file and lock of a suite: two files in its runtime directory while its supervisor lives.

    eggd.lock    0600, locked by the kernel (an open file description lock, fcntl(2))
    eggd.pid     0644
        4711                    the supervisor's pid, alone on the first line
        egg-server-shop         the suite's title
        /srv/current            the app's folder as it was given

So files left by a killed process are ignored. The lock is a separate file that other users cannot
open, since a read lock would be enough to keep a suite from starting.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import stat
import struct
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from eggd.errors import FileError, RunningError
from eggd.supervisor import rundir

FILE = "eggd.pid"
"""Its name in the runtime directory."""
LOCK = "eggd.lock"
"""The name of the file that is locked."""

_FLOCK = "hhqqi0q"
_FLAGS = os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """A running suite."""

    pid: int
    """The pid of its supervisor."""
    title: str
    """Its name (`--title`)."""
    given: Path
    """The app's folder as it was given, absolute; perhaps a link."""
    run: Path
    """Its runtime directory."""
    uid: int
    """The user id of its supervisor."""


class PidFile:
    """Locked from `lock` to `close`, also by forked processes."""

    name = "the pid file"

    def __init__(self, run: Path) -> None:
        self.run = run
        self.path = run / FILE
        self.fd = -1
        self._text = b""

    def lock(self) -> None:
        """Takes the lock; raises RunningError with the name of the suite that holds it."""
        try:
            rundir.secure(self.run)
            self.fd = _locked(self.run / LOCK)
        except BlockingIOError:
            raise _taken(self.run) from None
        except OSError as exc:
            raise FileError(f"{exc.filename or self.path}: {exc.strerror}") from exc

    def write(self, title: str, given: Path) -> None:
        """Writes the files for this process; raises FileError on failure."""
        self._text = os.fsencode(f"{os.getpid()}\n{title}\n{given}\n")
        try:
            self.restore()
        except OSError as exc:
            raise FileError(f"{exc.filename or self.path}: {exc.strerror}") from exc

    @property
    def paths(self) -> list[Path]:
        """Both files."""
        return [self.run / LOCK, self.path]

    @property
    def intact(self) -> bool:
        """Whether both files exist, and this process holds the lock."""
        return _is_open(self.run / LOCK, self.fd) and self.path.exists()

    def restore(self) -> None:
        """Creates both files, and their directory, again after they were removed.

        Raises OSError if they cannot be created, BlockingIOError if another suite has the lock.
        """
        rundir.secure_tree(self.run)
        if not _is_open(self.run / LOCK, self.fd):
            self.close()
            self.fd = _locked(self.run / LOCK)
        self._write()

    def close(self) -> None:
        """Gives up the lock."""
        if self.fd >= 0:
            os.close(self.fd)
            self.fd = -1

    def remove(self) -> None:
        """Removes the runtime directory and releases the lock (CL-12)."""
        shutil.rmtree(self.run, ignore_errors=True)
        self.close()

    def _write(self) -> None:
        with suppress(FileNotFoundError):
            self.path.unlink()
        flags = _FLAGS | os.O_WRONLY | os.O_CREAT | os.O_EXCL
        with os.fdopen(os.open(self.path, flags, 0o644), "wb") as file:
            os.fchmod(file.fileno(), 0o644)
            file.write(self._text)


def running(run: Path) -> Running | None:
    """Returns the suite that runs in a runtime directory; None without one."""
    try:
        uid = os.lstat(run).st_uid
        pid, title, given = _read(run / FILE, uid).split("\n")[:3]
        if not (title + given).isprintable() or not os.path.isabs(given):
            return None
        if not _is_of(int(pid), uid) or not _is_locked(run / LOCK):
            return None
        return Running(pid=int(pid), title=title, given=Path(given), run=run, uid=uid)
    except (OSError, ValueError, OverflowError):
        return None


def find(given: Path) -> Running | None:
    """Returns the suite of an app's folder, also by a link that now points elsewhere.

    Of several, prefers that of this user, then of the folder's owner, then of this exact path.
    """
    real = os.path.realpath(given)
    suites = [
        each for each in everywhere() if given == each.given or real == os.path.realpath(each.given)
    ]
    mine, owner = os.geteuid(), _owner(real)
    suites.sort(key=lambda each: (each.uid != mine, each.uid != owner, each.given != given))
    return suites[0] if suites else None


def everywhere() -> Iterator[Running]:
    """Yields the running suites of all users, those of this user first.

    A supervisor's working directory is its runtime directory, so this user's suites are found even
    if they were started with another XDG_RUNTIME_DIR.
    """
    seen: set[Path] = set()
    for run in (*rundir.everywhere(), *_working_directories()):
        suite = None if run in seen else running(run)
        seen.add(run)
        if suite is not None:
            yield suite


def _working_directories() -> Iterator[Path]:
    for name in filter(str.isdecimal, os.listdir("/proc")):
        with suppress(OSError):
            if os.stat(f"/proc/{name}").st_uid == os.geteuid():
                run = Path(os.readlink(f"/proc/{name}/cwd"))
                if (run / FILE).exists():
                    yield run


def _locked(path: Path) -> int:
    """Opens and locks a file; raises BlockingIOError if another process has the lock.

    Repeats while the suite that held the lock removes the file.
    """
    while True:
        fd = os.open(path, _FLAGS | os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.fcntl(fd, fcntl.F_OFD_SETLK, _lock(fcntl.F_WRLCK))
        except BaseException:
            os.close(fd)
            raise
        if _is_open(path, fd):
            return fd
        os.close(fd)


def _is_open(path: Path, fd: int) -> bool:
    """Whether the path leads to the open file."""
    try:
        return os.path.samestat(os.lstat(path), os.fstat(fd))
    except OSError:
        return False


def _is_locked(path: Path) -> bool:
    """Whether a running supervisor holds the lock; assumed for another user's lock."""
    try:
        fd = os.open(path, _FLAGS | os.O_RDONLY)
    except PermissionError:
        return True
    try:
        answer = fcntl.fcntl(fd, fcntl.F_OFD_GETLK, _lock(fcntl.F_WRLCK))
    finally:
        os.close(fd)
    kind: int = struct.unpack(_FLOCK, answer)[0]
    return kind != fcntl.F_UNLCK


def _owner(path: str) -> int:
    try:
        return os.stat(path).st_uid
    except OSError:
        return -1


def _read(path: Path, uid: int) -> str:
    """Returns the text of a small regular file of this user; raises OSError for any other."""
    fd = os.open(path, _FLAGS | os.O_RDONLY)
    try:
        about = os.fstat(fd)
        if not stat.S_ISREG(about.st_mode) or about.st_uid != uid:
            raise OSError(0, "is not a regular file of the suite's user", str(path))
        return os.fsdecode(os.read(fd, 4096))
    finally:
        os.close(fd)


def _is_of(pid: int, uid: int) -> bool:
    """Whether a process is this user's: one user's file must not make root kill another's
    process."""
    return pid > 0 and os.stat(f"/proc/{pid}").st_uid == uid


def _lock(kind: int) -> bytes:
    return struct.pack(_FLOCK, kind, os.SEEK_SET, 0, 0, 0)


def _taken(run: Path) -> RunningError:
    suite = running(run)
    return already(suite) if suite else RunningError(f"{run}: another eggd start is under way here")


def already(suite: Running) -> RunningError:
    """Returns the error for a folder whose suite is running."""
    return RunningError(
        f"{suite.given}: is already running as {suite.title} [{suite.pid}]",
        hint="run eggd stop or eggd reload",
    )
