"""One process, spawned as systemd does it: sockets from descriptor 3 on, a session of its own.

This module knows nothing of units and of eggd's processes. Subclasses override `on_field`,
`on_line` and `on_exit`.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import resource
import signal
import socket
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from eggd.wire.activation import FIRST_FD
from eggd.wire.notify import Fields

LONGEST_LINE = 48 * 1024
"""Most bytes of a line of output (journald's LineMax=); a longer one is split."""

_DEFAULT_SIGNALS = (signal.SIGHUP, signal.SIGINT, signal.SIGQUIT, signal.SIGTERM, signal.SIGCHLD)
_SETUP = """
umask "$1"; ulimit -Sn "$2"; cd -- "$3" 2>/dev/null; shift 3; LISTEN_PID=$$ exec "$@"
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Launch:
    """A command and its environment."""

    argv: Sequence[str]
    """The command."""
    environ: Mapping[str, str]
    """The whole environment; LISTEN_PID and LISTEN_FDS are added."""
    sockets: Sequence[socket.socket] = field(default_factory=tuple)
    """Inherited as descriptors 3, 4 and so on."""
    directory: str = "/"
    """Its working directory; that of the supervisor if this one does not exist."""
    umask: int = 0o022
    """File mode creation mask."""
    files: int = 0
    """Soft limit of open files, up to the hard limit; 0: that of the supervisor."""
    session: bool = True
    """Whether it gets a session, and so a process group, of its own."""
    terminal: bool = False
    """Whether it inherits standard input, output and session; if not, input is /dev/null."""


class Child:
    """A started process, until `close` closes its descriptors."""

    def __init__(self, name: str, launch: Launch) -> None:
        self.name = name
        # Whether READY=1 and STOPPING=1 were received.
        self.ready = False
        self.stopping = False
        self.status = ""
        self.exit_code: int | None = None
        # The beginning of a line of output.
        self._tail = b""
        self._grouped = launch.session and not launch.terminal
        self.invocation = launch.environ.get("INVOCATION_ID", "")
        self.output, writer = os.pipe2(os.O_CLOEXEC)
        os.set_blocking(self.output, False)
        try:
            self.pid, self.pidfd = _started(launch, writer)
        except BaseException:
            os.close(self.output)
            raise
        finally:
            os.close(writer)

    @property
    def alive(self) -> bool:
        """Whether the process has not been reaped yet."""
        return self.exit_code is None

    def signal(self, number: signal.Signals) -> None:
        """Sends a signal through the pidfd, so that it never reaches a reused pid."""
        with contextlib.suppress(ProcessLookupError):
            signal.pidfd_send_signal(self.pidfd, number)

    def handle_notification(self, fields: Fields) -> None:
        """Processes the fields of one sd_notify(3) datagram."""
        for key, value in fields:
            self.ready = self.ready or (key, value) == ("READY", "1")
            self.stopping = self.stopping or (key, value) == ("STOPPING", "1")
            if key == "STATUS":
                self.status = value
            self.on_field(key, value)

    def handle_output(self, data: bytes) -> None:
        """Processes a piece of the output; passes whole lines to `on_line`."""
        *whole, self._tail = (self._tail + data).split(b"\n")
        if len(self._tail) > LONGEST_LINE:
            whole, self._tail = [*whole, self._tail], b""
        for each in whole:
            self.on_line(each.decode(errors="replace"))

    def reap(self) -> None:
        """Kills the processes that it left behind and reaps it, once its pidfd is readable."""
        if self._tail:
            self.handle_output(b"\n")
        self.kill_rest()
        self.exit_code = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])
        self.on_exit()

    def kill_rest(self) -> None:
        """Kills its process group, and all processes with its INVOCATION_ID (KillMode=mixed)."""
        if self._grouped:
            # The process is not reaped yet, so the group id cannot have been reused.
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.pid, signal.SIGKILL)
            for pidfd in _invoked(self.invocation, self.pid):
                with contextlib.suppress(ProcessLookupError):
                    signal.pidfd_send_signal(pidfd, signal.SIGKILL)
                os.close(pidfd)

    def close(self) -> None:
        """Closes the descriptors."""
        os.close(self.output)
        os.close(self.pidfd)

    def on_field(self, key: str, value: str) -> None:
        """Handles one field of a notification."""

    def on_line(self, text: str) -> None:
        """Handles one line of output."""

    def on_exit(self) -> None:
        """Handles the end; `exit_code` is set, to minus the signal if one ended the process."""


def _started(launch: Launch, output: int) -> tuple[int, int]:
    """Returns pid and pidfd; kills a process that cannot be watched."""
    pid = _spawn(launch, output)
    try:
        return pid, os.pidfd_open(pid)
    except OSError:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        raise


def _spawn(launch: Launch, output: int) -> int:
    """Starts the process and returns its pid.

    A shell sets umask, limits and LISTEN_PID, which only the process itself can set, and execs.
    """
    last = FIRST_FD + len(launch.sockets)
    # Copies with higher numbers, so that no dup2(2) overwrites a source.
    copies = [fcntl.fcntl(each, fcntl.F_DUPFD_CLOEXEC, last) for each in launch.sockets]
    null: tuple[object, ...] = (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0)
    outputs = [(os.POSIX_SPAWN_DUP2, output, 2)]
    if not launch.terminal:
        outputs += [null, (os.POSIX_SPAWN_DUP2, output, 1)]  # type: ignore[list-item]
    filled = ((os.POSIX_SPAWN_DUP2, fd, to) for to, fd in enumerate(copies, FIRST_FD))
    actions = [*outputs, *filled]
    setup = [f"{launch.umask:04o}", str(_files(launch.files)), launch.directory]
    try:
        return os.posix_spawn(
            "/bin/sh",
            ["sh", "-c", _SETUP, "sh", *setup, *launch.argv],
            {**launch.environ, "LISTEN_FDS": str(len(copies))},
            file_actions=actions,
            setsid=launch.session and not launch.terminal,
            setsigmask=(),
            # nohup(1) or a shell may have made the supervisor ignore signals.
            setsigdef=_DEFAULT_SIGNALS,
        )
    finally:
        for fd in copies:
            os.close(fd)


def _files(limit: int) -> str | int:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    number = limit or soft
    number = number if hard == resource.RLIM_INFINITY else min(number, hard)
    return "unlimited" if number == resource.RLIM_INFINITY else number


def _invoked(invocation: str, leader: int) -> Iterator[int]:
    """Yields a pidfd of each other process with this INVOCATION_ID in its environment."""
    mark = f"INVOCATION_ID={invocation}".encode()
    for name in _processes() if invocation else ():
        if name.isdecimal() and int(name) != leader and mark in _environ(name):
            with contextlib.suppress(OSError):
                yield os.pidfd_open(int(name))


def _processes() -> list[str]:
    try:
        return os.listdir("/proc")
    except OSError:  # too many open files; the group has been killed already
        return []


def _environ(pid: str) -> list[bytes]:
    try:
        with open(f"/proc/{pid}/environ", "rb") as file:
            return file.read().split(b"\0")
    except OSError:
        return []
