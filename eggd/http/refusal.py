"""What a client is told whose request never becomes an exchange (core:APP-8, APP-9)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import NamedTuple

from eggd.errors import HttpError
from eggd.http.answer import error_page


class Refusal(NamedTuple):
    """An answer after which the connection is closed."""

    status: int
    fields: bytes
    """Complete lines, without those that the connection itself adds (`Exchange.send`)."""
    body: bytes


Refuse = Callable[[HttpError, tuple[str, int]], Refusal | Awaitable[Refusal]]
"""Makes the answer to an error of the client at an address and port; must not raise. What it has
to wait for may take `keep_alive_timeout`, then the connection is closed without a word."""


def usual(error: HttpError, _peer: tuple[str, int]) -> Refusal:
    """Returns the small page of the error's status."""
    fields = b"Content-Type: text/html; charset=utf-8\r\n"
    return Refusal(error.status, fields, error_page(error.status))
