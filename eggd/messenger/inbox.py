"""The receiving side: one datagram at a time, from processes of our own user and root alone.

Rules:
1. A datagram is taken from the kernel only after all messages of the previous one were handled:
   killing the process loses at most one datagram.
2. The kernel names the sending process (SCM_CREDENTIALS, unix(7)); the frame only names its role
   and slot.
3. No datagram makes the inbox raise. Refused ones are counted, and each reason is logged once.
4. Every descriptor that arrives is closed here.
"""

from __future__ import annotations

import array
import asyncio
import os
import socket
from collections.abc import Callable

from eggd.errors import MessengerError
from eggd.messenger import memfd
from eggd.messenger.diagnostics import Diagnostics
from eggd.wire import datagram, ucred
from eggd.wire.datagram import Datagram, Garbage, Message, Sender

INLINE = 64 << 10
"""Bytes of a body that travel in the datagram itself; a larger one goes by memfd."""

HEADROOM = 1 << 10
"""The most bytes of a frame around its messages."""

BURST, BURST_MESSAGES = 32, 256
"""Most datagrams, and about how many messages, per wake-up: HTTP must not wait for a flood."""

_FDS = array.array("i")
_SPACE = socket.CMSG_SPACE(ucred.SIZE) + socket.CMSG_SPACE(_FDS.itemsize)

Deliver = Callable[[Sender, list[Message]], bool]
"""Calls the handlers; True if some wait for the loop, so that the next datagram has to wait."""


class RefusedError(Exception):
    """Raised inside the inbox for a datagram that is refused; each `kind` is logged once."""

    def __init__(self, kind: str, reason: str) -> None:
        super().__init__(reason)
        self.kind = kind


class Inbox:
    """A bound datagram socket on the loop."""

    def __init__(
        self, sock: socket.socket, cap: int, deliver: Deliver, diagnostics: Diagnostics
    ) -> None:
        sock.setblocking(False)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
        self._sock = sock
        # The largest body in bytes that is read from a memfd.
        self._cap = cap
        self._deliver = deliver
        self._diagnostics = diagnostics
        # The users whose datagrams are accepted.
        self._trusted = frozenset({os.geteuid(), 0})
        # Reused for every datagram; a longer one is truncated and refused.
        self._buffer = bytearray(INLINE + HEADROOM)
        # Messages that may still be handled in this wake-up.
        self._left = 0
        # By role and slot: the pid, and the number that its next message should have.
        self._expected: dict[tuple[str, int], tuple[int, int]] = {}
        self._loop: asyncio.AbstractEventLoop | None = None

    def start(self, loop: asyncio.AbstractEventLoop) -> None:
        """Begins to receive."""
        self._loop = loop
        loop.add_reader(self._sock.fileno(), self._readable)

    def close(self) -> None:
        """Stops receiving; queued datagrams survive if systemd holds the socket, too."""
        if self._loop is not None and self._sock.fileno() >= 0:
            self._loop.remove_reader(self._sock.fileno())
        self._sock.close()

    def _readable(self) -> None:
        self._left = BURST_MESSAGES
        for _ in range(BURST):
            if self._sock.fileno() < 0 or self._next() or self._left <= 0:
                return

    def _next(self) -> bool:
        """Receives and handles one datagram; True if the rest has to wait for the loop."""
        try:
            taken = self._sock.recvmsg_into([self._buffer], _SPACE, socket.MSG_CMSG_CLOEXEC)
        except (BlockingIOError, InterruptedError):
            return True
        size, ancillary, flags, _ = taken
        fds = _descriptors(ancillary)
        try:
            sender, messages = self._check(size, flags, _credentials(ancillary), fds)
        except RefusedError as exc:
            self._refuse(exc)
            return False
        finally:
            for fd in fds:
                os.close(fd)
        self._left -= len(messages)
        return self._deliver(sender, messages)

    def _check(
        self, size: int, flags: int, credentials: tuple[int, int], fds: list[int]
    ) -> tuple[Sender, list[Message]]:
        pid, uid = credentials
        if uid not in self._trusted:
            raise RefusedError(f"uid {uid}", f"sent by uid {uid}, pid {pid}")
        if flags & (socket.MSG_TRUNC | socket.MSG_CTRUNC):
            raise RefusedError("truncated", f"too long, or with too many descriptors (pid {pid})")
        frame = datagram.decode(bytes(memoryview(self._buffer)[:size]))
        if isinstance(frame, Garbage):
            raise RefusedError("garbage", f"{frame.reason} (pid {pid})")
        messages = [self._body(frame, fds, pid)] if frame.size else frame.messages
        if fds and not frame.size:
            raise RefusedError("descriptor", f"unexpected descriptors (pid {pid})")
        sender = frame.sender._replace(pid=pid)
        self._number(sender, frame)
        return sender, messages

    def _body(self, frame: Datagram, fds: list[int], pid: int) -> Message:
        if len(fds) != 1:
            raise RefusedError("memfd", f"{len(fds)} descriptors instead of one (pid {pid})")
        try:
            body = memfd.read(fds[0], frame.size, self._cap)
        except (memfd.BadBodyError, OSError) as exc:
            raise RefusedError("memfd", f"{exc} (pid {pid})") from exc
        message = datagram.decode_message(body)
        if isinstance(message, Garbage):
            raise RefusedError("garbage", f"{message.reason} (pid {pid})")
        return message

    def _number(self, sender: Sender, frame: Datagram) -> None:
        """Counts the messages that are missing before this datagram in the peer's numbering."""
        peer = (sender.role, sender.slot)
        pid, expected = self._expected.get(peer, (0, 0))
        if pid == sender.pid:
            self._diagnostics.stats.missed += max(0, frame.sequence - expected)
        self._expected[peer] = (sender.pid, frame.following)

    def _refuse(self, exc: RefusedError) -> None:
        self._diagnostics.stats.refused += 1
        self._diagnostics.report(exc.kind, f"a datagram was refused: {exc}")


