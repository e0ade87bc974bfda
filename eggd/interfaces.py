"""The shapes that layers are typed against; a description, no code runs here."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Protocol

Next = Callable[[], Awaitable[None]]
"""Runs the rest of the onion; may be awaited once (core:MW-8)."""

Middleware = Callable[[Any, Next], Awaitable[None]]
"""`async def middleware(ctx, next)`."""

MiddlewareFactory = Callable[[Any, Any], Middleware]
"""`def timing(options, app) -> Middleware` (core:MW-1)."""

Handler = Callable[..., Any]
"""A function of ctx, sync or async, that sets `ctx.body` or returns the body."""

Step = Callable[[Any], Awaitable[None]]
"""One compiled link of a route's chain: takes ctx, runs itself and what follows."""


class LogLike(Protocol):
    """The methods of a logger that the layers below `app` call; %-style arguments."""

    def debug(self, msg: object, *args: object) -> None:
        """Logs at DEBUG."""

    def info(self, msg: object, *args: object) -> None:
        """Logs at INFO."""

    def warn(self, msg: object, *args: object) -> None:
        """Logs at WARN."""

    def error(self, msg: object, *args: object) -> None:
        """Logs at ERROR."""


class MessengerLike(Protocol):
    """What apps and plugins call on `app.messenger` (process:IPC-2)."""

    def on(self, action: str, handler: Callable[..., Any]) -> Any:
        """Calls `handler(data)` for every message of that action."""

    def once(self, action: str, handler: Callable[..., Any]) -> Any:
        """Calls `handler(data)` for the next message of that action only."""

    def remove_listener(self, action: str, handler: Callable[..., Any]) -> Any:
        """Takes back one `on` or `once`."""

    def send(self, action: str, data: object = None, to: str | int | None = None) -> Any:
        """Sends to "app", "agent" or a pid; by default to the other kind."""

    def send_to(self, pid: int | str, action: str, data: object = None) -> Any:
        """Sends to the process with this pid."""

    def send_random(self, action: str, data: object = None) -> Any:
        """Sends to one random worker; on a worker, to the agent."""

    def broadcast(self, action: str, data: object = None) -> Any:
        """Sends to every process, the sender included."""

    def send_to_app(self, action: str, data: object = None) -> Any:
        """Sends to every worker."""

    def send_to_agent(self, action: str, data: object = None) -> Any:
        """Sends to the agent."""


class AppLike(Protocol):
    """What a request's objects ask of their app; `Application` is the one that there is."""

    config: Any
    locals: dict[str, Any]
    meta_enabled: bool

    background: Any
    emitter: Any

    @property
    def loggers(self) -> Any:
        """The loggers of the process, without a context's bracket."""

    def request(self, exchange: Any) -> Any:
        """Returns a new request of the app's own class."""

    def services(self, ctx: Any) -> Any:
        """Returns the namespace of services for one context."""

    def helper(self, ctx: Any) -> Any:
        """Returns a new helper of the app's own class for one context."""
