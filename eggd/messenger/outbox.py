"""The sending side: a bounded, ordered queue per peer, and the connected socket it empties into.

Rules:
1. A send never waits. The first message after a pause goes to the kernel at once, the next ones
   queue; at the end of the tick the queues are emptied as far as the kernel accepts the messages,
   the rest when the socket is writable again.
2. The socket is connected, because only then POLLOUT reports room in the receiver's queue
   (unix(7): of an unconnected one it reports only the own buffer).
3. Messages share a datagram only if they were sent in the same tick: a killed receiver loses the
   datagram that it is handling, which should hold little.
4. Messages for an ended worker are dropped and counted. Messages for the agent wait: systemd keeps
   its socket, and after a restart the queue continues in order.
5. A message leaves the queue when the kernel has accepted it, never before.
"""

from __future__ import annotations

import array
import asyncio
import errno
import os
import socket
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path

from eggd.errors import OutboxFullError
from eggd.messenger import memfd
from eggd.messenger.inbox import INLINE
from eggd.messenger.scheduler import Scheduler
from eggd.wire import datagram

SHARED = 16 << 10
"""Most bytes of messages that share a datagram: a killed receiver loses that much."""

PAUSE = 50e-6
"""Seconds without a message after which the next one is sent at once: those of a burst share."""

BURST = 64
"""Most datagrams sent to one peer before other tasks of the loop have a turn."""

FIRST_RETRY, LAST_RETRY = 0.1, 1.0
"""Seconds between attempts while messages wait for an event without a descriptor."""

_NO_RECEIVER = frozenset(
    {
        errno.ECONNREFUSED, errno.ENOENT, errno.ENOTCONN, errno.ECONNRESET,
        errno.EPIPE, errno.EACCES, errno.EPERM, errno.ENOTSOCK, errno.EPROTOTYPE,
    }
)  # fmt: skip
_NO_RESOURCES = frozenset(
    {
        errno.ENOBUFS, errno.ENOMEM, errno.EMFILE, errno.ENFILE, errno.ENOSPC,
        errno.ETOOMANYREFS,
    }
)  # fmt: skip


