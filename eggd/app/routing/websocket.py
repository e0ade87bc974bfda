"""`app.router.ws`: a route whose handler speaks with the client for as long as it likes.

async def chat(ctx, socket):
    async for message in socket:
        await socket.send(message)
"""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Sequence
from typing import Any
from urllib.parse import urlsplit

from eggd.app.routing.interfaces import RouteContext
from eggd.app.routing.mount import visit_of
from eggd.errors import HttpError, RouteError, WebSocketClosedError
from eggd.http.guests.guest import Reply
from eggd.http.websocket import WebSocket, handshake

Talk = Callable[[Any, WebSocket], Awaitable[object]]
"""`async def handler(ctx, socket)`."""


def as_handler(talk: Any, origins: Sequence[str], protocols: Sequence[str], limit: int) -> Any:
    """Returns a route's handler that shakes hands and lets `talk` speak; raises RouteError."""
    if not inspect.iscoroutinefunction(talk):
        raise RouteError(
            f"router.ws: the handler must be an async function, not {talk!r}",
            hint="async def chat(ctx, socket)",
        )

    async def handler(ctx: RouteContext) -> None:
        fields = handshake(ctx.exchange, _chosen(ctx.get("sec-websocket-protocol"), protocols))
        if not _is_welcome(ctx, origins):
            raise HttpError(403, "this origin may not connect")
        visit = visit_of(ctx, "")
        socket = WebSocket(Reply(visit).switch(fields), limit, visit.config)
        ctx.status = 101
        await _speak(talk, ctx, socket)

    code = talk.__code__
    handler.source = f"{code.co_filename}#{talk.__qualname__}()"  # type: ignore[attr-defined]
    return handler


async def _speak(talk: Talk, ctx: RouteContext, socket: WebSocket) -> None:
    """Runs the handler; what it raises is logged, and the client gets 1011 (RFC 6455 7.4.1)."""
    code = 1000
    try:
        await talk(ctx, socket)
    except WebSocketClosedError:
        pass  # the client left: that is how most of them end
    except (Exception, SystemExit) as exc:
        ctx.logger.error(exc)
        ctx.app.emitter.error(exc, ctx)
        code = 1011
    await socket.close(code)


def _chosen(offered: str, protocols: Sequence[str]) -> str:
    """Returns the first protocol of ours that the client offers, "" for none."""
    names = [name.strip() for name in offered.split(",")]
    return next((name for name in protocols if name in names), "")


def _is_welcome(ctx: RouteContext, origins: Sequence[str]) -> bool:
    """Returns whether a browser's page may connect: of the same host, or named (RFC 6455 10.2)."""
    origin = ctx.get("origin")
    if not origin or "*" in origins or origin in origins:
        return True
    host = urlsplit(origin).netloc.lower()
    return bool(host and host == ctx.host.lower())
