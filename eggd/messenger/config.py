"""The messenger's options."""

from __future__ import annotations

from dataclasses import dataclass

from eggd.config.measures import Bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class MessengerConfig:
    """The directory of the processes' sockets, and the limits of their queues."""

    directory: str = "/run/eggd"
    """The runtime directory, where `agent.sock` and the `worker-N.sock` are."""

    max_size: Bytes = 64 << 20
    """The largest message in bytes of JSON; a larger one raises MessageTooLargeError."""

    outbox_messages: int = 20_000
    """Most messages that may wait for one peer; the next one raises OutboxFullError."""

    outbox_size: Bytes = 128 << 20
    """Most bytes that may wait for one peer; a message always fits an empty outbox."""

    send_buffer: Bytes = 4 << 20
    """The requested SO_SNDBUF (socket(7)); the kernel clamps it to net.core.wmem_max."""
