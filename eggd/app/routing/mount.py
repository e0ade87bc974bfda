"""Tornado and ASGI applications under a prefix, on the same listener (`router.mount`).

A mount serves requests that no route matched. It runs inside the app's middleware and answers by
itself: header fields that middleware sets before `next()` are sent with its answer, later ones are
not.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from eggd.app.routing.handlers import source_of
from eggd.app.routing.interfaces import RouteContext
from eggd.app.routing.onion import awaitable, onion
from eggd.calling import mismatch
from eggd.errors import RouteError
from eggd.http import HttpConfig
from eggd.http.guests.guest import GuestRequest
from eggd.interfaces import Middleware, Step

Serve = Callable[[GuestRequest], Awaitable[int]]
"""Lets a mounted application answer one exchange; returns the status."""


@dataclass(slots=True)
class Mount:
    """One mounted application."""

    prefix: str
    """The percent-encoded prefix, without a slash at its end; "" at the root."""
    chain: Step
    """The app's middleware with the mounted application inside."""
    inner: Step
    """The same without the app's own middleware."""
    source: str
    """The mounted application, as `eggd routes` shows it."""
    life: Any = None
    """Its ASGI lifespan, started before ready and ended with the app; None without one."""


class Mounts:
    """The mounts of one router; the longest prefix wins."""

    def __init__(self) -> None:
        self._all: list[Mount] = []
        self.warnings: list[str] = []
        """A line per setting of a mounted application that has no effect here."""
        self._log: Callable[[str], None] = lambda text: None
        # Tasks of mounted applications: an ASGI one may go on after its answer.
        self._busy: set[asyncio.Task[None]] = set()

    def add(self, prefix: str, app: Any, around: Sequence[Middleware], *, strip: bool) -> None:
        """Mounts `app` behind the middleware of its router.

        Raises RouteError for an invalid prefix, one that is in use, or an object of another kind.
        """
        at = _check_prefix(prefix)
        if any(mount.prefix == at for mount in self._all):
            raise RouteError(f"mount {prefix!r}: another application is mounted there")
        serve, life = self._guest(prefix, app)
        inner = onion([*map(awaitable, around)], _step(serve, at if strip else "", self._busy))
        self._all.append(Mount(at, inner, inner, source_of(app), life))
        self._all.sort(key=lambda mount: -len(mount.prefix))

    def wrap(self, outer: Sequence[Middleware]) -> None:
        """Puts the app's middleware around all of them."""
        for mount in self._all:
            mount.chain = onion(outer, mount.inner)

    def match(self, path: str) -> Mount | None:
        """Returns the mount whose prefix the raw path is under."""
        for mount in self._all:
            if path == mount.prefix or path.startswith(f"{mount.prefix}/"):
                return mount
        return None

    async def start(self, app: Any) -> None:
        """Starts the lifespans; raises HookError with the prefix of one that fails."""
        self._log = lambda text: app.core_logger.error("%s", text)
        if "tornado.autoreload" in sys.modules:
            from eggd.http.guests import tornado

            tornado.stop_autoreload()  # for an application created after the mounts
        for mount in self._all:
            if mount.life is not None:
                title = f"mount {mount.prefix or '/'}"
                with app.lifecycle.waiting_for(title, f"Start {title}"):
                    await mount.life.start()
                app.before_close(mount.life.end)
        if self._all:
            app.before_close(self._finish)

    async def _finish(self) -> None:
        """Waits for mounted applications that still work after their answers."""
        if self._busy:
            await asyncio.wait(self._busy)

    def __bool__(self) -> bool:
        return bool(self._all)

    def __iter__(self) -> Iterator[Mount]:
        """In the order in which they are tried."""
        return iter(self._all)

    def _guest(self, prefix: str, app: Any) -> tuple[Serve, Any]:
        """Returns the function that serves a mounted application, and its lifespan or None.

        The code of each kind is imported when one is mounted.
        """
        if callable(getattr(app, "start_request", None)):
            from eggd.http.guests import tornado

            self.warnings += tornado.adopt(app, f"mount {prefix!r}")
            return lambda request: tornado.serve(app, request), None
        if not _is_asgi(app):
            raise RouteError(
                f"mount {prefix!r}: {app!r} is not an application",
                hint="mount a tornado.web.Application, or an ASGI one: app(scope, receive, send)",
            )
        from eggd.http.guests import asgi, asgi_socket
        from eggd.http.websocket import is_upgrade_request

        life = asgi.Lifespan(app, f"mount {prefix}", lambda text: self._log(text))

        def serve(request: GuestRequest) -> Awaitable[int]:
            speaks = "upgrade" in request.exchange.headers and is_upgrade_request(request.exchange)
            return (asgi_socket.serve_websocket if speaks else asgi.serve)(app, request, life.state)

        return serve, life


def _check_prefix(prefix: object) -> str:
    if not isinstance(prefix, str) or not prefix.startswith("/") or ":" in prefix:
        raise RouteError(
            f"mount {prefix!r}: the prefix must be a path without parameters",
            hint='app.router.mount("/old", application)',
        )
    return quote(prefix.rstrip("/"), safe="/!$&'()*+,;=@~-._%")


def _is_asgi(app: object) -> bool:
    return callable(app) and mismatch(app, None, None, None) == ""


def _step(serve: Serve, prefix: str, busy: set[asyncio.Task[None]]) -> Step:
    async def step(ctx: RouteContext) -> None:
        task = asyncio.current_task()
        assert task is not None
        busy.add(task)
        try:
            ctx.status = await serve(guest_request(ctx, prefix)) or ctx.status
        finally:
            busy.discard(task)

    return step


def guest_request(ctx: RouteContext, prefix: str) -> GuestRequest:
    """Returns a request as a mounted application below `prefix` sees it."""
    exchange = ctx.exchange
    return GuestRequest(
        exchange=exchange,
        prefix=prefix,
        path=exchange.path[len(prefix) :] or b"/",
        scheme=ctx.protocol,
        config=ctx.app.config[HttpConfig],
        client=(ctx.ip, 0 if ctx.app.proxy else exchange.peer[1]),
        fields=_fields(ctx),
    )


def _fields(ctx: RouteContext) -> list[tuple[bytes, bytes]]:
    """Returns the header fields that middleware has set so far."""
    return [
        (name.encode("latin-1"), str(value).encode("latin-1"))
        for name, values in ctx.response.fields.values()
        for value in values
    ]
