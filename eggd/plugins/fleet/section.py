"""The section `fleet` of the config."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from eggd import Between, Bytes, Seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class FleetConfig:
    """Messages among hosts: the server and the limits."""

    redis: str = "main"
    """The name of the client of plugin redis. Its `timeout` must be above 1 s."""
    max_size: Annotated[Bytes, Between(1024, 64 << 20)] = 1 << 20
    """The largest message, request or answer in bytes of JSON."""
    backlog: Annotated[int, Between(100, 1_000_000)] = 10_000
    """Entries of the stream on the server, each with the messages of one host of some ms, 64 KiB at
    most, or one larger message. What a host has not read by then is lost; its log says so."""
    keep: Annotated[Seconds, Between(60, 30 * 86_400)] = 3600.0
    """Seconds that the server keeps messages, and the place up to which a host has read them. A
    host that was away for longer begins with new messages."""
