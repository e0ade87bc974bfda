"""`Context`: one request on its way through the app; the first argument of everything.

The framework's own class has slots; the class composed for an app has none, so that
`ctx.anything = x` works. Nothing here refers back to ctx, so no request waits for the collector.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextvars import ContextVar
from time import perf_counter, time
from typing import Any, NoReturn

from eggd.app.context.delegates import RequestDelegates
from eggd.app.context.interfaces import AppLike
from eggd.app.context.onerror import Responder
from eggd.app.context.request import Request
from eggd.app.context.response import Response
from eggd.app.context.routed import Routed
from eggd.config import Config
from eggd.errors import EggError, HttpError
from eggd.http import Exchange
from eggd.log import Logger
from eggd.log.text import one_line
from eggd.wire.conditional import is_fresh

current: ContextVar[Context | None] = ContextVar("eggd_ctx", default=None)
"""The context of the request that the running code serves (core:STO-1)."""


class Context(Response, Routed, RequestDelegates, Responder):
    """Request and response in one; the members of both are reachable from it (core:CTX-1)."""

    __slots__ = (
        *("_helper", "_request", "_routed", "_router", "_service", "_state"),
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
        """A dict for what middleware hands on to views and each other; assigning merges (CTX-5)."""
        if self._state is None:
            self._state = dict(self.app.locals)
        return self._state

    @state.setter
    def state(self, values: Mapping[str, Any]) -> None:
        if not isinstance(values, Mapping):
            raise EggError(f"ctx.state cannot take {values!r}", hint="assign a dict: it is merged")
        self.state.update(values)

    locals = state

    @property
    def logger(self) -> Logger:
        """The app's logger; lines carry `[user/ip/trace/ms METHOD url]` (core:BCC-3)."""
        return self.app.loggers.logger.bind(self.log_padding)

    @property
    def core_logger(self) -> Logger:
        """The framework's logger with this context's bracket."""
        return self.app.loggers.core_logger.bind(self.log_padding)

    @property
    def config(self) -> Config:
        """The app's config."""
        return self.app.config

    def log_padding(self) -> str:
        """Returns the bracket that log lines of this request carry (core:BCC-3, process:LOG-21).

        `ctx.user_id` and `ctx.tracer.trace_id` are in it where an app or a plugin sets them.
        """
        spent = int((perf_counter() - self.started) * 1000)
        user = one_line(str(getattr(self, "user_id", None) or "-"))
        trace = one_line(str(getattr(getattr(self, "tracer", None), "trace_id", None) or "-"))
        request = self.request
        return f"[{user}/{request.ip}/{trace}/{spent}ms {self.method} {request.original_url}]"

    def run_in_background(self, function: Callable[..., object], name: str = "") -> None:
        """Runs `function`, sync or async, after the current code; the response does not wait.

        It is given ctx if it must have an argument. Its end is logged under `name` (core:BG-1..3).
        """
        self.app.background.run(function, self, name)

    def throw(self, status: int, message: str = "", **headers: str) -> NoReturn:
        """Raises HttpError: the response becomes `status`; shown to the client below 500."""
        raise HttpError(status, message, headers=headers)

    @property
    def starttime(self) -> float:
        """When the request began, seconds since the epoch (core:CTX-2)."""
        return time() - (perf_counter() - self.started)

    @property
    def performance_starttime(self) -> float:
        """The same by the clock that only goes forward: seconds of `time.perf_counter()`."""
        return self.started

    @property
    def accept_json(self) -> bool:
        """Whether to answer JSON: its type is set already, or the client likes it best (REQ-10)."""
        return "json" in self.type or self.request.accept_json

    @property
    def fresh(self) -> bool:
        """Whether the client's copy is as good as this response: answer 304 (core:REQ-14)."""
        if self.method not in ("GET", "HEAD") or not (
            200 <= self._status < 300 or self._status == 304
        ):
            return False
        return is_fresh(
            none_match=self.get("if-none-match"),
            since=self.get("if-modified-since"),
            cache=self.get("cache-control"),
            etag=self.etag,
            modified=self.get_field("last-modified"),
        )

    @property
    def stale(self) -> bool:
        """Whether the client has no copy that is as good."""
        return not self.fresh

    @property
    def aborted(self) -> bool:
        """Whether the client closed its sending side or the connection is lost (core:X-4).

        The handler keeps running; its answer is sent while `writable`."""
        return self.exchange.aborted

    def on_abort(self, callback: Callable[[], object]) -> None:
        """Calls back, once, when `aborted` becomes true before the answer is complete."""
        self.exchange.on_abort(callback)

    def on_drain(self, callback: Callable[[], object]) -> None:
        """Calls back, once, when this worker begins to end before the answer is complete.

        An answer without an end of its own should end then; else it is cut off after
        `drain_timeout`. At once where the worker already ends.
        """
        self.exchange.on_drain(callback)

    def check(self, condition: object, status: int, message: str = "", **headers: str) -> None:
        """Throws unless the condition holds (core:CTX-8; egg's `ctx.assert`, a word of Python)."""
        if not condition:
            self.throw(status, message, **headers)

    def get_logger(self, name: str) -> Logger | None:
        """Returns a logger with this context's bracket, None where none has the name (CTX-4)."""
        logger = self.app.loggers.get(name)
        return None if logger is None else logger.bind(self.log_padding)
