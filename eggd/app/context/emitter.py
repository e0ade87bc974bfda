"""`app.on(name, listener)`: events that an application's own code can listen to (core:APP-5).

    error       (error, ctx)    a request, a background task or a hook failed; ctx may be None
    request     (ctx)           before the first middleware
    response    (ctx)           after the response was sent, or could not be sent
    cookie_limit_exceed (name, value, ctx)  a cookie was set that browsers drop for its size
    session_missed      (id, value, ctx)    a session's store does not have it; value is None
    session_expired     (id, value, ctx)    a session has expired; `id` is "" if it was a cookie
    session_invalid     (id, value, ctx)    `config.session.valid` refused it

Listeners are sync or async; an async one runs as a background task. An exception of a
listener is logged only: it causes no `error` event.
"""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, ClassVar, Literal, Protocol, overload

from eggd.app.context.background import Background
from eggd.calling import mismatch
from eggd.errors import EggError, HttpError
from eggd.failure import client_line, describe
from eggd.log import Logger, Loggers
from eggd.spelling import did_you_mean, misspelt, plain, suggestion_or_list

_Ctx = Any  # the app's own class of contexts

ErrorListener = Callable[[BaseException, _Ctx], object]
"""`listener(error, ctx)`; `ctx` is None outside a request."""

RequestListener = Callable[[_Ctx], object]
"""`listener(ctx)`."""

CookieListener = Callable[[str, str, _Ctx], object]
"""`listener(name, value, ctx)`."""

SessionListener = Callable[[str, Mapping[str, object] | None, _Ctx], object]
"""`listener(id, value, ctx)`; `value` is the data of the session that is dropped."""

SessionEvent = Literal["session_missed", "session_expired", "session_invalid"]

ARGUMENTS = {
    "error": ("error", "ctx"),
    "request": ("ctx",),
    "response": ("ctx",),
    "cookie_limit_exceed": ("name", "value", "ctx"),
    "session_missed": ("id", "value", "ctx"),
    "session_expired": ("id", "value", "ctx"),
    "session_invalid": ("id", "value", "ctx"),
}
"""The events, each with the arguments of its listeners."""

INSTEAD = {
    "close": "use app.before_close(function)",
    "egg-ready": "use app.messenger.on, or the hook server_did_ready",
    "server": "use the hook server_did_ready",
    "start_timeout": "use the hook did_ready(error)",
}
"""Events of Egg that eggd does not have, each with its replacement as a hint."""


class Owner(Protocol):
    """The members of an app that an emitter uses."""

    type: ClassVar[str]
    background: Background

    @property
    def core_logger(self) -> Logger:
        """The logger for exceptions of listeners."""
        ...


class Emitter:
    """The listeners of one app or agent, by event."""

    def __init__(self, owner: Owner) -> None:
        self._owner = owner
        self.listeners: dict[str, tuple[Callable[..., object], ...]] = dict.fromkeys(ARGUMENTS, ())
        """The listeners by event; each change replaces a tuple, as a call may iterate over it."""
        self.changed: list[Callable[[], None]] = []
        """Called after a listener was added or removed: the way requests are served depends on
        it."""

    def on(self, name: str, listener: Callable[..., object]) -> None:
        """Adds a listener; raises EggError for an unknown event or a listener with wrong
        arguments."""
        self._check(name)
        _check_listener(name, listener)
        self.listeners[name] += (listener,)
        self._notify()

    def off(self, name: str, listener: Callable[..., object]) -> None:
        """Removes a listener, if it was added; raises EggError for an unknown event."""
        self._check(name)
        rest = list(self.listeners[name])
        if listener in rest:
            rest.remove(listener)
        self.listeners[name] = tuple(rest)
        self._notify()

    def error(self, error: BaseException, ctx: object = None) -> None:
        """Emits `error`; the caller logs the error."""
        self.call("error", error, ctx)

    def call(self, name: str, *arguments: object) -> None:
        """Calls the listeners of an event; never raises."""
        for listener in self.listeners[name]:
            try:
                result = listener(*arguments)
            except (Exception, SystemExit) as exc:
                self._log(name, listener, exc)
            else:
                if result is not None:
                    self._keep(name, listener, result)

    def caller(self, name: str) -> Callable[[object], None] | None:
        """Returns `call` for the present listeners of an event of requests, None without any."""
        # The loop of `call` once more: with that one, a request whose end has a listener, such as
        # the access log, takes 680 instructions more (1.1 %).
        listeners = self.listeners[name]

        def call(ctx: object) -> None:
            for listener in listeners:
                try:
                    result = listener(ctx)
                except (Exception, SystemExit) as exc:
                    self._log(name, listener, exc)
                else:
                    if result is not None:
                        self._keep(name, listener, result)

        return call if listeners else None

    def _keep(self, name: str, listener: object, result: object) -> None:
        """Runs what an async listener returned as a background task."""
        if inspect.isawaitable(result):
            self._owner.background.keep(self._awaited(name, listener, result), name)

    async def _awaited(self, name: str, listener: object, result: Awaitable[object]) -> None:
        try:
            await result
        except (Exception, SystemExit) as exc:
            self._log(name, listener, exc)

    def _log(self, name: str, listener: object, exc: BaseException) -> None:
        title = getattr(listener, "__qualname__", type(listener).__qualname__)
        log = self._owner.core_logger
        log.error("listener %s of event %r failed: %s", title, name, describe(exc))
        log.error(exc)

    def _check(self, name: str) -> None:
        if name not in ARGUMENTS:
            raise EggError(f"app.on: {name!r}: unknown event", hint=_hint(name))
        if name != "error" and self._owner.type == "agent":
            raise EggError(f"app.on: {name!r}: the agent serves no requests", hint="use app.py")

    def _notify(self) -> None:
        for function in self.changed:
            function()


