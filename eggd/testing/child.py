"""One process of a suite, and the spawning of it as systemd does it: sockets from fd 3 on.

It knows a pid, a notify socket and a pipe. It must not know what eggd's processes do.
"""

from __future__ import annotations

import contextlib
import os
import signal
import socket
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from threading import Condition

from eggd.errors import BootError

FIRST_SOCKET = 3
_LISTEN_PID = 'LISTEN_PID=$$ exec "$@"'


class Child:
    """A started process: what it told its service manager, what it wrote, how it ended.

    `told` are the fields of sd_notify(3), `lines` both outputs, each in order.
    """

    def __init__(
        self, name: str, notify: socket.socket, changed: Condition, spawn: Callable[[int], int]
    ) -> None:
        self.name = name
        self.notify = notify
        self.told: list[tuple[str, str]] = []
        self.lines: list[str] = []
        self.exit_code: int | None = None
        self._changed = changed
        self._tail = b""
        self.output, writer = os.pipe2(os.O_CLOEXEC)
        os.set_blocking(self.output, False)
        try:
            self.pid = spawn(writer)
        finally:
            os.close(writer)
        self.pidfd = os.pidfd_open(self.pid)

    @property
    def ready(self) -> bool:
        """Whether READY=1 came."""
        return ("READY", "1") in self.told

    @property
    def stopping(self) -> bool:
        """Whether STOPPING=1 came."""
        return ("STOPPING", "1") in self.told

    @property
    def pings(self) -> int:
        """How many WATCHDOG=1 came."""
        return self.told.count(("WATCHDOG", "1"))

    @property
    def statuses(self) -> list[str]:
        """All STATUS= texts, oldest first."""
        return [value for key, value in self.told if key == "STATUS"]

    @property
    def status(self) -> str:
        """The last STATUS= text, or nothing."""
        return ["", *self.statuses][-1]

    @property
    def alive(self) -> bool:
        """Whether the process has not been reaped yet."""
        return self.exit_code is None

    def signal(self, number: signal.Signals) -> None:
        """Send a signal through the pidfd, so that a reused pid is never hit; gone is silent."""
        with contextlib.suppress(ProcessLookupError):
            signal.pidfd_send_signal(self.pidfd, number)

    def wait(self, happened: Callable[[Child], bool], what: str, timeout: float = 20.0) -> Child:
        """Wait until `happened(self)`; BootError saying `what` if it ends or time is up first."""
        with self._changed:
            self._changed.wait_for(lambda: happened(self) or not self.alive, timeout)
            if happened(self):
                return self
            raise BootError(
                f"{self.name} [{self.pid}]: no {what}, {self._state(timeout)}",
                hint=" | ".join([*self.statuses[-1:], *self.lines[-3:]]),
            )

    def wait_ready(self, timeout: float = 20.0) -> Child:
        """Wait for READY=1; BootError if the process ends or `timeout` seconds pass before."""
        return self.wait(lambda child: child.ready, "READY=1", timeout)

    def wait_line(self, text: str, timeout: float = 20.0) -> str:
        """Return the first output line that contains `text`, once there is one."""
        self.wait(lambda child: any(text in line for line in child.lines), repr(text), timeout)
        return next(line for line in self.lines if text in line)

    def wait_exit(self, timeout: float = 20.0) -> int:
        """Return the exit code (minus the signal if one ended it) once the process is gone."""
        self.wait(lambda child: not child.alive, "exit", timeout)
        assert self.exit_code is not None
        return self.exit_code

    def heard(self, datagram: bytes) -> None:
        """Take one sd_notify(3) datagram; every field is kept in `told`, in order."""
        for line in datagram.decode(errors="replace").splitlines():
            key, _, value = line.partition("=")
            self.told.append((key, value))

    def wrote(self, data: bytes) -> None:
        """Take a piece of the output; whole lines are kept as text."""
        *whole, self._tail = (self._tail + data).split(b"\n")
        self.lines += [line.decode(errors="replace") for line in whole]

    def ended(self) -> None:
        """Reap the process and keep its exit code; call once its pidfd is readable."""
        if self._tail:
            self.wrote(b"\n")
        self.exit_code = os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])

    def close(self) -> None:
        """Give the descriptors back."""
        self.notify.close()
        os.close(self.output)
        os.close(self.pidfd)

    def _state(self, timeout: float) -> str:
        if self.alive:
            return f"alive after {timeout:g} s"
        return f"exited with {self.exit_code}"


def spawn(argv: Sequence[str], environ: Mapping[str, str], held: socket.socket, output: int) -> int:
    """Start `argv` with `held` as fd 3 and LISTEN_PID its own (sd_listen_fds(3)); return the pid.

    The shell only sets LISTEN_PID, which nobody can know before the process exists, and execs.
    """
    actions = [
        (os.POSIX_SPAWN_DUP2, output, 1),
        (os.POSIX_SPAWN_DUP2, output, 2),
        (os.POSIX_SPAWN_DUP2, held.fileno(), FIRST_SOCKET),
    ]
    return os.posix_spawn(
        "/bin/sh",
        ["sh", "-c", _LISTEN_PID, "sh", *argv],
        {**environ, "LISTEN_FDS": "1"},
        file_actions=actions,
    )


def notify_socket(path: Path) -> socket.socket:
    """Return the datagram socket, bound at `path`, on which one process is heard."""
    ear = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
    ear.bind(str(path))
    return ear
