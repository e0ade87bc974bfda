"""The body that comes in behind an open exchange, or is taken off the wire after it.

Between `framing`, which knows where a body ends, and `Body`, which the app reads.
"""

from __future__ import annotations

import re

from eggd.errors import HttpError
from eggd.http import head
from eggd.http.body import Body, Source
from eggd.http.framing import ChunkedFraming, Framing, LengthFraming

_DISCARD = 64 * 1024
"""Bytes of a body nobody read that are taken off the wire so that the connection can stay."""


class Intake:
    """One connection's body in the making; `active` while bytes of it are still to come."""

    __slots__ = ("_body", "_framing", "expecting")

    def __init__(self) -> None:
        self._body: Body | None = None
        self._framing: Framing | None = None
        self.expecting = False

    @property
    def active(self) -> bool:
        """Whether what arrives next belongs to a body."""
        return self._framing is not None

    def open(
        self, match: re.Match[bytes], length: int | None, source: Source, limit: int
    ) -> Body | None:
        """Returns the body behind a head, if any: whole (`size`), or to be fed.

        Raises HttpError 413 for a length above `limit`.
        """
        if length == 0:
            return None
        if length is not None and length > limit:
            raise HttpError(413, f"body of {length} bytes, more than {limit}")
        body = Body(source, length, limit)
        end = match.end()
        if length is not None and len(match.string) - end >= length:
            body.feed(match.string[end : end + length])
            body.end()
            return body
        expect = head.field_values(match, b"expect")[0]
        self.expecting = match[4] == b"1" and any(v.lower() == b"100-continue" for v in expect)
        self._framing = ChunkedFraming() if length is None else LengthFraming(length)
        self._body = body
        return body

    def feed(self, data: bytes) -> bytes | None:
        """Takes what arrived; returns what is behind the body once it is whole.

        Raises HttpError for broken framing, and above the body's limit.
        """
        framing, body = self._framing, self._body
        assert framing is not None
        self.expecting = False
        payload = framing.feed(data)
        if body is not None and payload:
            body.feed(payload)
        if not framing.done:
            return None
        self.drop()
        if body is not None:
            body.end()
        return framing.rest

    def is_full(self, limit: int) -> bool:
        """Tells whether more than `limit` bytes wait for a reader."""
        return self._body is not None and self._body.is_full(limit)

    def forget(self) -> bool:
        """Leaves the rest unread; tell whether it is little enough to be taken off the wire."""
        self._body = None
        return self.is_short()

    def is_short(self) -> bool:
        """Tells whether little enough is to come for the connection to outlive it."""
        if self._framing is None:
            return True
        left = self._framing.remaining
        return left is not None and left <= _DISCARD and not self.expecting

    def fail(self, error: HttpError) -> None:
        """Expects nothing more; whoever reads the body sees `error`."""
        body = self._body
        self.drop()
        if body is not None:
            body.fail(error)

    def drop(self) -> None:
        """Expects nothing more."""
        self._body = self._framing = None