def bind(path: str, *, replace: bool = True) -> socket.socket:
    """Returns a datagram socket bound at `path`, open to its owner alone.

    A stale path is replaced, one that a process still holds only if `replace`. Raises
    MessengerError.
    """
    if not replace and is_held(path):
        raise MessengerError(
            f"{path} is in use", hint="stop the other agent; systemd may hold it, too"
        )
    sock = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC)
    try:
        # Both before bind(2): the path never has other permissions, and no message is ever queued
        # without its sender's credentials.
        os.fchmod(sock.fileno(), 0o600)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
        _unlink(path)
        sock.bind(path)
    except OSError as exc:
        sock.close()
        raise MessengerError(
            f"cannot bind {path}: {exc}",
            hint="check that the runtime directory exists and is writable",
        ) from exc
    return sock


def is_held(path: str) -> bool:
    """Returns whether some process holds the datagram socket at `path`."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
        return sock.connect_ex(path) == 0


def _unlink(path: str) -> None:
    try:
        os.unlink(path)
    except FileNotFoundError:
        return


def _credentials(ancillary: list[tuple[int, int, bytes]]) -> tuple[int, int]:
    """Returns pid and uid of the sender; uid -1 if the kernel did not name it."""
    credentials = ucred.sender(ancillary, socket.SOL_SOCKET, socket.SCM_CREDENTIALS)
    return credentials[:2] if credentials else (0, -1)


def _descriptors(ancillary: list[tuple[int, int, bytes]]) -> list[int]:
    fds = array.array("i")
    for level, kind, data in ancillary:
        if level == socket.SOL_SOCKET and kind == socket.SCM_RIGHTS:
            fds.frombytes(data[: len(data) - len(data) % fds.itemsize])
    return list(fds)
