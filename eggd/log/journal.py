"""The journal's native protocol (systemd.io/JOURNAL_NATIVE_PROTOCOL): one datagram is one entry.

    MESSAGE=text\\n                        a value without a line break
    MESSAGE\\n<length, 8 bytes>text\\n     any other value

An entry that a datagram cannot hold is passed as a sealed memfd, which is closed after. The socket
is not connected: a journal that was restarted takes the next entry (known:KO-35, KO-36).
"""

from __future__ import annotations

import errno
import fcntl
import os
import re
import select
import socket
import sys
from collections.abc import Mapping
from contextlib import suppress

from eggd.masking.redact import is_secret

SOCKET = "/run/systemd/journal/socket"
LARGEST = 16 * 1024 * 1024
"""The most bytes of an entry; a longer message is cut, with a mark."""
_MARK = "...(cut)"
_PATIENCE_MS = 50
"""Milliseconds to wait for a full socket; after one timeout, later entries do not wait until the
journal takes one again."""
_NOT_ALLOWED = re.compile(r"[^A-Z0-9_]+")
_WORDS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_SEALS = fcntl.F_SEAL_SEAL | fcntl.F_SEAL_SHRINK | fcntl.F_SEAL_GROW | fcntl.F_SEAL_WRITE


class Journal:
    """Sends entries to the socket of a journal."""

    def __init__(self, path: str = SOCKET) -> None:
        self._path = path
        # Made with the first entry.
        self._socket: socket.socket | None = None
        # The last entry waited in vain.
        self._timed_out = False

    def send(self, fields: Mapping[str, str]) -> bool:
        """Sends an entry; returns False if the journal does not take it."""
        data = encode(fields)
        try:
            self._send(data)
        except OSError:
            return False
        self._timed_out = False
        return True

    def _send(self, data: bytes) -> None:
        if self._socket is None:
            self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC)
            self._socket.setblocking(False)
        try:
            self._deliver(self._socket, data)
        except BlockingIOError:
            self._wait(self._socket)
            self._deliver(self._socket, data)

    def _deliver(self, sock: socket.socket, data: bytes) -> None:
        try:
            sock.sendto(data, self._path)
        except OSError as exc:
            if exc.errno not in (errno.EMSGSIZE, errno.ENOBUFS):
                raise
            self._send_file(sock, data)

    def _send_file(self, sock: socket.socket, data: bytes) -> None:
        fd = os.memfd_create("eggd-journal", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
        try:
            left = memoryview(data)
            while left:
                left = left[os.write(fd, left) :]
            fcntl.fcntl(fd, fcntl.F_ADD_SEALS, _SEALS)
            rights = (socket.SOL_SOCKET, socket.SCM_RIGHTS, fd.to_bytes(4, sys.byteorder))
            sock.sendmsg([], [rights], 0, self._path)  # send_fds of 3.11 ignores the address
        finally:
            os.close(fd)

    def _wait(self, sock: socket.socket) -> None:
        """Waits for room in the journal's queue, which only a connected socket can see."""
        if self._timed_out:
            raise TimeoutError
        self._timed_out = True
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as probe:
            probe.setblocking(False)
            probe.connect(self._path)
            poll = select.poll()
            poll.register(probe, select.POLLOUT)
            poll.poll(_PATIENCE_MS)

    def close(self) -> None:
        """Closes the socket."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None


def encode(fields: Mapping[str, str]) -> bytes:
    """Returns the fields as an entry of at most `LARGEST` bytes; MESSAGE is cut to fit."""
    parts = {key: value.encode(errors="backslashreplace") for key, value in fields.items()}
    excess = sum(map(len, parts.values())) - LARGEST
    if excess > 0 and (message := parts.get("MESSAGE")):
        kept = message[: max(0, len(message) - excess)].decode(errors="ignore")
        parts["MESSAGE"] = kept.encode() + _MARK.encode()
    return b"".join(_field(key.encode(), value) for key, value in parts.items())


def _field(key: bytes, value: bytes) -> bytes:
    if b"\n" in value:
        return b"%b\n%b%b\n" % (key, len(value).to_bytes(8, "little"), value)
    return b"%b=%b\n" % (key, value)


def add_fields(fields: dict[str, str], more: Mapping[str, object]) -> None:
    """Adds the fields of a caller, each under a name that the journal accepts (known:KO-37).

    `orderId` and `order-id` become ORDER_ID; a name that is taken gets a number behind it.
    """
    for key, value in more.items():
        name = field_name(str(key))
        number, free = 2, name
        while free in fields:
            free = f"{name[:60]}_{number}"
            number += 1
        with suppress(Exception):  # of a __str__
            fields[free] = "***" if is_secret(str(key)) else str(value)


def field_name(name: str) -> str:
    """Returns a name as the journal accepts it: A-Z, 0-9 and _, at most 64, a letter first."""
    text = _NOT_ALLOWED.sub("_", _WORDS.sub("_", name).upper()).lstrip("_0123456789")
    return text[:64] or "FIELD"
