"""The section `fleet` of the config."""

from __future__ import annotations

from dataclasses import dataclass

from eggd import Bytes, ConfigError, Seconds


@dataclass(frozen=True, slots=True, kw_only=True)
class FleetConfig:
    """Messages among hosts: the server and the limits."""

    redis: str = "main"
    """The name of the client of plugin redis. Its `timeout` must be above 1 s."""
    max_size: Bytes = 1 << 20
    """The largest message, request or answer in bytes of JSON."""
    backlog: int = 10_000
    """Entries of the stream on the server, each with the messages of one host of some ms, 64 KiB at
    most, or one larger message. What a host has not read by then is lost; its log says so."""
    keep: Seconds = 3600.0
    """Seconds that the server keeps messages, and the place up to which a host has read them. A
    host that was away for longer begins with new messages."""

    def __post_init__(self) -> None:
        """Refuses limits that are too low."""
        for name, least in (("max_size", 1024), ("backlog", 100), ("keep", 60)):
            if getattr(self, name) < least:
                raise ConfigError(
                    f"fleet.{name} must be {least} or more, not {getattr(self, name)!r}",
                    keys=[f"fleet.{name}"],
                )
