"""The sending side: a bounded, ordered queue per peer, and the connected socket it empties into.

Rules:
1. A send never waits. It queues; at the end of the tick the queues are emptied as far as the
   kernel takes them, the rest when the socket is writable again.
2. The socket is connected, because only then does POLLOUT tell of the receiver's queue
   (unix(7): an unconnected one shows only its own buffer).
3. Messages share a datagram if one tick sent them, and only then, however long they wait: a killed
   receiver loses the datagram in its hand, so that is all it should be.
4. A worker that is not there drops its messages, counted. The agent's messages wait: its socket
   outlives it, in systemd's hands, and after a restart the queue goes on in order.
5. A message leaves the queue when the kernel has it, never before.
"""

from __future__ import annotations

import array
import asyncio
import errno
import os
import socket
from collections import deque
from collections.abc import Callable

from eggd.errors import OutboxFullError
from eggd.messenger import memfd
from eggd.messenger.inbox import INLINE
from eggd.messenger.post import Post
from eggd.wire import datagram

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


class Outbox:
    """The queue for one peer. `patient`: messages wait while no process holds the peer's socket.

    `gone(removed)` is called if they do not wait; `removed`: the path does not exist either.
    """

    def __init__(
        self, path: str, post: Post, *, patient: bool, gone: Callable[[bool], None]
    ) -> None:
        self._path = path
        self._post = post
        self._patient = patient
        self._gone = gone
        self._queue: deque[list[bytes]] = deque()
        self._open = -1  # bytes in the last datagram, while this tick may add to it
        self._count = 0
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

    @property
    def connected(self) -> bool:
        """Whether the peer's socket existed at the last send."""
        return self._sock is not None

    def put(self, message: bytes, *, always: bool = False) -> None:
        """Queues an encoded message. Raises OutboxFullError unless `always`."""
        if not always and self._is_full(len(message)):
            self._reject()
        if 0 <= self._open <= SHARED - len(message):
            self._queue[-1].append(message)
        else:
            self._queue.append([message])
            self._open = 0
        self._open += len(message) + 1
        self._count += 1
        self._size += len(message)
        self._post.pending += 1
        self._make_due()

    def tick(self) -> None:
        """The tick is over: what it sent is complete; start on it unless something waits."""
        self._due, self._open = False, -1
        if not (self._writing or self._timer):
            self.drain()

    def _is_full(self, size: int) -> bool:
        config = self._post.config
        too_many = self._count >= config.outbox_messages
        return too_many or (bool(self._queue) and self._size + size > config.outbox_size)

    def drain(self) -> None:
        """Sends until the queue is empty, the kernel has enough, or others should have a turn."""
        self._stop_timer()
        self._open = -1
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
        """Tries again now: the peer was heard of."""
        if self._timer:
            self.drain()

    def close(self) -> None:
        """Sends what the kernel takes at once, count the rest as dropped, let go."""
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
            sock.send(datagram.pack(self._post.start, self._sequence, messages))
        self._post.ledger.stats.sent += len(messages)
        self._took()
        self._fresh = False
        self._delay = FIRST_RETRY

    def _send_body(self, sock: socket.socket, message: bytes) -> None:
        if self._body < 0:
            self._body = memfd.seal(message)
        frame = datagram.pack_memfd(self._post.start, self._sequence, len(message))
        fds = array.array("i", [self._body])
        sock.sendmsg([frame], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, fds)])

    def _split(self) -> None:
        """Lets messages go one by one, where the kernel's buffer is too small for all."""
        self._queue.extendleft([message] for message in reversed(self._queue.popleft()))

    def _took(self) -> None:
        messages = self._queue.popleft()
        self._count -= len(messages)
        self._size -= sum(map(len, messages))
        self._sequence += len(messages)
        self._close_body()
        self._post.took(len(messages))

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
        self._post.ledger.forget(f"absent {self._path}")
        return sock

    def _failed(self, exc: OSError) -> bool:
        """Deals with an error of connect(2), send(2) or memfd_create(2); true to try on."""
        if exc.errno in _GONE:
            return self._absent(exc)
        if exc.errno in _SHORT:
            self._post.ledger.once(f"short {self._path}", f"{self._path}: {exc}; trying again")
            self._retry()
            return False
        text = f"{self._path}: {exc}; the messages are dropped"
        self._post.ledger.once(f"odd {exc.errno}", text, "error")
        self._drop()
        return True

    def _absent(self, exc: OSError) -> bool:
        stale = self._sock is not None and not self._fresh
        self._disconnect()
        if stale:  # its owner may have bound the path anew
            return True
        if exc.errno in (errno.EACCES, errno.EPERM):
            self._post.ledger.once(f"closed {self._path}", f"{self._path}: {exc}")
        if self._patient:
            if exc.errno == errno.ENOENT:
                text = f"{self._path} does not exist: messages wait until it does"
                self._post.ledger.once(f"absent {self._path}", text)
            self._retry()
            return False
        self._drop_all()
        self._rest()
        self._gone(exc.errno == errno.ENOENT)
        return False

    def _drop(self) -> None:
        self._post.ledger.stats.dropped += len(self._queue[0])
        self._took()

    def _drop_all(self) -> None:
        while self._queue:
            self._drop()

    def _reject(self) -> None:
        ledger = self._post.ledger
        ledger.stats.rejected += 1
        text = f"{self._path}: {self._count} messages, {self._size} bytes wait already"
        ledger.once(f"full {self._path}", f"outbox full, messages are rejected: {text}", "error")
        raise OutboxFullError(f"outbox full: {text}", hint="is the receiver stuck or down?")

    def _rest(self) -> None:
        self._stop_writing()
        self._post.ledger.forget(f"full {self._path}")

    def _await_room(self) -> None:
        if self._sock is None:
            self._make_due()
        elif not self._writing:
            self._writing = True
            self._post.loop.add_writer(self._sock.fileno(), self.drain)

    def _make_due(self) -> None:
        if not self._due:
            self._due = True
            self._post.schedule(self.tick)

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
