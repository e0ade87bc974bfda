"""The sending side: a bounded, ordered queue per peer, and the connected socket it empties into.

Rules:
1. A send never waits. It queues; at the end of the tick the queues are emptied as far as the
   kernel takes them, the rest when the socket is writable again.
2. The socket is connected, because only then does POLLOUT tell of the receiver's queue
   (unix(7): an unconnected one shows only its own buffer).
3. A worker that is not there drops its messages, counted. The agent's messages wait: its socket
   outlives it, in systemd's hands, and after a restart the queue goes on in order.
4. A message leaves the queue when the kernel has it, never before.
"""

from __future__ import annotations

import array
import asyncio
import errno
import os
import socket
from collections import deque
from collections.abc import Callable
from itertools import islice

from eggd.errors import OutboxFullError
from eggd.messenger import memfd
from eggd.messenger.config import MessengerConfig
from eggd.messenger.inbox import INLINE
from eggd.messenger.ledger import Ledger
from eggd.wire import datagram
from eggd.wire.datagram import Sender

SHARED = 16 << 10
"""Bytes of messages that share a datagram: what is lost at most when the receiver is killed."""

BURST = 64
"""Datagrams sent to one peer in one go."""

FIRST_RETRY, LAST_RETRY = 0.1, 1.0
"""Seconds between tries while something waits that no descriptor can tell of."""

_GONE = frozenset(
    {
        errno.ECONNREFUSED, errno.ENOENT, errno.ENOTCONN, errno.ECONNRESET,
        errno.EPIPE, errno.EACCES, errno.EPERM, errno.ENOTSOCK, errno.EPROTOTYPE,
    }
)  # fmt: skip
_SHORT = frozenset(
    {
        errno.ENOBUFS, errno.ENOMEM, errno.EMFILE, errno.ENFILE, errno.ENOSPC,
        errno.ETOOMANYREFS,
    }
)  # fmt: skip


class Post:
    """What all outboxes of a process share: the loop, the limits, who we are, what is due."""

    def __init__(self, config: MessengerConfig, sender: Sender, ledger: Ledger) -> None:
        self.config = config
        self.ledger = ledger
        self.start = datagram.head(sender)
        self.pending = 0
        self.loop = asyncio.get_running_loop()
        self._due: list[Outbox] = []
        self._waiting: list[asyncio.Future[None]] = []

    def schedule(self, outbox: Outbox) -> None:
        """Have this outbox emptied at the end of the tick."""
        if not self._due:
            self.loop.call_soon(self.deliver)
        self._due.append(outbox)

    def deliver(self) -> None:
        """Empty what is due, as far as the kernel takes it."""
        due, self._due = self._due, []
        for outbox in due:
            outbox.drain()

    def took(self, count: int) -> None:
        """Note that messages left a queue, and wake `empty` when none is left in any."""
        self.pending -= count
        if not self.pending:
            for future in self._waiting:
                if not future.done():
                    future.set_result(None)
            self._waiting.clear()

    async def empty(self, timeout: float) -> bool:
        """Wait until no message is queued for anybody; false after `timeout` seconds."""
        self.deliver()
        if not self.pending:
            return True
        future = self.loop.create_future()
        self._waiting.append(future)
        await asyncio.wait([future], timeout=timeout)
        if future in self._waiting:
            self._waiting.remove(future)
        return future.done()


