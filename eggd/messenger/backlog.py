"""The messages that wait while as many async handlers run as may run at once.

Messages wait in the order in which they arrived, so no message overtakes an earlier one; answers
and eggd's own messages about processes pass, since handlers may wait for them. A full backlog stops
the reading of the sockets: further messages wait in the kernel and in their senders' queues.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable

from eggd.messenger.config import MessengerConfig
from eggd.messenger.diagnostics import Diagnostics
from eggd.wire.datagram import Message, Sender

PER_TURN = 256
"""Most waiting messages that are handled in one turn of the loop: HTTP must not wait for them."""


class Backlog:
    """A bounded queue in front of the handlers."""

    def __init__(
        self,
        config: MessengerConfig,
        running: Callable[[], int],
        handle: Callable[[Message, Sender], object],
        pause: Callable[[bool], None],
        diagnostics: Diagnostics,
    ) -> None:
        """Prepares. `running` returns the number of async handlers, `handle` calls the handlers
        of a message, and `pause` ends or begins the reading of the sockets."""
        self.config = config
        """The limits: `max_handlers`, and those of an outbox."""
        self._running = running
        self._handle = handle
        self._pause = pause
        self._diagnostics = diagnostics
        # Each message with its sender and its bytes.
        self._queue: deque[tuple[Message, Sender, int]] = deque()
        self._size = 0
        self._is_paused = False
        # The loop will call `_turn`.
        self._due = False

    def __len__(self) -> int:
        return len(self._queue)

    @property
    def is_open(self) -> bool:
        """Whether a message may be handled at once."""
        return not self._queue and self._running() < self.config.max_handlers

    @property
    def is_full(self) -> bool:
        """Whether no more messages should arrive."""
        config = self.config
        return len(self._queue) >= config.outbox_messages or self._size >= config.outbox_size

    def put(self, message: Message, sender: Sender, size: int) -> None:
        """Lets a message of `size` bytes wait."""
        if not self._queue:
            text = f"{self._running()} async handlers run: further messages wait for their end"
            self._diagnostics.report("handlers", f"{text} (last action: {message.action!r})")
        self._queue.append((message, sender, size))
        self._size += size
        if self.is_full:
            self._set_paused(True)

    def resume(self) -> None:
        """Handles waiting messages in the next turn of the loop: a handler has ended."""
        if self._queue and not self._due:
            self._due = True
            asyncio.get_running_loop().call_soon(self._turn)

    def clear(self) -> None:
        """Drops what waits: the process closes its messenger."""
        self._queue.clear()

    def _turn(self) -> None:
        self._due = False
        for _ in range(PER_TURN):
            if not self._queue or self._running() >= self.config.max_handlers:
                break
            message, sender, size = self._queue.popleft()
            self._size -= size
            self._handle(message, sender)
        if not self.is_full:
            self._set_paused(False)
        if not self._queue:
            self._diagnostics.resolved("handlers")
        elif self._running() < self.config.max_handlers:
            self.resume()

    def _set_paused(self, is_paused: bool) -> None:
        if is_paused != self._is_paused:
            self._is_paused = is_paused
            self._pause(is_paused)
