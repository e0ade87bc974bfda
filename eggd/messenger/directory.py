"""The sockets in the runtime directory: one file per running process.

A listing is cached until the directory's modification time changes. As in git's index, a time that
is too recent is not trusted: a second change could have the same one.
"""

from __future__ import annotations

import os
import re
import time
from pathlib import Path

from eggd.errors import MessengerError

AGENT = "agent.sock"

_WORKER = re.compile(r"worker-(0|[1-9][0-9]{0,2})\.sock")
_RACY = 50_000_000
"""Nanoseconds: more than one tick of the kernel's clock for file times (10 ms at HZ=100)."""
_LONGEST = 107
"""Bytes of sun_path without its NUL (unix(7))."""


class Directory:
    """The sockets' paths, and a cached list of the workers' slots."""

    def __init__(self, path: str) -> None:
        self._path = Path(path)
        self._slots: set[int] = set()
        # The modification time at which `_slots` was listed, in nanoseconds; -1: list anew.
        self._changed = -1

    def agent(self) -> str:
        """Returns the path of the agent's socket."""
        return self._fitting(AGENT)

    def worker(self, slot: int) -> str:
        """Returns the path of a worker's socket."""
        return self._fitting(f"worker-{slot}.sock")

    def slots(self) -> set[int]:
        """Returns the slots that have a socket, stale ones of ended workers included."""
        changed = self._modified()
        if changed != self._changed:
            self._slots = set(self._list())
            young = time.time_ns() - changed < _RACY
            self._changed = -1 if young else changed
        return self._slots

    def forget(self, slot: int) -> None:
        """Leaves out a slot whose socket is stale, until the directory changes."""
        self._slots.discard(slot)

    def _fitting(self, name: str) -> str:
        path = str(self._path / name)
        if len(os.fsencode(path)) > _LONGEST:
            raise MessengerError(
                f"{path!r} is longer than a socket's path may be ({_LONGEST} bytes)",
                hint="use a shorter runtime directory",
            )
        return path

    def _modified(self) -> int:
        try:
            return os.stat(self._path).st_mtime_ns
        except OSError:
            return -1

    def _list(self) -> list[int]:
        try:
            names = os.listdir(self._path)
        except OSError:
            return []
        return [int(match[1]) for name in names if (match := _WORKER.fullmatch(name))]