class Outbox:
    """The queue for one peer. `patient`: messages wait while nobody holds the peer's socket."""

    def __init__(self, path: str, post: Post, *, patient: bool, gone: Callable[[], None]) -> None:
        self._path = path
        self._post = post
        self._patient = patient
        self._gone = gone
        self._queue: deque[bytes] = deque()
        self._size = 0
        self._sequence = 0
        self._sock: socket.socket | None = None
        self._fresh = False
        self._inline = INLINE
        self._body = -1
        self._writing = False
        self._due = False
        self._timer: asyncio.TimerHandle | None = None
        self._delay = FIRST_RETRY

    def put(self, message: bytes, *, always: bool = False) -> None:
        """Queue an encoded message; raise OutboxFullError, with nothing queued, unless `always`."""
        if not always and self._is_full(len(message)):
            self._reject()
        self._queue.append(message)
        self._size += len(message)
        self._post.pending += 1
        if not (self._due or self._writing or self._timer):
            self._due = True
            self._post.schedule(self)

    def _is_full(self, size: int) -> bool:
        config = self._post.config
        too_many = len(self._queue) >= config.outbox_messages
        return too_many or (bool(self._queue) and self._size + size > config.outbox_size)

    def drain(self) -> None:
        """Send until the queue is empty, the kernel has enough, or others should have a turn."""
        self._due = False
        self._stop_timer()
        for _ in range(BURST):
            if not self._queue:
                return self._rest()
            try:
                self._send()
            except BlockingIOError:
                return self._await_room()
            except OSError as exc:
                if not self._failed(exc):
                    return None
        return self._await_room()

    def nudge(self) -> None:
        """Try again now: the peer was heard of."""
        if self._timer:
            self.drain()

    def close(self) -> None:
        """Send what the kernel takes at once, count the rest as dropped, let go."""
        left = -1
        while self._queue and len(self._queue) != left:
            left = len(self._queue)
            self.drain()
        self._drop_all()
        self._stop_timer()
        self._disconnect()

    def _send(self) -> None:
        sock = self._sock or self._connect()
        start, queue = self._post.start, self._queue
        if len(queue[0]) > self._inline:
            count = self._send_body(sock, queue[0])
        else:
            count = self._count()
            sock.send(datagram.pack(start, self._sequence, islice(queue, count)))
        self._took(count)
        self._post.ledger.stats.sent += count
        self._fresh = False
        self._delay = FIRST_RETRY

    def _send_body(self, sock: socket.socket, message: bytes) -> int:
        if self._body < 0:
            self._body = memfd.seal(message)
        frame = datagram.pack_memfd(self._post.start, self._sequence, len(message))
        fds = array.array("i", [self._body])
        sock.sendmsg([frame], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, fds)])
        return 1

    def _count(self) -> int:
        """Return how many of the first messages share the next datagram."""
        size = count = 0
        for message in self._queue:
            size += len(message) + 1
            if count and size > min(SHARED, self._inline):
                break
            count += 1
        return count

    def _took(self, count: int) -> None:
        for _ in range(count):
            self._size -= len(self._queue.popleft())
        self._sequence += count
        self._close_body()
        self._post.took(count)

    def _connect(self) -> socket.socket:
        kind = socket.SOCK_DGRAM | socket.SOCK_NONBLOCK | socket.SOCK_CLOEXEC
        sock = socket.socket(socket.AF_UNIX, kind)
        try:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, self._post.config.send_buffer)
            sock.connect(self._path)
        except OSError:
            sock.close()
            raise
        # One datagram takes at most half of a buffer that the kernel clamped to very little.
        room = sock.getsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF) // 2
        self._inline = max(256, min(INLINE, room - 1024))
        self._sock, self._fresh = sock, True
        return sock

    def _failed(self, exc: OSError) -> bool:
        """Deal with an error of connect(2), send(2) or memfd_create(2); true to try on."""
        if exc.errno in _GONE:
            return self._absent(exc)
        if exc.errno in _SHORT:
            self._post.ledger.once(f"short {self._path}", f"{self._path}: {exc}; trying again")
            self._retry()
            return False
        text = f"{self._path}: {exc}; the messages are dropped"
        self._post.ledger.once(f"odd {exc.errno}", text, "error")
        self._drop(1 if len(self._queue[0]) > self._inline else self._count())
        return True

    def _absent(self, exc: OSError) -> bool:
        stale = self._sock is not None and not self._fresh
        self._disconnect()
        if stale:  # its owner may have bound the path anew
            return True
        if self._patient:
            self._retry()
            return False
        if exc.errno in (errno.EACCES, errno.EPERM):
            self._post.ledger.once(f"closed {self._path}", f"{self._path}: {exc}")
        self._drop_all()
        self._gone()
        return False

    def _drop(self, count: int) -> None:
        self._post.ledger.stats.dropped += count
        self._took(count)

    def _drop_all(self) -> None:
        if self._queue:
            self._drop(len(self._queue))

    def _reject(self) -> None:
        ledger = self._post.ledger
        ledger.stats.rejected += 1
        text = f"{self._path}: {len(self._queue)} messages, {self._size} bytes wait already"
        ledger.once(f"full {self._path}", f"outbox full, messages are rejected: {text}", "error")
        raise OutboxFullError(f"outbox full: {text}", hint="is the receiver stuck or down?")

    def _rest(self) -> None:
        self._stop_writing()
        self._post.ledger.forget(f"full {self._path}")

    def _await_room(self) -> None:
        if self._sock is None:
            self._due = True
            self._post.schedule(self)
        elif not self._writing:
            self._writing = True
            self._post.loop.add_writer(self._sock.fileno(), self.drain)

    def _stop_writing(self) -> None:
        if self._writing and self._sock is not None:
            self._post.loop.remove_writer(self._sock.fileno())
        self._writing = False

    def _retry(self) -> None:
        self._stop_writing()
        self._timer = self._post.loop.call_later(self._delay, self.drain)
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
