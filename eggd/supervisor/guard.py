"""Ends the processes if the supervisor itself is killed: a shell that reads a pipe.

It reads which processes start and end. The pipe ends only with the supervisor; then every remaining
process gets SIGTERM, and five seconds later SIGKILL together with its group and all processes with
its INVOCATION_ID. So it reaches processes started by an app, which PR_SET_PDEATHSIG would not. A
guard that is killed is replaced at once.
"""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Callable
from contextlib import suppress

from eggd.supervisor.child import Child

RETRY = 1.0
"""Seconds until a guard that could not be started is tried again."""

_SCRIPT = r"""
trap '' HUP INT QUIT TERM
left=
while read -r sign one; do
    if [ "$sign" = + ]; then left="$left $one"; continue; fi
    kept=
    for each in $left; do [ "$each" = "$one" ] || kept="$kept $each"; done
    left=$kept
done
[ -n "$left" ] || exit 0
for each in $left; do kill -s TERM "${each%%:*}"; done
sleep 5
for each in $left; do
    kill -s KILL -- "-${each%%:*}"
    for file in $(grep -lsz "^INVOCATION_ID=${each#*:}\$" /proc/[0-9]*/environ); do
        file=${file#/proc/}
        kill -s KILL "${file%/environ}"
    done
done
"""


class Guard:
    """Keeps the list of the suite's group leaders, from `add` to `drop`; on the running loop.

    `lost` is called with a line when the guard was killed.
    """

    def __init__(self, lost: Callable[[str], None] = lambda line: None) -> None:
        self._lost = lost
        self._loop = asyncio.get_running_loop()
        # The list by pid: a replaced guard gets it again.
        self._lines: dict[int, str] = {}
        self._timer: asyncio.TimerHandle | None = None
        self.pid = 0
        self._pipe = self._pidfd = -1
        self._start()

    def add(self, child: Child) -> None:
        """Guards a process and all processes that it starts."""
        self._lines[child.pid] = line = f"{child.pid}:{child.invocation}\n"
        self._send(f"+ {line}")

    def drop(self, child: Child) -> None:
        """Removes this process: it has ended, and so have the processes that it started."""
        line = self._lines.pop(child.pid, "")
        self._send(f"- {line}")

    def close(self) -> None:
        """Ends the guard; must be called only when no guarded process is left."""
        if self._timer is not None:
            self._timer.cancel()
        if self.pid:
            # A stopped guard (SIGSTOP) would not see the end of its pipe.
            self._kill()
            self._end()

    def _start(self) -> None:
        reader, writer = os.pipe2(os.O_CLOEXEC)
        os.set_blocking(writer, False)
        try:
            self.pid = _spawn(reader)
            self._pidfd = os.pidfd_open(self.pid)
        except BaseException:
            self.pid = 0
            os.close(writer)
            raise
        finally:
            os.close(reader)
        self._pipe = writer
        self._loop.add_reader(self._pidfd, self._killed)
        for line in self._lines.values():
            self._send(f"+ {line}")

    def _end(self) -> None:
        self._loop.remove_reader(self._pidfd)
        os.close(self._pipe)
        with suppress(ChildProcessError):
            os.waitpid(self.pid, 0)
        os.close(self._pidfd)
        self.pid = 0

    def _killed(self) -> None:
        self._lost(f"the guard [{self.pid}] was killed, and is replaced")
        self._end()
        self._again()

    def _again(self) -> None:
        try:
            self._start()
        except OSError:
            self._timer = self._loop.call_later(RETRY, self._again)

    def _send(self, line: str) -> None:
        if not self.pid:
            return
        try:
            os.write(self._pipe, line.encode())
        except BrokenPipeError:  # killed: the next guard gets the whole list
            return
        except BlockingIOError:  # stopped: a guard that does not read is replaced
            self._kill()

    def _kill(self) -> None:
        with suppress(ProcessLookupError):
            signal.pidfd_send_signal(self._pidfd, signal.SIGKILL)


def _spawn(reader: int) -> int:
    return os.posix_spawn(
        "/bin/sh",
        ["sh", "-c", _SCRIPT, "eggd-guard"],
        {"PATH": os.defpath},
        file_actions=[
            (os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0),
            (os.POSIX_SPAWN_OPEN, 2, os.devnull, os.O_WRONLY, 0),
            (os.POSIX_SPAWN_DUP2, reader, 0),
        ],
        setsid=True,
    )
