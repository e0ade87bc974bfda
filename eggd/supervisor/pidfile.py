"""Which suite runs where: `<app>/run/eggd.pid`, locked as long as its supervisor lives.

    4711                    the supervisor's pid, alone on the first line
    egg-server-shop         the suite's title
    /srv/current            the app's folder as it was given

The lock is the kernel's (an open file description lock, fcntl(2)), so the file of a process that
was killed means nothing, and asking never gets in anybody's way.
"""

from __future__ import annotations

import fcntl
import os
import struct
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from eggd.errors import BootError
from eggd.smallfile import open_own

FILE = "eggd.pid"
"""Its name in the runtime directory."""

_FLOCK = "hhqqi0q"


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """A suite that runs."""

    pid: int
    """Its supervisor."""
    title: str
    """What `--title` called it."""
    given: Path
    """The app's folder as it was given, absolute; perhaps a link."""
    run: Path
    """Its runtime directory."""


class PidFile:
    """Locked from `lock` to `close`; survives forks, ends with the last process that has it."""

    def __init__(self, run: Path) -> None:
        self.path = run / FILE
        self.fd = -1

    def lock(self) -> None:
        """Take the lock; raise BootError, naming who has it, where another suite runs here."""
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self.fd = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
            fcntl.fcntl(self.fd, fcntl.F_OFD_SETLK, _lock(fcntl.F_WRLCK))
        except BlockingIOError:
            self.close()
            raise _taken(self.path) from None
        except OSError as exc:
            raise BootError(f"{self.path}: {exc.strerror}") from exc

    def write(self, title: str, given: Path) -> None:
        """Write down this very process."""
        os.ftruncate(self.fd, 0)
        os.pwrite(self.fd, f"{os.getpid()}\n{title}\n{given}\n".encode(), 0)

    def close(self) -> None:
        """Give up the lock."""
        if self.fd >= 0:
            os.close(self.fd)
            self.fd = -1

    def remove(self) -> None:
        """Remove the file, which somebody may have done before, and give up the lock (CL-12)."""
        with suppress(OSError):
            self.path.unlink()
        self.close()


def running(run: Path) -> Running | None:
    """Return the suite whose runtime directory this is; None where none runs."""
    path = run / FILE
    try:
        with open_own(path) as file:
            free = struct.unpack(_FLOCK, fcntl.fcntl(file, fcntl.F_OFD_GETLK, _lock(fcntl.F_WRLCK)))
            pid, title, given = file.read(4096).decode().split("\n")[:3]
            if free[0] == fcntl.F_UNLCK:
                return None
            return Running(pid=int(pid), title=title, given=Path(given), run=run)
    except (OSError, ValueError):
        return None


def found(given: Path) -> Running | None:
    """Return the suite of an app's folder, also of a link that points elsewhere meanwhile."""
    here = running(given.resolve() / "run")
    return here or next((each for each in everywhere() if each.given == given), None)


def everywhere() -> Iterator[Running]:
    """Yield this user's suites: a supervisor's working directory is its app's."""
    for name in os.listdir("/proc"):
        if not name.isdecimal():
            continue
        with suppress(OSError):
            if os.stat(f"/proc/{name}").st_uid == os.geteuid():
                suite = running(Path(os.readlink(f"/proc/{name}/cwd")) / "run")
                if suite is not None and suite.pid == int(name):
                    yield suite


def _lock(kind: int) -> bytes:
    return struct.pack(_FLOCK, kind, os.SEEK_SET, 0, 0, 0)


def _taken(path: Path) -> BootError:
    suite = running(path.parent)
    who = f" as {suite.title} [{suite.pid}]" if suite else ""
    return BootError(
        f"{path.parent.parent}: is being served already{who}", hint="eggd stop, or eggd reload"
    )
