"""The members of the request that ctx has under the same names (core:CTX-1)."""

from __future__ import annotations

from collections.abc import Mapping

from eggd.app.context.interfaces import AppLike
from eggd.app.context.request import Request
from eggd.app.context.response_delegates import ResponseDelegates
from eggd.http import Exchange, Headers


class RequestDelegates(ResponseDelegates):
    """Members of `Context` that read and set its request."""

    app: AppLike
    exchange: Exchange
    # Set by `new_context`: without a default of the class, Python finds it faster.
    _request: Request | None

    @property
    def request(self) -> Request:
        """The request; the same object on every access."""
        request = self._request
        return self._new_request() if request is None else request

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
        """Path and query as they were received."""
        return self.request.original_url

    @property
    def querystring(self) -> str:
        """The URL after the question mark; assignable."""
        return self.request.querystring

    @querystring.setter
    def querystring(self, text: str) -> None:
        self.request.querystring = text

    @property
    def search(self) -> str:
        """`?` and the query string, "" without one."""
        return self.request.search

    @property
    def query(self) -> dict[str, str]:
        """The first value of each key of the query; assignable."""
        request = self._request  # not `self.request`: a property call less
        return (self._new_request() if request is None else request).query

    @query.setter
    def query(self, values: Mapping[str, object]) -> None:
        self.request.query = values

    @property
    def queries(self) -> dict[str, list[str]]:
        """All values of each key of the query."""
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
        """The labels before the host's domain, nearest to it first."""
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
        """The whole URL as it was received."""
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
        """The addresses that proxies report, client first."""
        return self.request.ips

    @property
    def idempotent(self) -> bool:
        """Whether the method is idempotent (RFC 9110 section 9.2.2)."""
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
        """Returns a request field's value, "" if it is absent."""
        return self.request.get(name)

    def is_type(self, *types: str) -> str | None:
        """Returns the type of the request's body among `types` (`Request.is_type`)."""
        return self.request.is_type(*types)

    def accepts(self, *types: str) -> str:
        """Returns the type that the client prefers, "" if it accepts no such value."""
        return self.request.accepts(*types)

    def accepts_encodings(self, *names: str) -> str:
        """Returns the content coding that the client prefers, "" if it accepts no such value.

        The response depends on the field now, so `Vary: Accept-Encoding` is set.
        """
        self.response.vary("Accept-Encoding")
        return self.request.accepts_encodings(*names)

    def accepts_charsets(self, *names: str) -> str:
        """Returns the charset that the client prefers, "" if it accepts no such value."""
        return self.request.accepts_charsets(*names)

    def accepts_languages(self, *names: str) -> str:
        """Returns the language that the client prefers, "" if it accepts no such value."""
        return self.request.accepts_languages(*names)

    def _new_request(self) -> Request:
        request: Request = self.app.request(self.exchange)
        self._request = request
        return request
