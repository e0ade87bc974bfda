"""`Request`: a received request, decoded when it is first read (core:REQ-1..15)."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any
from urllib.parse import quote

from eggd.app.config import AppConfig
from eggd.app.context.forwarding import Forwarding
from eggd.app.context.interfaces import AppLike
from eggd.http import Exchange
from eggd.http.headers import Headers
from eggd.wire.mime import mime_type
from eggd.wire.negotiate import (
    media_type,
    preferences,
    preferred,
    preferred_charset,
    preferred_encoding,
    preferred_language,
    type_is,
)
from eggd.wire.networks import shown_address
from eggd.wire.query import build_query, first_values, parse_query, with_aliases

_IDEMPOTENT = frozenset(("GET", "HEAD", "PUT", "DELETE", "OPTIONS", "TRACE"))
_CHARSET = re.compile(r";\s*charset\s*=\s*\"?([^\s;\"]+)", re.IGNORECASE)
_PATH = "%/:=&~+!$,;'@()*[]|"
_QUERY = "%/:=&?~+!$,;'@()*[]|"
_ADDRESS = re.compile(r"[\d.]+", re.ASCII)


class Request:
    """One request, with its `exchange` and its `app`; `Application.request` makes it.

    `body` is the value that the body parser returned: {} without a body, None if it is disabled.
    """

    # Without an `__init__`, as most requests change few of the defaults: 900 instructions less.
    exchange: Exchange
    app: AppLike
    body: Any = None
    raw_body: bytes | None = None
    _ip: str | None = None
    _original: str | None = None
    _query: dict[str, str] | None = None
    _queries: dict[str, list[str]] | None = None

    @property
    def method(self) -> str:
        """The method, as sent: methods are case-sensitive (RFC 9110 section 9.1)."""
        return self.exchange.method

    @property
    def path(self) -> str:
        """The raw path, still percent-encoded; assigning it does not change the matched route."""
        return self.exchange.path.decode("latin-1")

    @path.setter
    def path(self, path: str) -> None:
        self._original = self.original_url
        self.exchange.path = quote(path, safe=_PATH).encode()

    @property
    def querystring(self) -> str:
        """The URL after the question mark, "" without one; assignable."""
        return self.exchange.query.decode()  # ASCII, as all targets

    @querystring.setter
    def querystring(self, text: str) -> None:
        self._original = self.original_url
        self.exchange.query = quote(text.removeprefix("?"), safe=_QUERY).encode()
        self._query = self._queries = None

    @property
    def search(self) -> str:
        """`?` and the query string, "" without one."""
        query = self.querystring
        return f"?{query}" if query else ""

    @property
    def url(self) -> str:
        """Path and query; assigning it assigns both."""
        exchange = self.exchange
        path, query = exchange.path.decode("latin-1"), exchange.query
        return f"{path}?{query.decode()}" if query else path

    @url.setter
    def url(self, url: str) -> None:
        self.path, _, self.querystring = url.partition("?")

    @property
    def original_url(self) -> str:
        """Path and query as they were received, even after an assignment."""
        return self.url if self._original is None else self._original

    @property
    def query(self) -> dict[str, str]:
        """The first value of each key, in a dict of the request's own; assigning sets the URL."""
        query = self._query
        if query is None:
            query = self._query = first_values(self.querystring)
        return query

    @query.setter
    def query(self, values: Mapping[str, object]) -> None:
        self.querystring = build_query(values)

    @property
    def queries(self) -> dict[str, list[str]]:
        """All values of each key; those of `a[]` are also the values of `a` (core:REQ-2)."""
        if self._queries is None:
            self._queries = with_aliases(parse_query(self.querystring))
        return self._queries

    @property
    def headers(self) -> Headers:
        """The header fields, case-insensitive: `headers.get("user-agent", "")`."""
        return self.exchange.headers

    def get(self, name: str) -> str:
        """Returns a header field's value, "" if it is absent; Referer in both spellings."""
        value: str = self.exchange.headers.get(name, "")
        if not value and name.lower() in ("referer", "referrer"):
            value = self.exchange.headers.get("referer", "") or self.exchange.headers.get(
                "referrer", ""
            )
        return value

    @property
    def host(self) -> str:
        """The host with its port, "" if the request names no host (core:REQ-5)."""
        forwarding = self._forwarding
        host = forwarding.host if forwarding else ""
        return host or self.get("host").partition(",")[0].strip()

    @property
    def hostname(self) -> str:
        """`host` without its port; brackets of an IPv6 address stay (core:REQ-6)."""
        host = self.host
        if host.startswith("["):
            return host[: host.find("]") + 1]
        return host.partition(":")[0]

    @property
    def subdomains(self) -> list[str]:
        """The labels before the domain, nearest to it first: ["b", "a"] of a.b.example.com."""
        hostname = self.hostname
        if hostname.startswith("[") or _ADDRESS.fullmatch(hostname):
            return []
        return hostname.split(".")[::-1][self._config.subdomain_offset :]

    @property
    def protocol(self) -> str:
        """`https` or `http`, by the connection, else a trusted proxy, else the config (REQ-7)."""
        scheme = self.exchange.scheme
        if scheme == "https":
            return scheme
        forwarding = self._forwarding
        protocol = forwarding.protocol if forwarding else ""
        return protocol or self._config.protocol or scheme

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
        """The whole URL as it was received (core:REQ-11)."""
        return self.origin + self.original_url

    @property
    def ips(self) -> list[str]:
        """The addresses that proxies report, client first; [] unless `proxy` (core:REQ-8).

        With `trusted_proxies` the first one was reported by a trusted proxy, all others are
        trusted. Ports are removed, and so is all text that is not an IP address.
        """
        forwarding = self._forwarding
        return forwarding.addresses if forwarding else []

    @property
    def ip(self) -> str:
        """The client's address: the first of `ips`, else the peer's; assignable (core:REQ-9).

        It is "" if the peer is on a Unix socket and no trusted proxy reports an address.
        """
        ip = self._ip
        if ip is None:
            ips = self.ips if self.app.behind_proxy else ()
            peer = self.exchange.peer[0]
            ip = self._ip = ips[0] if ips else shown_address(peer)
        return ip

    @ip.setter
    def ip(self, address: str) -> None:
        self._ip = address

    @property
    def type(self) -> str:
        """The body's media type in lower case, without parameters; "" without Content-Type."""
        return media_type(self.get("content-type"))

    @property
    def charset(self) -> str:
        """The charset parameter of Content-Type, "" without one."""
        match = _CHARSET.search(self.get("content-type"))
        return match[1] if match else ""

    @property
    def length(self) -> int | None:
        """Content-Length as a number, None if it is absent (core:REQ-15)."""
        value = self.get("content-length")
        return int(value) if value else None

    @property
    def idempotent(self) -> bool:
        """Whether the method is idempotent (RFC 9110 section 9.2.2)."""
        return self.method in _IDEMPOTENT

    def is_type(self, *types: str) -> str | None:
        """Returns the body's type among `types`, else ""; None without a body (core:REQ-13).

        A type is `json`, `application/json`, `text/*` or `+json`. For the last two, and without
        `types`, the full media type is returned. (Egg's `ctx.is`: a keyword in Python.)
        """
        headers = self.exchange.headers
        if "transfer-encoding" not in headers and "content-length" not in headers:
            return None
        kind = self.type
        if not types or not kind:
            return kind
        for name in types:
            pattern = name if "+" in name else mime_type(name).partition(";")[0]
            if type_is(kind, pattern):
                return kind if "*" in pattern or name.startswith("+") else name
        return ""

    @property
    def accept_json(self) -> bool:
        """Whether the client prefers JSON to HTML and text (core:REQ-10)."""
        if self.path.endswith(".json"):
            return True
        offers = ("text/html", "text/plain", "application/json")
        return preferred(self.get("accept"), offers) == "application/json"

    def accepts(self, *types: str) -> str:
        """Returns the type ("json", "text/html") that the client prefers, else ""."""
        kinds = [media_type(mime_type(name)) or name for name in types]
        best = preferred(self.get("accept"), kinds) if kinds else ""
        return types[kinds.index(best)] if best else ""

    def accepts_encodings(self, *names: str) -> str:
        """Returns the content coding that the client prefers, `identity` included, else ""."""
        return preferred_encoding(self.get("accept-encoding"), names)

    def accepts_charsets(self, *names: str) -> str:
        """Returns the charset that the client prefers, else ""."""
        return preferred_charset(self.get("accept-charset"), names) if names else ""

    def accepts_languages(self, *names: str) -> str:
        """Returns the language that the client prefers, else ""."""
        return preferred_language(self.get("accept-language"), names) if names else ""

    def preferences(self, field: str = "accept") -> Sequence[str]:
        """Returns the values that a field like Accept-Language lists, the preferred one first."""
        return preferences(self.get(field))

    def to_json(self) -> dict[str, object]:
        """Returns method, URL and header fields (core:REQ-12)."""
        return {"method": self.method, "url": self.url, "header": dict(self.headers.items())}

    def __repr__(self) -> str:
        return f"<Request {self.method} {self.url}>"

    async def read(self) -> bytes:
        """Returns the whole body; raises HttpError 413 above the server's cap."""
        return await self.exchange.body.read()

    def stream(self) -> AsyncIterator[bytes]:
        """Iterates over the chunks of the body; a slow reader slows the client down."""
        return self.exchange.body.__aiter__()

    @property
    def _config(self) -> AppConfig:
        return self.app.config[AppConfig]

    @property
    def _forwarding(self) -> Forwarding | None:
        """The reports of proxies; None if they are not trusted."""
        return Forwarding.of(self.exchange, self._config) if self.app.behind_proxy else None


def is_plain(cls: type[Request]) -> bool:
    """Returns whether a class has eggd's own address and URL."""
    return all(
        getattr(cls, name) is getattr(Request, name)
        for name in ("ip", "ips", "original_url", "url")
    )
