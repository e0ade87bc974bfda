"""The receiving side: one datagram at a time, from processes of our own user and root alone.

Rules:
1. A datagram is taken from the kernel only after all messages of the previous one were handled,
   or wait in the backlog: killing the process loses at most one datagram, and the backlog.
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
from dataclasses import dataclass

from eggd.errors import MessengerError
from eggd.messenger import memfd
from eggd.messenger.diagnostics import Diagnostics, PeerCounts
from eggd.wire import datagram, ucred
from eggd.wire.datagram import Datagram, Garbage, Message, Sender

INLINE = 64 << 10
"""Bytes of a body that travel in the datagram itself; a larger one goes by memfd."""

HEADROOM = 1 << 10
"""The most bytes of a frame around its messages."""

PROBE_EVERY = 8
"""Wake-ups for one lone message after which the inbox looks for a second datagram."""

BURST, BURST_MESSAGES = 32, 256
"""Most datagrams, and about how many messages, per wake-up: HTTP must not wait for a flood."""

_FDS = array.array("i")
_CLOEXEC, _TRUNCATED = int(socket.MSG_CMSG_CLOEXEC), int(socket.MSG_TRUNC | socket.MSG_CTRUNC)
"""Flags as plain numbers: an operation with a member of an Enum takes a microsecond."""
_SPACE = socket.CMSG_SPACE(ucred.SIZE) + socket.CMSG_SPACE(_FDS.itemsize)

Deliver = Callable[[Sender, list[Message], int], bool]
"""Calls the handlers, of messages of that many bytes; True if some wait for the loop, so that the
next datagram has to wait."""


class RefusedError(Exception):
    """Raised inside the inbox for a datagram that is refused; each `kind` is logged once."""

    def __init__(self, kind: str, reason: str) -> None:
        super().__init__(reason)
        self.kind = kind


MOST_HEADS = 1024
"""Most heads of frames, and most credentials, that are remembered."""


@dataclass(slots=True)
class _Peer:
    """A sender, the number that its next message should have, and its counters."""

    sender: Sender
    expected: int
    counts: PeerCounts


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
        # By role and slot.
        self._peers: dict[tuple[str, int], _Peer] = {}
        # By the head of its frames, which a process never changes; an entry may be stale.
        self._heads: dict[bytes, _Peer] = {}
        # The pids of accepted credentials, by the ancillary data that names them.
        self._pids: dict[tuple[int, int, bytes], int] = {}
        self._view = memoryview(self._buffer)
        # The wake-up before found a second datagram: so it is worth looking for one.
        self._busy = False
        # Wake-ups since the last one that looked for a second datagram.
        self._single = 0
        self._loop: asyncio.AbstractEventLoop | None = None
        # True while the handlers are too busy: datagrams wait in the kernel.
        self._paused = False
        # Called when the socket is empty.
        self._when_empty: list[Callable[[], None]] = []

    def start(self, loop: asyncio.AbstractEventLoop) -> None:
        """Begins to receive."""
        self._loop = loop
        if not self._paused:
            loop.add_reader(self._sock.fileno(), self._readable)

    def pause(self, is_paused: bool) -> None:
        """Stops receiving, or goes on with it."""
        self._paused = is_paused
        if self._loop is None or self._sock.fileno() < 0:
            return
        if is_paused:
            self._loop.remove_reader(self._sock.fileno())
        else:
            self._loop.add_reader(self._sock.fileno(), self._readable)
            self._loop.call_soon(self._readable)

    def close(self) -> None:
        """Stops receiving; queued datagrams survive if systemd holds the socket, too."""
        if self._loop is not None and self._sock.fileno() >= 0:
            self._loop.remove_reader(self._sock.fileno())
        self._sock.close()
        self._when_empty.clear()

    def when_empty(self, callback: Callable[[], None]) -> None:
        """Calls a function once, when each datagram that has arrived was handled.

        Never after `close`.
        """
        if self._sock.fileno() < 0:
            return
        self._when_empty.append(callback)
        if self._loop is not None and len(self._when_empty) == 1:
            self._loop.call_soon(self._readable)

    def _readable(self) -> None:
        self._read()
        if self._when_empty and self._loop is not None and not self._paused:
            self._loop.call_soon(self._readable)

    def _read(self) -> None:
        if self._sock.fileno() < 0 or self._paused:
            return
        self._left = BURST_MESSAGES
        if self._next() or self._rests():
            return
        for _ in range(BURST - 1):
            is_stopped = self._sock.fileno() < 0 or self._paused
            if is_stopped or self._left <= 0 or self._next():
                return
            self._busy = True

    def _rests(self) -> bool:
        """Returns whether to wait for the next wake-up after one datagram.

        The loop wakes again if there is more. An attempt that finds the socket empty takes longer
        than that, and most datagrams arrive alone: so one wake-up in PROBE_EVERY tries.
        """
        self._single += 1
        if self._when_empty or self._single >= PROBE_EVERY or BURST_MESSAGES - self._left > 1:
            self._single, self._busy = 0, False
            return False
        return not self._busy

    def _next(self) -> bool:
        """Receives and handles one datagram; True if the rest has to wait for the loop."""
        try:
            taken = self._sock.recvmsg_into([self._buffer], _SPACE, _CLOEXEC)
        except (BlockingIOError, InterruptedError):
            return self._empty()
        size, ancillary, flags, _ = taken
        if len(ancillary) == 1 and not flags & _TRUNCATED:
            fast = self._known(size, self._pids.get(ancillary[0]))
            if fast is not None:
                self._left -= len(fast[1])
                return self._deliver(*fast, size)
        fds = _descriptors(ancillary)
        try:
            sender, messages, size = self._check(size, flags, _credentials(ancillary), fds)
            self._remember(ancillary, sender.pid)
        except RefusedError as exc:
            self._refuse(exc)
            return False
        finally:
            for fd in fds:
                os.close(fd)
        self._left -= len(messages)
        return self._deliver(sender, messages, size)

    def _empty(self) -> bool:
        if self._when_empty:
            callbacks, self._when_empty = self._when_empty, []
            for callback in callbacks:
                callback()
        return True

    def _known(self, size: int, pid: int | None) -> tuple[Sender, list[Message]] | None:
        """Returns a datagram of a process that is known by its credentials and its frames' head.

        None for any other, which `_check` judges.
        """
        parts = datagram.split(bytes(self._view[:size])) if pid is not None else None
        if parts is None:
            return None
        head, number, array = parts
        peer = self._heads.get(head)
        if peer is None or peer.sender.pid != pid:
            return None
        messages = datagram.decode_messages(array)
        if messages is None:
            return None
        self._count(peer, number, len(messages))
        return peer.sender, messages

    def _count(self, peer: _Peer, number: int, messages: int) -> None:
        if number > peer.expected:
            self._diagnostics.stats.missed += number - peer.expected
            peer.counts.missed += number - peer.expected
        peer.expected = number + messages
        peer.counts.received += messages

    def _remember(self, ancillary: list[tuple[int, int, bytes]], pid: int) -> None:
        if len(ancillary) == 1:
            if len(self._pids) >= MOST_HEADS:
                self._pids.clear()
            self._pids[ancillary[0]] = pid

    def _check(
        self, size: int, flags: int, credentials: tuple[int, int], fds: list[int]
    ) -> tuple[Sender, list[Message], int]:
        pid, uid = credentials
        if uid not in self._trusted:
            raise RefusedError(f"uid {uid}", f"sent by uid {uid}, pid {pid}")
        if flags & _TRUNCATED:
            raise RefusedError("truncated", f"too long, or with too many descriptors (pid {pid})")
        data = bytes(self._view[:size])
        frame = datagram.decode(data)
        if isinstance(frame, Garbage):
            raise RefusedError(frame.kind, f"{frame.reason} (pid {pid})")
        messages = [self._body(frame, fds, pid)] if frame.size else frame.messages
        if fds and not frame.size:
            raise RefusedError("descriptor", f"unexpected descriptors (pid {pid})")
        sender = frame.sender._replace(pid=pid)
        self._number(sender, frame, data)
        return sender, messages, size + frame.size

    def _body(self, frame: Datagram, fds: list[int], pid: int) -> Message:
        if frame.size > self._cap:
            text = f"{frame.size} bytes exceed the limit of {self._cap} (pid {pid})"
            raise RefusedError("size", text)
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

    def _number(self, sender: Sender, frame: Datagram, data: bytes) -> None:
        """Counts the messages that are missing before this datagram in the peer's numbering."""
        peer = self._peers.get(sender[:2])
        if peer is None or peer.sender.pid != sender.pid:
            peer = _Peer(sender, frame.sequence, self._diagnostics.peer(sender.name))
            self._peers[sender[:2]] = peer
        self._count(peer, frame.sequence, frame.following - frame.sequence)
        if parts := datagram.split(data):
            if len(self._heads) >= MOST_HEADS:
                self._heads.clear()
            self._heads[parts[0]] = peer

    def _refuse(self, exc: RefusedError) -> None:
        self._diagnostics.refuse(exc.kind.split()[0])
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
