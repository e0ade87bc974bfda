"""The path of a process's socket: checks that it still leads to the socket, and binds it again.

A socket survives the removal of its path (`rm -rf`, a cleaner of `/run`): connected peers still
reach it, new ones fail. So device and inode of the path are kept and compared.
"""

from __future__ import annotations

import os
import socket
from pathlib import Path

from eggd.messenger.inbox import bind, is_held


class SocketPath:
    """One path, bound by this process or, if `inherited`, by the service manager that holds it."""

    def __init__(self, path: str, inherited: socket.socket | None = None) -> None:
        self.path = path
        # The service manager holds the socket: it survives this process.
        self.inherited = inherited is not None
        # (0, 0) until the path is known to lead to this process's socket.
        self._inode = (0, 0)
        # True once this process bound the path: then it may remove it.
        self._own = False
        # A socket that was bound under another name (a longer path, a descriptor's) and is not at
        # this path is left alone: it may never have been there.
        self._watched = inherited is None or inherited.getsockname() == path
        if inherited is not None and is_held(path):
            self._inode, self._watched = _inode(path), True

    @property
    def intact(self) -> bool:
        """True while the path leads to this process's socket."""
        return not self._watched or (self._inode != (0, 0) and _inode(self.path) == self._inode)

    @property
    def owner_lost(self) -> str:
        """The problem that remains after the path was bound again, or ""."""
        if not self.inherited:
            return ""
        return f"{self.path} was removed: while the agent is down, each sender keeps its messages"

    def bind(self, *, replace: bool) -> socket.socket:
        """Returns a socket bound at the path; raises MessengerError as `inbox.bind` does."""
        sock = bind(self.path, replace=replace)
        self._inode, self._own = _inode(self.path), True
        return sock

    def unlink(self) -> None:
        """Removes the path if this process bound it, and no other process has since."""
        if self._own and self.intact:
            Path(self.path).unlink(missing_ok=True)


def _inode(path: str) -> tuple[int, int]:
    try:
        status = os.lstat(path)
    except OSError:
        return 0, 0
    return status.st_dev, status.st_ino
