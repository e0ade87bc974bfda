"""What ctx says of its request, so that nobody writes `ctx.request.` (core:CTX-1)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from eggd.app.context.request import Request
from eggd.http import Exchange
from eggd.http.headers import Headers


class RequestDelegates:
    """Members of `request` that `Context` has under the same name."""

    __slots__ = ()

    exchange: Exchange
    if TYPE_CHECKING:

        def vary(self, field: str) -> None:
            """Adds names to Vary."""

    @property
    def request(self) -> Request:
        """The request; the same object on every access."""
        raise NotImplementedError

    @property
    def path(self) -> str:
        """The request's raw path; assignable."""
        return self.request.path

    @path.setter
    def path(self, path: str) -> None:
        self.request.path = path

    @property
    def url(self) -> str:
        """Path and query; assignable."""
        return self.request.url

    @url.setter
    def url(self, url: str) -> None:
        self.request.url = url

    @property
    def original_url(self) -> str:
        """Path and query as they came."""
        return self.request.original_url

    @property
    def querystring(self) -> str:
        """What stands behind the question mark; assignable."""
        return self.request.querystring

    @querystring.setter
    def querystring(self, text: str) -> None:
        self.request.querystring = text

    @property
    def search(self) -> str:
        """`?` and the query string."""
        return self.request.search

    @property
    def query(self) -> dict[str, str]:
        """Every key's first value of the query; assignable."""
        return self.request.query

    @query.setter
    def query(self, values: Mapping[str, object]) -> None:
        self.request.query = values

    @property
    def queries(self) -> dict[str, list[str]]:
        """Every key's values of the query."""
        return self.request.queries

    @property
    def host(self) -> str:
        """The request's host, with its port."""
        return self.request.host

    @property
    def hostname(self) -> str:
        """The request's host without its port."""
        return self.request.hostname

    @property
    def subdomains(self) -> list[str]:
        """What stands before the host's domain, nearest first."""
        return self.request.subdomains

    @property
    def protocol(self) -> str:
        """`http` or `https`."""
        return self.request.protocol

    @property
    def secure(self) -> bool:
        """Whether the protocol is https."""
        return self.request.secure

    @property
    def origin(self) -> str:
        """`protocol://host`."""
        return self.request.origin

    @property
    def href(self) -> str:
        """The whole URL as it came."""
        return self.request.href

    @property
    def ip(self) -> str:
        """The client's address; assignable."""
        return self.request.ip

    @ip.setter
    def ip(self, address: str) -> None:
        self.request.ip = address

    @property
    def ips(self) -> list[str]:
        """The addresses that proxies tell, client first."""
        return self.request.ips

    @property
    def idempotent(self) -> bool:
        """Whether asking twice is as good as once."""
        return self.request.idempotent

    @property
    def method(self) -> str:
        """The request's method."""
        return self.exchange.method

    @property
    def headers(self) -> Headers:
        """The request's header fields."""
        return self.exchange.headers

    def get(self, name: str) -> str:
        """Returns a request field's value, "" where it is absent."""
        return self.request.get(name)

    def is_type(self, *types: str) -> str | None:
        """Returns which of `types` the request's body is (`Request.is_type`)."""
        return self.request.is_type(*types)

    def accepts(self, *types: str) -> str:
        """Returns which of `types` the client likes best, "" for none."""
        return self.request.accepts(*types)

    def accepts_encodings(self, *names: str) -> str:
        """Returns which content coding the client likes best, "" for none.

        The answer differs by that from here on: it gets `Vary: Accept-Encoding`.
        """
        self.vary("Accept-Encoding")
        return self.request.accepts_encodings(*names)

    def accepts_charsets(self, *names: str) -> str:
        """Returns which charset the client likes best, "" for none."""
        return self.request.accepts_charsets(*names)

    def accepts_languages(self, *names: str) -> str:
        """Returns which language the client likes best, "" for none."""
        return self.request.accepts_languages(*names)
