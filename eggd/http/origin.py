"""The parts of a request that most clients repeat with each request of a connection."""

from __future__ import annotations

from collections.abc import Hashable


class Origin:
    """The client of a request as log lines show it; the same object for all requests of a
    connection that repeat the header fields."""

    __slots__ = ("derived", "ip", "request_id", "start")

    def __init__(self, ip: str, request_id: str) -> None:
        self.ip = ip
        """The peer's IP address, "" on a Unix socket."""
        self.start = f"[-/{ip}/"
        """The beginning of the bracket of log lines, without a user."""
        self.request_id = request_id
        """The id that the client gave its requests, "" without a valid one."""
        self.derived: dict[Hashable, tuple[str, ...]] = {}
        """Texts that were made of the version and the header fields, by the function."""
