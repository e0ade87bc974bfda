"""The path of a process's socket: checks that it still leads to the socket, and binds it again.

A socket survives the removal of its path (`rm -rf`, a cleaner of `/run`): peers that are
already connected still reach it, new connections fail. So device and inode of the path are kept and
compared.
"""

from __future__ import annotations

import os
import socket
from pathlib import Path

from eggd.messenger import inbox
from eggd.suite.names import SuiteNames


class SocketPath:
    """One path, bound by this process or by the service manager, from which `sock` is inherited."""

    def __init__(self, path: str, sock: socket.socket | None = None) -> None:
        self.path = path
        # True if the service manager holds the socket, too: then it survives this process.
        self.is_inherited = sock is not None
        # (0, 0) until the path is known to lead to this process's socket.
        self._inode = (0, 0)
        # True once this process bound the path: then it may remove it.
        self._bound_here = False
        # False if the inherited socket was bound at another path and no socket is at this one.
        self._checked = sock is None or sock.getsockname() == path
        if sock is not None and inbox.is_held(path):
            self._inode, self._checked = _inode(path), True

    @property
    def intact(self) -> bool:
        """True while the path leads to this process's socket; always True if it is not checked."""
        return not self._checked or (self._inode != (0, 0) and _inode(self.path) == self._inode)

    @property
    def remaining_problem(self) -> str:
        """A message if the service manager no longer holds the bound socket, else ""."""
        if not self.is_inherited:
            return ""
        cure = SuiteNames.chosen(os.environ).command("reload")
        return (
            f"{self.path} was removed: systemd no longer holds it, and messages to a stopped agent"
            f" wait in their senders; run '{cure}'"
        )

    def bind(self, *, replace: bool) -> socket.socket:
        """Returns a socket bound at the path; raises MessengerError as `inbox.bind` does."""
        sock = inbox.bind(self.path, replace=replace)
        self._inode, self._bound_here = _inode(self.path), True
        return sock

    def unlink(self) -> None:
        """Removes the path if this process bound it, and no other process has since."""
        if self._bound_here and self.intact:
            Path(self.path).unlink(missing_ok=True)


def _inode(path: str) -> tuple[int, int]:
    try:
        status = os.lstat(path)
    except OSError:
        return 0, 0
    return status.st_dev, status.st_ino
