"""Who is there: the workers' sockets are files in the runtime directory.

A listing is kept while the directory's modification time stands, as git keeps its index: a time so
young that another change could bear the same one is not trusted.
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
_LONGEST = 107


class Directory:
    """The sockets' paths, and a cached list of the workers' slots."""

    def __init__(self, path: str) -> None:
        self._path = Path(path)
        self._slots: set[int] = set()
        self._changed = -1

    def agent(self) -> str:
        """Returns the path of the agent's socket."""
        return self._fitting(AGENT)

    def worker(self, slot: int) -> str:
        """Returns the path of a worker's socket."""
        return self._fitting(f"worker-{slot}.sock")

    def slots(self) -> set[int]:
        """Returns the slots that have a socket; some may be left over from the dead."""
        changed = self._modified()
        if changed != self._changed:
            self._slots = set(self._list())
            young = time.time_ns() - changed < _RACY
            self._changed = -1 if young else changed
        return self._slots

    def forget(self, slot: int) -> None:
        """Leaves out a slot whose socket nobody holds, until the directory changes."""
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
        return [int(found[1]) for name in names if (found := _WORKER.fullmatch(name))]
