"""Suites of stand-ins: small scripts in place of agent and workers, controlled by a file each."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
import tempfile
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from eggd.supervisor.merged_output import MergedOutput
from eggd.supervisor.settings import Settings
from eggd.supervisor.supervisor import Supervisor
from eggd.supervisor.units import UNITS

STAND_IN = """
import os, signal, socket, subprocess, sys, time
name, home = sys.argv[1], os.environ["EGG_BASE_DIR"]
try:
    ways = open(os.path.join(home, name)).read().split()
except FileNotFoundError:
    ways = []
woken, wakeup = os.pipe()  # signal.pause() misses a signal that arrives just before it
os.set_blocking(wakeup, False)
signal.set_wakeup_fd(wakeup)
out = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
out.connect(os.environ["NOTIFY_SOCKET"])

def say(text):
    print(text, file=sys.stderr, flush=True)

def end(*_):
    say("<6>bye")
    sys.exit(0)

signal.signal(signal.SIGTERM, signal.SIG_IGN if "stubborn" in ways else end)
signal.signal(signal.SIGUSR1, lambda *_: os._exit(7))
signal.signal(signal.SIGUSR2, lambda *_: out.send(b"X_EGGD_RELOAD=app/a.py modified"))
say("<6>up")
if "family" in ways:
    for alone in (True, False):
        child = subprocess.Popen(["sleep", "1000"], start_new_session=alone)
        say(f"child {child.pid}")
    if os.fork() == 0:
        out.send(b"READY=1")  # not the main process: it must be ignored
        time.sleep(1000)
if "environ" in ways:
    for key, value in sorted(os.environ.items()):
        say(f"{key}={value}")
    say(f"blocking {os.get_blocking(3)}, mask {os.umask(0):04o}, cwd {os.getcwd()}")
if "extend" in ways:
    out.send(b"EXTEND_TIMEOUT_USEC=60000000")
if "wait" in ways:
    open(os.path.join(home, "gate")).read()
if "explain" in ways:
    for field in (b"STATUS=no database", b"ERRNO=125"):
        out.send(field)
    say("<3>closing failed, too")
    sys.exit(1)
if "fail" in ways:
    out.send(b"STATUS=boot 1 failed")
    say("<3>no such thing")
    sys.exit(3)
if "mute" not in ways:
    out.send("STATUS=serving → all".encode())
    out.send(b"READY=1")
if "dies" in ways:
    say("<3>cannot go on")
    sys.exit(5)
if "unblock" in ways:
    os.set_blocking(3, True)
while True:
    os.read(woken, 1)
"""


class Lines(MergedOutput):
    """Merged output that is kept in memory."""

    def __init__(self) -> None:
        super().__init__()
        self.entries: list[tuple[str, str]] = []

    def write_line(self, identifier: str, pid: int, text: str, priority: int = 6) -> None:
        self.entries.append((identifier, text))

    def of(self, identifier: str) -> list[str]:
        """Returns the lines of one identifier."""
        return [text for name, text in self.entries if name == identifier]


class Stage:
    """A folder where stand-ins run; `settings` may be changed before `supervisor`."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.lines = Lines()
        script = home / "stand_in.py"
        script.write_text(STAND_IN)
        run = (sys.executable, "-I", "-S", str(script))
        self.settings = Settings(
            base_dir=home,
            listen="127.0.0.1:0",
            min_ready=0,
            command={
                "egg-agent.service": (*run, "agent"),
                "egg-worker@.service": (*run, "worker-%i"),
            },
        )

    def ways(self, name: str, *ways: str) -> None:
        """Sets the behaviour of the next `agent` or `worker-1`, in words that STAND_IN reads."""
        (self.home / name).write_text(" ".join(ways))

    def units(self, unit: str, old: str, new: str) -> None:
        """Replaces a line of a unit file, in a copy of all unit files."""
        folder = self.home / "units"
        if not folder.exists():
            folder.mkdir()
            for each in UNITS.iterdir():
                (folder / each.name).write_text(each.read_text())
            self.change(unit_files=folder)
        text = (folder / unit).read_text()
        assert old in text
        (folder / unit).write_text(text.replace(old, new))

    def change(self, **fields: object) -> None:
        """Changes the settings."""
        self.settings = replace(self.settings, **fields)  # type: ignore[arg-type]

    def supervisor(self) -> Supervisor:
        """Returns a supervisor of this stage, on the running loop."""
        return Supervisor(self.settings, self.lines)


@contextmanager
def stage() -> Iterator[Stage]:
    """Yields a stage and deletes it afterwards; its path is short enough for sockets (unix(7))."""
    with tempfile.TemporaryDirectory(prefix="egg-") as home:
        yield Stage(Path(home))


def play(scene: Callable[[Stage], Coroutine[object, object, None]]) -> None:
    """Runs one scene on a new stage.

    Restores the working directory: a supervisor may change to its runtime directory, which is
    deleted with the stage.
    """
    with contextlib.chdir(os.getcwd()), stage() as here:
        asyncio.run(asyncio.wait_for(scene(here), 50))


def alive(pid: int) -> bool:
    """Returns whether a process exists and is neither a zombie nor dead."""
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8") as file:
            return file.read().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


async def gone(pid: int) -> None:
    """Waits until a process has ended, also one that is not a child of the test."""
    try:
        pidfd = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    future = asyncio.get_running_loop().create_future()
    asyncio.get_running_loop().add_reader(pidfd, future.set_result, None)
    await future
    asyncio.get_running_loop().remove_reader(pidfd)
    os.close(pidfd)
