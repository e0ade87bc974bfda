"""The messenger's options."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from eggd.config.measures import Bytes
from eggd.ranges import Between

LEAST = 4 << 10
"""Bytes that eggd's own messages may have."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MessengerConfig:
    """The directory of the processes' sockets, and the limits of their queues."""

    directory: str = "/run/eggd"
    """The runtime directory, where `agent.sock` and the `worker-N.sock` are."""

    max_size: Annotated[Bytes, Between(LEAST, 1 << 30)] = 64 << 20
    """The largest message in bytes of JSON; a larger one raises MessageTooLargeError."""

    outbox_messages: Annotated[int, Between(1, 10_000_000)] = 20_000
    """Most messages that may wait for one peer; the next one raises OutboxFullError."""

    outbox_size: Annotated[Bytes, Between(LEAST, 1 << 34)] = 128 << 20
    """Most bytes that may wait for one peer; a message always fits an empty outbox."""

    max_requests: Annotated[int, Between(1, 1_000_000)] = 10_000
    """Most requests that wait in a process, and most that it answers, at once."""

    max_handlers: Annotated[int, Between(1, 1_000_000)] = 1_000
    """Most async handlers of messages that run at once. Further messages wait in order, as many as
    `outbox_messages` and `outbox_size` allow; then the process reads no more, and senders get
    OutboxFullError. The answers to requests pass."""

    send_buffer: Annotated[Bytes, Between(0, 1 << 30)] = 4 << 20
    """The requested SO_SNDBUF (socket(7)); the kernel clamps it to net.core.wmem_max."""
