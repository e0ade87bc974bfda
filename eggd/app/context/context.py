"""`Context`: one request on its way through the app; the first argument of everything.

Context and response have no `__init__`: one is made of each per request, and setting their
attributes in `new_context` is cheaper. Request and response do not refer back to ctx: without
reference cycles a request's objects are freed at once, not by the garbage collector.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from contextvars import ContextVar
from time import perf_counter, time
from typing import TYPE_CHECKING, Any, NoReturn, Unpack

from eggd.app.context.cookies import Cookies
from eggd.app.context.interfaces import AppLike
from eggd.app.context.log_delegates import LogDelegates
from eggd.app.context.onerror import answer_error
from eggd.app.routing.route import Route
from eggd.config import Config
from eggd.errors import EggError, HttpError
from eggd.http import Exchange
from eggd.wire.conditional import is_fresh
from eggd.wire.trace import child_of, is_trace, state_of, trace_of

if TYPE_CHECKING:
    from eggd.httpclient.options import CurlOptions, DataType
    from eggd.httpclient.response import HttpClientResponse

current: ContextVar[Context | None] = ContextVar("eggd_ctx", default=None)
"""The context of the request that the running code serves (core:STO-1)."""


class Context(LogDelegates):
    """A request and its response; the members of both are reachable from it (core:CTX-1)."""

    # Defaults of the class; `new_context` sets what differs for each request.
    # Made on first access, which many requests never do.
    _service: object = None
    _helper: object = None
    _cookies: Cookies | None = None
    _state: dict[str, object] | None = None
    _traceparent: str | None = None
    _sending: list[Callable[[], object]] | None = None
    """The functions of `before_send` that have not run yet; None without any."""
    _after_stream: tuple[Callable[[], object], ...] = ()
    """The functions to call when a streamed body has ended."""

    @property
    def service(self) -> Any:
        """The services by name, each made once per context on first access (core:SVC-3)."""
        if self._service is None:
            self._service = self.app.services(self)
        return self._service

    @property
    def helper(self) -> Any:
        """The functions of `app/extend/helper.py`; one object per context, made on first access."""
        if self._helper is None:
            self._helper = self.app.helper(self)
        return self._helper

    @property
    def cookies(self) -> Cookies:
        """The cookies of request and response; made on first access (core:CK-1)."""
        if self._cookies is None:
            self._cookies = Cookies(self)
        return self._cookies

    @property
    def state(self) -> dict[str, Any]:
        """Values that middleware passes to views and other middleware; assigning merges (CTX-5)."""
        if self._state is None:
            self._state = dict(self.app.locals)
        return self._state

    @state.setter
    def state(self, values: Mapping[str, object]) -> None:
        if not isinstance(values, Mapping):
            raise EggError(f"ctx.state cannot take {values!r}", hint="assign a dict: it is merged")
        self.state.update(values)

    locals = state

    @property
    def config(self) -> Config:
        """The app's config."""
        return self.app.config

    def run_in_background(self, function: Callable[..., object], name: str = "") -> None:
        """Runs `function`, sync or async, after the current code; the response does not wait.

        A function with a required argument is called with ctx. Its end is logged under `name`
        (core:BG-1..3).
        """
        self.app.background.run(function, self, name)

    async def curl(
        self, url: str, *, data_type: DataType = "", **options: Unpack[CurlOptions]
    ) -> HttpClientResponse[object]:
        """Returns the response to an HTTP request on behalf of this one (core:HTTP-1).

        Its `traceparent` and `tracestate` continue the trace of this request, its X-Request-Id is
        `ctx.trace_id`, and events have this ctx.
        """
        options.setdefault("ctx", self)
        return await self.app.curl(url, data_type=data_type, **options)

    @property
    def traceparent(self) -> str:
        """The trace of this request (W3C Trace Context): that of the client, else a new one, which
        has `ctx.trace_id` if that has 32 hexadecimal digits.

        `ctx.tracer.trace_id` wins, if it has 32 hexadecimal digits.
        """
        if self._traceparent is None:
            self._traceparent = child_of(self._client_trace, self.trace_id)
        return self._traceparent

    @property
    def tracestate(self) -> str:
        """The notes of the systems before this one about the trace of `traceparent` (W3C
        Trace Context): the client's field if it is valid, else ""."""
        return state_of(self.get("tracestate")) if trace_of(self._client_trace) else ""

    @property
    def _client_trace(self) -> str:
        """The client's `traceparent`, "" if a request continues no trace, or that of `tracer`."""
        accepts = self.app.trace.accept and not is_trace(self._tracer_id)
        return self.exchange.headers.get("traceparent") if accepts else ""

    def throw(self, status: int, message: str = "", **headers: str) -> NoReturn:
        """Raises HttpError with this status; a client sees the message of a status below 500."""
        raise HttpError(status, message, headers=headers)

    @property
    def starttime(self) -> float:
        """The time at which the request began, in seconds since the epoch (core:CTX-2)."""
        return time() - (perf_counter() - self.started)

    @property
    def performance_starttime(self) -> float:
        """The same on the monotonic clock: seconds of `time.perf_counter()`."""
        return self.started

    @property
    def accept_json(self) -> bool:
        """Whether to answer JSON: its type is already set, or the client prefers it (REQ-10)."""
        return "json" in self.type or self.request.accept_json

    @property
    def fresh(self) -> bool:
        """Whether the client's cached copy is still valid, so that 304 is enough (core:REQ-14)."""
        status = self.status
        if self.method not in ("GET", "HEAD") or not (200 <= status < 300 or status == 304):
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
        """Whether the client has no valid copy."""
        return not self.fresh

    def onerror(self, error: BaseException) -> Awaitable[None] | None:
        """Sets the answer to an error: status, body and more header fields; replaceable (CTX-11).

        The body and its fields are already dropped, the error is logged. An app replaces it in
        `app/extend/context.py`, a middleware by assigning `ctx.onerror`; a replacement may be
        async. If it raises, the exception is logged and answered with 500.
        """
        answer_error(self.response, error, as_json=self._prefers_json())
        return None

    def _prefers_json(self) -> bool:
        try:
            return self.request.accept_json
        except (EggError, HttpError):  # of an app's own request class
            return False

    @property
    def aborted(self) -> bool:
        """Whether the client closed its sending side or the connection is lost (core:X-4).

        The handler keeps running; its response is sent while `writable`.
        """
        return self.exchange.aborted

    def on_abort(self, callback: Callable[[], object]) -> None:
        """Calls back, once, when `aborted` becomes true before the response is complete."""
        self.exchange.on_abort(callback)

    def on_drain(self, callback: Callable[[], object]) -> None:
        """Calls back, once, when this worker begins to stop before the response is complete.

        A response without an end should end then: it is cut off after `drain_timeout`. Calls back
        at once if the worker is already stopping.
        """
        self.exchange.on_drain(callback)

    def before_send(self, function: Callable[[], object]) -> None:
        """Calls `function`, sync or async, once before the head of the answer is sent.

        Functions run in the order of the calls, after all middleware, and also before the answer to
        an error. If one raises, its error is answered; while another error is answered it is only
        logged. They do not run for an answer that the app itself starts. A function that one
        returns is called when a streamed body has ended.
        """
        if self._sending is None:
            self._sending = []
        self._sending.append(function)

    def check(self, condition: object, status: int, message: str = "", **headers: str) -> None:
        """Raises HttpError unless the condition holds (egg's `ctx.assert`, a keyword in Python)."""
        if not condition:
            self.throw(status, message, **headers)


def new_context(
    app: AppLike, exchange: Exchange, route: Route | None, params: dict[str, str]
) -> Context:
    """Returns a context of the app's own class, with a response and the matched route."""
    ctx: Context = app.context_class()
    ctx.response = response = app.response_class()
    ctx.app = response.app = app
    ctx.exchange = response.exchange = exchange
    ctx.route = route
    ctx.params = params
    ctx.started = perf_counter()
    response.fields = {}
    response.is_set = False
    ctx._request = ctx._sending = None
    return ctx
