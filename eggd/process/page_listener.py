"""The listener of a process's own pages: a TCP address, or a Unix socket that all users may use."""

from __future__ import annotations

import errno
import os
import socket
from contextlib import suppress

from eggd.errors import ListenError
from eggd.socketfile import obstacle
from eggd.suite.address import LONGEST_PATH, is_path

MODE = 0o666
"""Access mode of a Unix socket: its pages hold no secrets, as status.json."""

_BACKLOG = 64


class PageListener:
    """One address at which a process opens and closes a listener."""

    def __init__(self, stream: str, key: str) -> None:
        """Prepares; `stream` is `[ADDRESS:]PORT` or an absolute path, `key` names it in errors."""
        self.stream = stream
        """The address, `[HOST:]PORT` or a path."""
        self._key = key
        # Device and inode of the file that was bound.
        self._inode = (0, 0)

    @property
    def intact(self) -> bool:
        """Whether the file of a Unix socket is the one that was bound; always True for TCP."""
        return not is_path(self.stream) or _inode(self.stream) == self._inode

    def open(self) -> socket.socket:
        """Returns a listening socket; replaces the file of a dead process.

        Raises ListenError with the key of the config and the address.
        """
        try:
            listener = _unix(self.stream) if is_path(self.stream) else _tcp(self.stream)
        except OSError as exc:
            raise ListenError(
                f"{self._key}: {self.stream}: {exc.strerror or exc}", hint=_hint(exc.errno)
            ) from exc
        self._inode = _inode(self.stream)
        listener.setblocking(False)
        return listener

    def unlink(self) -> None:
        """Removes the file of a Unix socket if no other process has replaced it."""
        if is_path(self.stream) and self.intact:
            with suppress(OSError):
                os.unlink(self.stream)


def _unix(path: str) -> socket.socket:
    if len(os.fsencode(path)) > LONGEST_PATH:
        raise OSError(errno.ENAMETOOLONG, f"longer than {LONGEST_PATH} bytes")
    if problem := obstacle(path):
        raise OSError(errno.EADDRINUSE, problem)
    with suppress(FileNotFoundError):
        os.unlink(path)
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        listener.bind(path)
        os.chmod(path, MODE)  # regardless of the umask
        listener.listen(_BACKLOG)
    except OSError:
        listener.close()
        raise
    return listener


def _tcp(stream: str) -> socket.socket:
    """Returns a listener on an address; on all addresses, IPv4 and IPv6, without one."""
    host, _, port = stream.rpartition(":")
    host = host.strip("[]")
    both = not host and socket.has_dualstack_ipv6()
    family = socket.AF_INET6 if both or ":" in host else socket.AF_INET
    return socket.create_server(
        (host, int(port)), family=family, backlog=_BACKLOG, dualstack_ipv6=both
    )


def _inode(path: str) -> tuple[int, int]:
    try:
        about = os.lstat(path)
    except OSError:
        return 0, 0
    return about.st_dev, about.st_ino


def _hint(number: int | None) -> str:
    if number == errno.EACCES:
        return "use a port above 1023, or a path in the runtime directory"
    if number == errno.EADDRINUSE:
        return "use another address"
    return "check the address, or that the directory exists"
