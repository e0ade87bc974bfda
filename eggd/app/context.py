"""`Context`: one request on its way through the app; the first argument of everything.

The framework's own class has slots; the class composed for an app has none, so that
`ctx.anything = x` works. Nothing here refers back to ctx, so no request waits for the collector.
"""

from __future__ import annotations

from collections.abc import Callable
from contextvars import ContextVar
from time import perf_counter, time
from typing import Any, NoReturn

from eggd.app.request import Request
from eggd.app.response import Response
from eggd.app.routed import Routed
from eggd.errors import HttpError
from eggd.http import Exchange
from eggd.interfaces import AppLike

current: ContextVar[Context | None] = ContextVar("eggd_ctx", default=None)
"""The context of the request that the running code serves (core:STO-1)."""


class Context(Response, Routed):
    """Request and response in one; the members of both are reachable from it (core:CTX-1)."""

    __slots__ = (
        *("_helper", "_request", "_routed", "_service", "_state"),
        *("app", "params", "route", "started"),
    )

    def __init__(self, app: AppLike, exchange: Exchange) -> None:
        self.exchange = exchange
        self.app = app
        self.started = perf_counter()
        self.params: dict[str, str] = {}
        self.route: Any = None
        self._status = 404
        self._explicit = False
        self._null = False
        self._body = None
        self._fields = None
        self._request: Any = None
        self._service: Any = None
        self._state: dict[str, Any] | None = None

    @property
    def request(self) -> Request:
        """The request; the same object on every access."""
        if self._request is None:
            self._request = self.app.request(self.exchange)
        request: Request = self._request
        return request

    @property
    def response(self) -> Response:
        """The response's side of ctx: ctx itself."""
        return self

    @property
    def service(self) -> Any:
        """The services by name, each made once per context on first access (core:SVC-3)."""
        if self._service is None:
            self._service = self.app.services(self)
        return self._service

    @property
    def helper(self) -> Any:
        """What `app/extend/helper.py` files offer; one per context, made on first access."""
        try:
            return self._helper
        except AttributeError:
            self._helper: Any = self.app.helper(self)
            return self._helper

    @property
    def state(self) -> dict[str, Any]:
        """A dict for what middleware hands on to views and each other (core:CTX-5)."""
        if self._state is None:
            self._state = dict(self.app.locals)
        return self._state

    @property
    def logger(self) -> Any:
        """The app's logger; lines carry `[user/ip/trace/ms METHOD url]` (core:BCC-3)."""
        return self.app.loggers.logger.bind(self.log_padding)

    @property
    def core_logger(self) -> Any:
        """The framework's logger with this context's bracket."""
        return self.app.loggers.core_logger.bind(self.log_padding)

    @property
    def config(self) -> Any:
        """The app's config."""
        return self.app.config

    def log_padding(self) -> str:
        """Return the bracket that log lines of this request carry (process:LOG-21)."""
        spent = int((perf_counter() - self.started) * 1000)
        return f"[-/{self.request.ip}/-/{spent}ms {self.method} {self.request.url}]"

    def run_in_background(self, function: Callable[..., Any], name: str = "") -> None:
        """Run `function`, sync or async, after the current code; the response does not wait.

        It is given ctx if it must have an argument. Its end is logged under `name` (core:BG-1..3).
        """
        self.app.background.run(function, self, name)

    def throw(self, status: int, message: str = "", **headers: str) -> NoReturn:
        """Raise HttpError: the response becomes `status`; shown to the client below 500."""
        raise HttpError(status, message, headers=headers)

    @property
    def starttime(self) -> float:
        """When the request began, seconds since the epoch (core:CTX-2)."""
        return time() - (perf_counter() - self.started)

    @property
    def method(self) -> str:
        """The request's method."""
        return self.exchange.method

    @property
    def path(self) -> str:
        """The request's raw path."""
        return self.request.path

    @property
    def url(self) -> str:
        """Path and query as they came."""
        return self.request.url

    @property
    def query(self) -> dict[str, str]:
        """Every key's first value of the query."""
        return self.request.query

    @property
    def queries(self) -> dict[str, list[str]]:
        """Every key's values of the query."""
        return self.request.queries

    @property
    def headers(self) -> Any:
        """The request's header fields."""
        return self.exchange.headers

    @property
    def host(self) -> str:
        """The request's Host."""
        return self.request.host

    @property
    def ip(self) -> str:
        """The client's address."""
        return self.request.ip

    def get(self, name: str) -> str:
        """Return a request field's value, "" where it is absent."""
        return self.request.get(name)
