"""`Request`: what came in; everything is decoded on first touch (core:REQ-1..15)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import parse_qsl

from eggd.http import Exchange
from eggd.interfaces import AppLike
from eggd.wire.negotiate import media_type, preferred

_MAX_PAIRS = 1000
"""Pairs of a query that are parsed (core:REQ-4)."""


class Request:
    """One request; `body` is what the body parser made of it: {} of none, None where it is off."""

    __slots__ = ("_queries", "app", "body", "exchange", "raw_body")

    def __init__(self, exchange: Exchange, app: AppLike) -> None:
        self.exchange = exchange
        self.app = app
        self.body: Any = None
        self.raw_body: bytes | None = None
        self._queries: dict[str, list[str]] | None = None

    @property
    def method(self) -> str:
        """The method, as sent: methods are case-sensitive (RFC 9110 section 9.1)."""
        return self.exchange.method

    @property
    def path(self) -> str:
        """The raw path, percent-encoded as it came."""
        return self.exchange.path.decode("latin-1")

    @property
    def querystring(self) -> str:
        """What stands behind the question mark, "" where there is none."""
        return self.exchange.query.decode("latin-1")

    @property
    def url(self) -> str:
        """Path and query as they came."""
        query = self.querystring
        return f"{self.path}?{query}" if query else self.path

    @property
    def query(self) -> dict[str, str]:
        """Every key's first value (core:REQ-1)."""
        return {key: values[0] for key, values in self.queries.items()}

    @property
    def queries(self) -> dict[str, list[str]]:
        """Every key's values; parsed once (core:REQ-2)."""
        if self._queries is None:
            self._queries = _parse(self.querystring)
        return self._queries

    @property
    def headers(self) -> Any:
        """The header fields, case-insensitive: `headers.get("user-agent", "")`."""
        return self.exchange.headers

    def get(self, name: str) -> str:
        """Return a header field's value, "" where it is absent."""
        value: str = self.exchange.headers.get(name, "")
        return value

    @property
    def host(self) -> str:
        """The Host field's value, "" where it is absent (core:REQ-5)."""
        return self.get("host")

    @property
    def hostname(self) -> str:
        """`host` without its port; brackets of an IPv6 address stay (core:REQ-6)."""
        host = self.host
        if host.startswith("["):
            return host[: host.find("]") + 1]
        return host.partition(":")[0]

    @property
    def protocol(self) -> str:
        """`http` or `https`; behind a proxy what X-Forwarded-Proto says first (core:REQ-7)."""
        if self.app.config.proxy:
            forwarded = self.get("x-forwarded-proto").partition(",")[0].strip()
            if forwarded:
                return forwarded
        return self.exchange.scheme

    @property
    def secure(self) -> bool:
        """Whether the protocol is https."""
        return self.protocol == "https"

    @property
    def origin(self) -> str:
        """`protocol://host` (core:REQ-11)."""
        return f"{self.protocol}://{self.host}"

    @property
    def href(self) -> str:
        """The whole URL (core:REQ-11)."""
        return self.origin + self.url

    @property
    def ips(self) -> list[str]:
        """The addresses of X-Forwarded-For, client first; [] unless `proxy` (core:REQ-8)."""
        if not self.app.config.proxy:
            return []
        return [part.strip() for part in self.get("x-forwarded-for").split(",") if part.strip()]

    @property
    def ip(self) -> str:
        """The client's address: of `ips` the first, else the peer's (core:REQ-9)."""
        ips = self.ips
        address = ips[0] if ips else self.exchange.peer[0]
        return address.removeprefix("::ffff:")

    @property
    def type(self) -> str:
        """The body's media type, lower-cased, without parameters; "" where none was sent."""
        return media_type(self.get("content-type"))

    @property
    def length(self) -> int | None:
        """Content-Length as a number, None where it is absent (core:REQ-15)."""
        value = self.get("content-length")
        return int(value) if value else None

    @property
    def accept_json(self) -> bool:
        """Whether the client would rather have JSON than HTML or text (core:REQ-10)."""
        if self.path.endswith(".json"):
            return True
        offers = ("text/html", "text/plain", "application/json")
        return preferred(self.get("accept"), offers) == "application/json"

    async def read(self) -> bytes:
        """Return the whole body; raise HttpError 413 above the server's cap."""
        return await self.exchange.body.read()

    def stream(self) -> AsyncIterator[bytes]:
        """Iterate over the body as it comes; reading slower slows the client down."""
        return self.exchange.body.__aiter__()


def _parse(querystring: str) -> dict[str, list[str]]:
    parsed: dict[str, list[str]] = {}
    text = "&".join(querystring.split("&", _MAX_PAIRS)[:_MAX_PAIRS])
    for key, value in parse_qsl(text, keep_blank_values=True, errors="replace"):
        if key:
            parsed.setdefault(key, []).append(value)
    return parsed
