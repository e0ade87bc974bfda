"""`app.router.ws`: a route whose handler exchanges messages with the client.

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
from eggd.app.routing.mount import guest_request
from eggd.errors import HttpError, RouteError, WebSocketClosedError
from eggd.http.guests.guest import Reply
from eggd.http.websocket import WebSocket, handshake
from eggd.interfaces import Handler
from eggd.masking.redact import safe_repr

Talk = Callable[[Any, WebSocket], Awaitable[object]]
"""`async def handler(ctx, socket)`."""


def as_handler(
    talk: object, origins: Sequence[str], protocols: Sequence[str], limit: int
) -> Handler:
    """Returns a route's handler that accepts the WebSocket and calls `talk`. Raises RouteError."""
    if not inspect.iscoroutinefunction(talk):
        raise RouteError(
            f"router.ws: the handler must be an async function, not {safe_repr([], talk)}",
            hint="define it as: async def chat(ctx, socket)",
        )

    async def handler(ctx: RouteContext) -> None:
        fields = handshake(ctx.exchange, _choose(ctx.get("sec-websocket-protocol"), protocols))
        if not _may_connect(ctx, origins):
            raise HttpError(403, "this origin may not connect")
        request = guest_request(ctx, "")
        socket = WebSocket(Reply(request).switch(fields), limit, request.config)
        ctx.status = 101
        await _run(talk, ctx, socket)

    code = talk.__code__
    handler.source = f"{code.co_filename}#{talk.__qualname__}()"  # type: ignore[attr-defined]
    return handler


async def _run(talk: Talk, ctx: RouteContext, socket: WebSocket) -> None:
    """Runs the handler; an exception is logged, and the client gets 1011 (RFC 6455 7.4.1)."""
    code = 1000
    try:
        await talk(ctx, socket)
    except WebSocketClosedError:
        pass  # the client disconnected: the usual end of a WebSocket
    except (Exception, SystemExit) as exc:
        ctx.logger.error(exc)
        ctx.app.emitter.error(exc, ctx)
        code = 1011
    await socket.close(code)


def _choose(offered: str, protocols: Sequence[str]) -> str:
    """Returns the first of `protocols` that the client offers, else ""."""
    names = [name.strip() for name in offered.split(",")]
    return next((name for name in protocols if name in names), "")


def _may_connect(ctx: RouteContext, origins: Sequence[str]) -> bool:
    """Returns whether the Origin is absent, of the request's own host, or listed in `origins`.

    RFC 6455 section 10.2.
    """
    origin = ctx.get("origin")
    if not origin or "*" in origins or origin in origins:
        return True
    host = urlsplit(origin).netloc.lower()
    return bool(host and host == ctx.host.lower())
