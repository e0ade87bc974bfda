"""A context without a client, for work that starts in the app itself (core:ANON-1..3).

It has all members of a request's context; its response is never sent.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import NoReturn
from urllib.parse import urlencode

from eggd.errors import EggError, HttpError
from eggd.http import NO_FIELDS, Exchange
from eggd.http.answer import Clock
from eggd.http.head import read_unusual

_LIMIT = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class AnonymousRequest:
    """The request of an anonymous context."""

    method: str = "GET"
    """The method."""
    url: str = "/"
    """Path and query."""
    query: Mapping[str, object] = field(default_factory=dict)
    """More keys of the query; a list gives its key several times."""
    headers: Mapping[str, str] = field(default_factory=dict)
    """Header fields; `Host` and `X-Forwarded-For` are 127.0.0.1 by default."""
    peer: tuple[str, int] = ("127.0.0.1", 7001)
    """The client's address."""


ANONYMOUS = AnonymousRequest()
"""GET / from 127.0.0.1."""


def anonymous_exchange(request: AnonymousRequest) -> Exchange:
    """Returns an exchange without a connection; raises EggError for an invalid HTTP request."""
    query = urlencode(request.query, doseq=True)
    joint = "&" if "?" in request.url else "?"
    target = f"{request.url}{joint}{query}" if query else request.url
    fields = {"host": "127.0.0.1", "x-forwarded-for": "127.0.0.1"}
    fields.update((name.lower(), str(value)) for name, value in request.headers.items())
    lines = [f"{request.method} {target} HTTP/1.1", *(f"{k}: {v}" for k, v in fields.items())]
    if any(set(line) & {"\r", "\n"} for line in lines):
        raise EggError(
            "an anonymous request may not contain line breaks", hint="percent-encode its values"
        )
    try:
        data = ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")
        head = read_unusual(data, _LIMIT)
    except (HttpError, UnicodeEncodeError) as exc:
        raise EggError(
            f"anonymous request {lines[0]!r} is not a valid HTTP request: {exc}"
        ) from exc
    assert head is not None  # the head is whole
    return Exchange(_Nowhere(request.peer), head[0], None, None)


class _Nowhere:
    """The connection of an anonymous exchange: all that is written is dropped."""

    scheme = "http"

    def __init__(self, peer: tuple[str, int]) -> None:
        self.clock = Clock(0)
        self.fixed = NO_FIELDS
        self.draining = self.lost = False
        self.keep = False
        self.peer = peer
        self.ip: str | None = None
        self.write: Callable[[bytes], None] = _dropped

    def settle_body(self) -> None:
        """Does nothing: the request has no body."""

    async def writable(self) -> None:
        """Returns at once."""

    async def send_file(self, file: int, start: int, end: int) -> int:
        """Sends nothing."""
        return end - start

    def finished(self, exchange: Exchange, now: float) -> None:
        """Does nothing: no request follows."""

    def abort(self) -> None:
        """Does nothing: an anonymous request has no connection."""

    def detach(self) -> NoReturn:
        """Raises RuntimeError: an anonymous request has no connection."""
        raise RuntimeError("an anonymous request has no connection")


def _dropped(data: bytes) -> None:
    """Drops the data."""
