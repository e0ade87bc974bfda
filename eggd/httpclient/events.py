"""The events of a client: `request` before a request is built, `response` at its end
(core:HTTP-6)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from eggd.errors import EggError
from eggd.failure import describe
from eggd.httpclient.details import ResponseDetails
from eggd.log import Logger
from eggd.spelling import suggestion_or_list

EVENTS = ("request", "response")


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestEvent:
    """A request that is about to be built."""

    request_id: int
    """The number of the request in this client, from 1."""
    url: str
    """The URL as it was given; it may hold secrets."""
    args: dict[str, object]
    """The options; a listener may change them, such as `args["headers"]`, which is always there.
    `args["tracer"]` is that of ctx, of the call or of the app."""
    ctx: object
    """The ctx of `ctx.curl`, else None."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ResponseEvent:
    """A request that has ended; if it is streamed, its head has arrived."""

    req: RequestEvent
    """The request."""
    res: ResponseDetails
    """Status, header fields, times and URLs."""
    error: BaseException | None
    """The error that the caller gets, else None."""
    ctx: object
    """The ctx of `ctx.curl`, else None."""


class Listeners:
    """The listeners of one client; an exception of one is logged only."""

    def __init__(self, logger: Logger | None) -> None:
        self._logger = logger
        self._listeners: dict[str, list[Callable[..., object]]] = {name: [] for name in EVENTS}

    def add(self, name: str, listener: Callable[..., object]) -> None:
        """Adds a listener. Raises EggError for an unknown event."""
        self._of(name).append(listener)

    def remove(self, name: str, listener: Callable[..., object]) -> None:
        """Removes a listener, if it was added. Raises EggError for an unknown event."""
        if listener in self._of(name):
            self._of(name).remove(listener)

    def call(self, name: str, event: object) -> None:
        """Calls the listeners of an event; never raises."""
        for listener in tuple(self._listeners[name]):
            try:
                listener(event)
            except Exception as exc:
                title = getattr(listener, "__qualname__", type(listener).__qualname__)
                if self._logger is not None:
                    self._logger.error(
                        "listener %s of the HTTP client's event %r failed: %s",
                        *(title, name, describe(exc)),
                    )

    def _of(self, name: str) -> list[Callable[..., object]]:
        if name not in EVENTS:
            raise EggError(
                f"httpclient.on: {name!r}: unknown event",
                hint=suggestion_or_list(name, EVENTS, "events"),
            )
        return self._listeners[name]