class Emitting:
    """The members `on`, `off` and `emit` of application and agent."""

    emitter: Emitter

    @property
    def logger(self) -> Logger:
        """The logger of the app."""
        raise NotImplementedError

    @property
    def loggers(self) -> Loggers:
        """All loggers, without a context's bracket."""
        raise NotImplementedError

    @overload
    def on(self, name: Literal["error"], listener: ErrorListener) -> None: ...
    @overload
    def on(self, name: Literal["request", "response"], listener: RequestListener) -> None: ...
    @overload
    def on(self, name: Literal["cookie_limit_exceed"], listener: CookieListener) -> None: ...
    @overload
    def on(self, name: SessionEvent, listener: SessionListener) -> None: ...
    def on(self, name: str, listener: Callable[..., object]) -> None:
        """Calls `listener` at each event of that name (core:APP-5), in the order of the calls.

        Raises EggError for an unknown event, naming the nearest.
        """
        self.emitter.on(name, listener)

    @overload
    def off(self, name: Literal["error"], listener: ErrorListener) -> None: ...
    @overload
    def off(self, name: Literal["request", "response"], listener: RequestListener) -> None: ...
    @overload
    def off(self, name: Literal["cookie_limit_exceed"], listener: CookieListener) -> None: ...
    @overload
    def off(self, name: SessionEvent, listener: SessionListener) -> None: ...
    def off(self, name: str, listener: Callable[..., object]) -> None:
        """Removes a listener."""
        self.emitter.off(name, listener)

    def emit(self, name: Literal["error"], error: BaseException, ctx: _Ctx = None) -> None:
        """Logs an error and calls the listeners of `error`; the process keeps running
        (process:CL-55).

        Raises EggError for any other event: only eggd emits those.
        """
        if name != "error":
            raise EggError(f"app.emit: {name!r}: only 'error' can be emitted by an application")
        self.log_error(error, ctx)
        self.emitter.error(error, ctx)

    def log_error(self, error: BaseException, ctx: _Ctx = None, status: int = 0) -> None:
        """Logs an error of a request, or of `emit`, once; never raises (core:ERR-12).

        `status` is that of the answer, by default that of an HttpError, else 500. Below 500 it is
        logged at WARN, else at ERROR; in one line if a client may read its message, or if the fault
        is the client's. An HttpError that `is_reported` is not logged. Replaceable in `app/extend`.
        """
        if isinstance(error, HttpError):
            if error.is_reported:
                return
            status, is_brief = status or error.status, error.expose
        else:
            status, is_brief = status or 500, 0 < status < 500
        try:
            log = self.logger if ctx is None else ctx.logger
            write = log.warning if status < 500 or _is_unknown_method(error, ctx) else log.error
            write(client_line(error, status) if is_brief else error)
        except Exception as exc:  # of a member of the app's own ctx, or of the error itself
            for each in (error, exc):
                _log_plainly(self.loggers.logger, each)


def _log_plainly(log: Logger, error: BaseException) -> None:
    try:
        log.error(error)
    except Exception:
        log.error("an error of class %s, which cannot be formatted", type(error).__qualname__)


def _is_unknown_method(error: BaseException, ctx: _Ctx) -> bool:
    """Returns whether this is the 501 for a method that no route has.

    Every client can cause one: as for a 405, the operator has nothing to do.
    """
    if ctx is None or not isinstance(error, HttpError) or error.status != 501:
        return False
    router = getattr(ctx.app, "router", None)  # the agent has no router
    return router is not None and ctx.method not in router.index.methods


def _check_listener(name: str, listener: object) -> None:
    arguments = ARGUMENTS[name]
    parameters = f"({', '.join(arguments)})"
    if not callable(listener):
        raise EggError(f"app.on: {name!r}: must be a function {parameters}, not {listener!r}")
    if wrong := mismatch(listener, *arguments):
        title = getattr(listener, "__qualname__", repr(listener))
        raise EggError(f"app.on: {name!r}: {title} must take {parameters}: {wrong}")


def _hint(name: str) -> str:
    for other, text in INSTEAD.items():
        if plain(other) == plain(name):
            return text
    right = misspelt(name, ARGUMENTS)
    return did_you_mean(right) if right else suggestion_or_list(name, ARGUMENTS, "events")
