"""The members of ctx that its log lines are made of: loggers, the bracket, the request's id."""

from __future__ import annotations

from collections.abc import Callable
from math import floor
from time import perf_counter
from typing import cast

from eggd.app.context.route_delegates import RouteDelegates
from eggd.http import Exchange
from eggd.log import Logger
from eggd.log.failure import headline
from eggd.log.text import one_line
from eggd.masking.secrets import without_secrets
from eggd.wire.trace import SPARE_IDS, new_id

_spare_id = SPARE_IDS.pop


class LogDelegates(RouteDelegates):
    """Members of `Context` for its log lines."""

    _trace_id: str | None = None
    _masked_url: str | None = None
    started: float
    """Seconds of `time.perf_counter()` at which the request began."""

    def __init_subclass__(cls) -> None:
        """Lets lines begin with the app's own `log_padding`."""
        super().__init_subclass__()
        if "log_padding" in vars(cls):
            cls.log_line = _own_line  # type: ignore[method-assign]

    @property
    def logger(self) -> Logger:
        """The app's logger; lines carry `[user/ip/trace/ms METHOD url]` (core:BCC-3)."""
        own = self.app.loggers.request_logger()  # as `within` does, without a call
        own.context = self
        return own

    @property
    def core_logger(self) -> Logger:
        """The framework's logger with this context's bracket."""
        return cast("Logger", self.app.loggers.within("core_logger", self))

    def get_logger(self, name: str) -> Logger | None:
        """Returns the logger of that name with this context's bracket, or None (CTX-4)."""
        return self.app.loggers.within(name, self)

    def log_padding(self) -> str:
        """Returns the prefix that log lines of this request carry (core:BCC-3, process:LOG-21).

        It contains `ctx.user_id`, if an app or a plugin sets it, and `ctx.trace_id`.
        """
        return self.log_line("", perf_counter(), "")[:-1]

    def log_line(self, head: str, now: float, text: str) -> str:
        """Returns a log line: `head`, `log_padding()` in one line, and the text.

        `head` is the date, the level and the process, `now` is `time.perf_counter()`. No part of
        the bracket has a control character.
        """
        app = self.app
        exchange = self.exchange
        origin = exchange.origin or exchange.read_origin()
        start = origin.start
        try:
            if user := getattr(self, "user_id", None):
                start = f"[{one_line(str(user))}/{origin.ip}/"
            if getattr(self, "tracer", None) is None and app.plain_traces:
                trace = self._trace_id
                if trace is None:
                    self._trace_id = trace = origin.request_id or _spare_id()
            else:
                trace = self.log_trace or "-"
        except Exception:  # of a property of the app, which both of these show; no spare id
            start, trace = f"[{self.log_user}/{origin.ip}/", self.log_trace or "-"
        if app.plain_requests and self._request is None:  # as in `log_parts`, to save a call
            url = self.masked_url if exchange.query else exchange.path.decode()
        else:
            user, ip, url = self.log_user, one_line(self.request.ip), one_line(self.masked_url)
            start = f"[{user}/{ip}/"
        if now < self.started + 0.001:
            return f"{head}{start}{trace}/0ms {exchange.method} {url}] {text}"
        ms = floor((now - self.started) * 1000)
        return f"{head}{start}{trace}/{ms}ms {exchange.method} {url}] {text}"

    def log_parts(
        self, derive: Callable[[Exchange], tuple[str, ...]]
    ) -> tuple[str, str, str, tuple[str, ...]]:
        """Returns `log_user`, `log_ip`, `masked_url` and `derive(exchange)`, for a line of this
        request: one call is cheaper than four.

        `derive` is called once for all requests of the connection that repeat the header fields.
        It may use these and the HTTP version, nothing else.
        """
        exchange = self.exchange
        origin = exchange.origin or exchange.read_origin()
        derived = origin.derived.get(derive)
        if derived is None:
            derived = origin.derived[derive] = derive(exchange)
        try:
            user = getattr(self, "user_id", None)
            user = one_line(str(user)) if user else "-"
        except Exception:
            user = self.log_user
        if self.app.plain_requests and self._request is None:
            url = self.masked_url if exchange.query else exchange.path.decode()
            return user, origin.ip, url, derived
        return user, one_line(self.request.ip), one_line(self.masked_url), derived

    @property
    def log_user(self) -> str:
        """The user as logs show it: `ctx.user_id`, "-" without one, its error if it raises."""
        try:
            user = getattr(self, "user_id", None)
            return one_line(str(user)) if user else "-"
        except Exception as exc:  # a log call never raises
            return _instead(exc)

    @property
    def log_ip(self) -> str:
        """The client's address as logs show it: `ctx.ip` in one line."""
        if self.app.plain_requests and self._request is None:
            return (self.exchange.origin or self.exchange.read_origin()).ip
        return one_line(self.request.ip)

    @property
    def log_trace(self) -> str:
        """The trace as logs show it: `ctx.trace_id`, without `trace.log` that of `ctx.tracer`, or
        ""."""
        try:
            if getattr(self, "tracer", None) is None and self.app.trace_in_logs:
                return self._trace_id or self._accepted_id()
            return one_line(self.trace_id if self.app.trace_in_logs else self._tracer_id)
        except Exception as exc:  # a log call never raises
            return _instead(exc)

    @property
    def masked_url(self) -> str:
        """The URL as logs show it: as it was received, with secrets of the query as `***`."""
        url = self._masked_url
        if url is None:
            exchange = self.exchange
            if not self.app.plain_requests or self._request is not None:
                url = self.request.original_url
            else:
                url = exchange.target.decode() if exchange.query else exchange.path.decode()
            self._masked_url = url = without_secrets(url) if "?" in url else url
        return url

    def log_fields(self) -> dict[str, str]:
        """Returns the fields of this request in the journal: TRACE_ID, HTTP_METHOD, HTTP_PATH, and
        HTTP_STATUS once the answer is begun."""
        exchange = self.exchange
        fields = {"HTTP_METHOD": self.method, "HTTP_PATH": exchange.path.decode("latin-1")}
        if trace := self.log_trace:
            fields["TRACE_ID"] = trace
        if exchange.status:
            fields["HTTP_STATUS"] = str(exchange.status)
        return fields

    @property
    def trace_id(self) -> str:
        """The id of this request, the same in its log lines, journal entries, error page, response
        and outgoing requests (the section `trace`).

        `ctx.tracer.trace_id` if an app or a plugin sets it, else the client's X-Request-Id, else
        the trace id of its `traceparent`, else a new one of 32 hexadecimal digits.
        """
        return self._tracer_id or self._trace_id or self._accepted_id()

    @property
    def _tracer_id(self) -> str:
        tracer = getattr(self, "tracer", None)
        own = None if tracer is None else getattr(tracer, "trace_id", None)
        return str(own) if own else ""

    def _accepted_id(self) -> str:
        """Returns the id that the client sent, else a new one, and keeps it."""
        accepted = ""
        if self.app.trace.accept:
            accepted = (self.exchange.origin or self.exchange.read_origin()).request_id
        self._trace_id = own = accepted or new_id()
        return own


def _own_line(self: LogDelegates, head: str, now: float, text: str) -> str:
    """Replaces `log_line` if an app replaces `log_padding`, which reads the clock itself."""
    return f"{head}{one_line(self.log_padding())} {text}"


def _instead(exc: Exception) -> str:
    """Returns the text in a bracket for a value whose property or `__str__` raises."""
    return f"<{one_line(headline(exc))[:200]}>"
