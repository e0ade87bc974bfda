"""What ends the processes when the supervisor itself is killed: a shell that waits for its pipe.

It is told who begins and who is gone. At the end of the pipe, which only the supervisor's own end
brings about, whoever is left gets SIGTERM, and five seconds later SIGKILL, with its group and all
who bear its INVOCATION_ID: so it reaches what PR_SET_PDEATHSIG would not, an app's own processes.
"""

from __future__ import annotations

import os
from contextlib import suppress

from eggd.supervisor.child import Child

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
    """Knows the processes that lead a group of ours, from `add` to `drop`."""

    def __init__(self) -> None:
        reader, self._pipe = os.pipe2(os.O_CLOEXEC)
        try:
            self.pid = os.posix_spawn(
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
        finally:
            os.close(reader)

    def add(self, child: Child) -> None:
        """Guard this process, and whatever it starts."""
        self._say(f"+ {child.pid}:{child.invocation}\n")

    def drop(self, child: Child) -> None:
        """This process is gone, and so is what it started."""
        self._say(f"- {child.pid}:{child.invocation}\n")

    def close(self) -> None:
        """End the guard; to be called when nobody is left to be guarded."""
        os.close(self._pipe)
        os.waitpid(self.pid, 0)

    def _say(self, line: str) -> None:
        with suppress(BrokenPipeError):  # somebody killed the guard
            os.write(self._pipe, line.encode())
