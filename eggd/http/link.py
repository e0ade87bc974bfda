"""The interface of a connection that an exchange uses."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, TypeVar

from eggd.http.answer import Clock
from eggd.http.detach import Detached
from eggd.http.fixed_fields import FixedFields

E_contra = TypeVar("E_contra", contravariant=True)
"""The class of exchanges, which is defined above this module."""


class Link(Protocol[E_contra]):
    """The connection of an exchange."""

    clock: Clock
    """The server's Date and Connection fields."""
    fixed: FixedFields
    """The fields of every answer of the server."""
    draining: bool
    """Whether the server is stopping."""
    keep: bool
    """Whether the connection is kept after this answer; decided before its head is sent."""
    lost: bool
    """Whether the connection is lost."""
    write: Callable[[bytes], None]
    """Sends bytes to the client; drops them once the connection is lost."""

    peer: tuple[str, int]
    """The remote address and port."""
    ip: str | None
    """The remote address as log lines show it; None until an exchange reads it."""
    scheme: str
    """The scheme of the connection, "https" or "http"."""

    def settle_body(self) -> None:
        """Clears `keep` if too much of the request's body is still to come."""

    async def writable(self) -> None:
        """Returns when the client has taken enough of what was written."""

    async def send_file(self, file: int, start: int, end: int) -> int:
        """Sends bytes of an open file; returns how many, -1 if it cannot (`Flow.send_file`)."""
        ...

    def finished(self, exchange: E_contra, now: float) -> None:
        """Goes on to the next request: the answer is complete at `now` (time.monotonic)."""

    def abort(self) -> None:
        """Drops the connection now."""

    def detach(self) -> Detached:
        """Hands the socket over to another protocol."""
        ...