class Outbox:
    """The queue for one peer.

    With `keep` messages wait while no process holds the peer's socket. Without it they are dropped
    and `gone(removed)` is called; `removed` is true if the path does not exist either.
    """

    def __init__(
        self, path: str, scheduler: Scheduler, *, keep: bool, gone: Callable[[bool], None]
    ) -> None:
        self._path = path
        self._scheduler = scheduler
        self._diagnostics = scheduler.diagnostics
        self._counts = scheduler.diagnostics.peer(Path(path).stem)
        self._keep = keep
        self._gone = gone
        # One list of messages per datagram.
        self._queue: deque[list[bytes]] = deque()
        # Bytes in the last datagram while this tick may add to it, else -1.
        self._open = -1
        # Messages in the queue, and their bytes.
        self._count = 0
        self._size = 0
        # The number of the next message, by which the receiver counts missing ones.
        self._sequence = 0
        # None until the first send, and after an error.
        self._sock: socket.socket | None = None
        # No datagram was sent since the socket was connected: it cannot be stale.
        self._fresh = False
        # Most bytes of a datagram that the send buffer accepts.
        self._inline = INLINE
        # The memfd of the first message while it waits, else -1.
        self._body = -1
        # The time of the last message, in seconds.
        self._last = 0.0
        # The loop calls `drain` when the socket is writable.
        self._writing = False
        # The scheduler will call `tick`.
        self._due = False
        # Runs while messages wait for the next attempt.
        self._timer: asyncio.TimerHandle | None = None
        # Seconds until the next attempt.
        self._delay = FIRST_RETRY

    @property
    def connected(self) -> bool:
        """True if the peer's socket existed at the last send."""
        return self._sock is not None

    @property
    def waiting(self) -> int:
        """The messages in the queue."""
        return self._count

    def put(self, message: bytes, *, always: bool = False) -> None:
        """Queues an encoded message. Raises OutboxFullError unless `always`."""
        if not self._queue:
            if self._sent_at_once(message):
                return
        elif not always and self._is_full(len(message)):
            self._reject()
        if 0 <= self._open <= SHARED - len(message):
            self._queue[-1].append(message)
        else:
            self._queue.append([message])
            self._open = 0
        self._open += len(message) + 1
        self._count += 1
        self._size += len(message)
        self._scheduler.pending += 1
        self._make_due()

    def tick(self) -> None:
        """Ends the tick: sends its messages, unless older ones wait."""
        self._due, self._open = False, -1
        if not (self._writing or self._timer):
            self.drain()

    def _sent_at_once(self, message: bytes) -> bool:
        """Sends the first message after a pause without waiting for the end of the tick.

        An error is left to `drain`.
        """
        now = time.perf_counter()
        pause, self._last = now - self._last, now
        if pause < PAUSE or self._sock is None or len(message) >= self._inline or self._timer:
            return False
        try:
            self._sock.send(datagram.pack(self._scheduler.start, self._sequence, (message,)))
        except OSError:
            return False
        self._sequence += 1
        self._counts.sent += 1
        self._diagnostics.stats.sent += 1
        self._fresh = False
        return True

    def _is_full(self, size: int) -> bool:
        config = self._scheduler.config
        too_many = self._count >= config.outbox_messages
        return too_many or (bool(self._queue) and self._size + size > config.outbox_size)

    def drain(self) -> None:
        """Sends until the queue is empty, the kernel's buffer full, or BURST is reached."""
        self._stop_timer()
        self._open = -1
        for _ in range(BURST):
            if not self._queue:
                return self._emptied()
            try:
                self._send()
            except BlockingIOError:
                return self._await_room()
            except OSError as exc:
                if not self._failed(exc):
                    return None
        return self._await_room()

    def retry(self) -> None:
        """Tries again now: the peer has sent a message."""
        if self._timer:
            self.drain()

    def close(self) -> None:
        """Sends what the kernel accepts at once, counts the rest as dropped, closes the socket."""
        left = -1
        while self._queue and len(self._queue) != left:
            left = len(self._queue)
            self.drain()
        self._drop_all()
        self._stop_timer()
        self._disconnect()

    def _send(self) -> None:
        sock = self._sock or self._connect()
        messages = self._queue[0]
        size = sum(map(len, messages)) + len(messages)
        if size > self._inline and len(messages) > 1:
            self._split()
            return
        if size > self._inline:
            self._send_body(sock, messages[0])
        else:
            sock.send(datagram.pack(self._scheduler.start, self._sequence, messages))
        self._diagnostics.stats.sent += len(messages)
        self._counts.sent += len(messages)
        self._remove_first()
        self._fresh = False
        self._delay = FIRST_RETRY

    def _send_body(self, sock: socket.socket, message: bytes) -> None:
        if self._body < 0:
            self._body = memfd.seal(message)
        frame = datagram.pack_memfd(self._scheduler.start, self._sequence, len(message))
        fds = array.array("i", [self._body])
        sock.sendmsg([frame], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, fds)])

    def _split(self) -> None:
        """Puts each message into its own datagram: the send buffer is too small for all."""
        self._queue.extendleft([message] for message in reversed(self._queue.popleft()))

    def _remove_first(self) -> None:
        messages = self._queue.popleft()
        self._count -= len(messages)
        self._size -= sum(map(len, messages))
        self._sequence += len(messages)
        self._close_body()
        self._scheduler.sent(len(messages))

    def _connect(self) -> socket.socket:
        kind = socket.SOCK_DGRAM | socket.SOCK_NONBLOCK | socket.SOCK_CLOEXEC
        sock = socket.socket(socket.AF_UNIX, kind)
        try:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, self._scheduler.config.send_buffer)
            sock.connect(self._path)
        except OSError:
            sock.close()
            raise
        # One datagram takes at most half of a buffer that the kernel clamped to very little.
        room = sock.getsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF) // 2
        self._inline = max(256, min(INLINE, room - 1024))
        self._sock, self._fresh = sock, True
        self._diagnostics.resolved(f"absent {self._path}")
        return sock

    def _failed(self, exc: OSError) -> bool:
        """Handles an error of connect(2), send(2) or memfd_create(2); True to continue at once."""
        if exc.errno in _NO_RECEIVER:
            return self._absent(exc)
        if exc.errno in _NO_RESOURCES:
            self._diagnostics.report(f"short {self._path}", f"{self._path}: {exc}; trying again")
            self._retry_later()
            return False
        text = f"{self._path}: {exc}; the messages are dropped"
        self._diagnostics.report(f"odd {exc.errno}", text, "error")
        self._drop()
        return True

    def _absent(self, exc: OSError) -> bool:
        stale = self._sock is not None and not self._fresh
        self._disconnect()
        if stale:  # the receiver may have bound the path again
            return True
        if exc.errno in (errno.EACCES, errno.EPERM):
            self._diagnostics.report(f"closed {self._path}", f"{self._path}: {exc}")
        if self._keep:
            if exc.errno == errno.ENOENT:
                text = f"{self._path} does not exist: messages wait until it does"
                self._diagnostics.report(f"absent {self._path}", text)
            self._retry_later()
            return False
        self._drop_all()
        self._emptied()
        self._gone(exc.errno == errno.ENOENT)
        return False

    def _drop(self) -> None:
        self._diagnostics.stats.dropped += len(self._queue[0])
        self._counts.dropped += len(self._queue[0])
        self._remove_first()

    def _drop_all(self) -> None:
        while self._queue:
            self._drop()

    def _reject(self) -> None:
        self._diagnostics.stats.rejected += 1
        self._counts.rejected += 1
        text = f"{self._path}: {self._count} messages, {self._size} bytes are queued"
        self._diagnostics.report(
            f"full {self._path}", f"outbox full, messages are rejected: {text}", "error"
        )
        raise OutboxFullError(
            f"outbox full: {text}", hint="check that the receiver runs and is not blocked"
        )

    def _emptied(self) -> None:
        self._stop_writing()
        self._diagnostics.resolved(f"full {self._path}")

    def _await_room(self) -> None:
        if self._sock is None:
            self._make_due()
        elif not self._writing:
            self._writing = True
            self._scheduler.loop.add_writer(self._sock.fileno(), self.drain)

    def _make_due(self) -> None:
        if not self._due:
            self._due = True
            self._scheduler.schedule(self.tick)

    def _stop_writing(self) -> None:
        if self._writing and self._sock is not None:
            self._scheduler.loop.remove_writer(self._sock.fileno())
        self._writing = False

    def _retry_later(self) -> None:
        self._stop_writing()
        self._timer = self._scheduler.loop.call_later(self._delay, self.drain)
        self._delay = min(LAST_RETRY, self._delay * 2)

    def _stop_timer(self) -> None:
        if self._timer:
            self._timer.cancel()
            self._timer = None

    def _disconnect(self) -> None:
        self._stop_writing()
        self._close_body()
        if self._sock is not None:
            self._sock.close()
            self._sock = None

    def _close_body(self) -> None:
        if self._body >= 0:
            os.close(self._body)
            self._body = -1
