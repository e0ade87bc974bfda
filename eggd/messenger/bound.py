"""The path of our socket: whether it is still there and still ours, and how to bind it again.

Whoever removes the path (`rm -rf`, a cleaner of `/run`) leaves the socket itself alive: peers that
are connected to it go on, new ones find nothing. So the inode of the path is kept and compared.
"""

from __future__ import annotations

import os
import socket
from pathlib import Path

from eggd.messenger.inbox import bind, is_held


class Bound:
    """One path, bound here or, where `inherited` is given, by the service manager that holds it."""

    def __init__(self, path: str, inherited: socket.socket | None = None) -> None:
        self.path = path
        self.inherited = inherited is not None
        self._inode = (0, 0)
        self._own = False
        # A socket that was bound under another name (a longer path, a file descriptor's) and is not
        # found at this one is left alone: nothing says that it ever was there.
        self._watched = inherited is None or inherited.getsockname() == path
        if inherited is not None and is_held(path):
            self._inode, self._watched = _inode(path), True

    @property
    def intact(self) -> bool:
        """Whether the path leads to our socket."""
        return not self._watched or (self._inode != (0, 0) and _inode(self.path) == self._inode)

    @property
    def owner_lost(self) -> str:
        """What remains wrong after the path was bound anew."""
        if not self.inherited:
            return ""
        return f"{self.path} was removed: what is sent while the agent is down waits in its senders"

    def bind(self, *, replace: bool) -> socket.socket:
        """Return a socket bound at the path; raise MessengerError as `inbox.bind` does."""
        sock = bind(self.path, replace=replace)
        self._inode, self._own = _inode(self.path), True
        return sock

    def unlink(self) -> None:
        """Remove the path if it was bound here, and by no other process since."""
        if self._own and self.intact:
            Path(self.path).unlink(missing_ok=True)


def _inode(path: str) -> tuple[int, int]:
    try:
        found = os.lstat(path)
    except OSError:
        return 0, 0
    return found.st_dev, found.st_ino
