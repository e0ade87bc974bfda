"""A context of no client: for work that starts in the app itself (core:ANON-1..3).

It has everything a request's has; what is set on it as a response goes nowhere.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import NoReturn
from urllib.parse import urlencode

from eggd.errors import EggError, HttpError
from eggd.http import Exchange
from eggd.http.answer import Clock
from eggd.http.head import other

_LIMIT = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class AnonymousRequest:
    """What an anonymous context's request says; give what differs from the defaults."""

    method: str = "GET"
    """Its method."""
    url: str = "/"
    """Path and query."""
    query: Mapping[str, object] = field(default_factory=dict)
    """More of the query; a list gives its key several times."""
    headers: Mapping[str, str] = field(default_factory=dict)
    """Header fields, over `Host` and `X-Forwarded-For`, which say 127.0.0.1."""
    peer: tuple[str, int] = ("127.0.0.1", 7001)
    """The address that it came from."""


ANONYMOUS = AnonymousRequest()
"""GET / from 127.0.0.1."""


def anonymous_exchange(request: AnonymousRequest) -> Exchange:
    """Returns an exchange that nobody reads; raises EggError for what could be no HTTP request."""
    query = urlencode(request.query, doseq=True)
    joint = "&" if "?" in request.url else "?"
    target = f"{request.url}{joint}{query}" if query else request.url
    fields = {"host": "127.0.0.1", "x-forwarded-for": "127.0.0.1"}
    fields.update((name.lower(), str(value)) for name, value in request.headers.items())
    lines = [f"{request.method} {target} HTTP/1.1", *(f"{k}: {v}" for k, v in fields.items())]
    if any(set(line) & {"\r", "\n"} for line in lines):
        raise EggError("an anonymous request may hold no line breaks", hint="quote its values")
    try:
        data = ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")
        found = other(data, _LIMIT)
    except (HttpError, UnicodeEncodeError) as exc:
        raise EggError(f"anonymous request {lines[0]!r} is no HTTP request: {exc}") from exc
    assert found is not None  # the head is whole
    return Exchange(_Nowhere(request.peer), found[0], None)


class _Nowhere:
    """The connection of an exchange that nobody reads."""

    scheme = "http"

    def __init__(self, peer: tuple[str, int]) -> None:
        self.clock = Clock(0)
        self.draining = self.lost = False
        self.keep = False
        self._peer = peer
        self.write: Callable[[bytes], None] = _dropped

    def settle_body(self) -> None:
        """There is none."""

    async def writable(self) -> None:
        """Always."""

    def finished(self, exchange: Exchange) -> None:
        """Nobody waits for it."""

    def abort(self) -> None:
        """There is nothing to drop."""

    def detach(self) -> NoReturn:
        """There is nothing to take over."""
        raise RuntimeError("an anonymous request has no connection")

    def peer(self) -> tuple[str, int]:
        """The address that the request was given."""
        return self._peer


def _dropped(data: bytes) -> None:
    """Nobody reads it."""
