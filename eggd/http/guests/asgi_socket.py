"""A WebSocket of an ASGI application (asgi.readthedocs.io: WebSocket 2.4)."""

from __future__ import annotations

import asyncio

from eggd.errors import WebSocketClosedError
from eggd.http.guests.asgi import Asgi, ClientGoneError, Message, scope_of
from eggd.http.guests.guest import GuestRequest, Reply
from eggd.http.websocket import WebSocket, handshake

_LIMIT = 16 * 1024 * 1024
"""Bytes of one message: ASGI has no way to set a limit."""


async def serve_websocket(app: Asgi, request: GuestRequest, state: dict[str, object]) -> int:
    """Lets `app` take the WebSocket; returns 101, or 403 if it refuses.

    Raises HttpError 400 or 426 for a malformed handshake, the app's exceptions, and RuntimeError if
    the app returns before it accepts or refuses.
    """
    handshake(request.exchange)
    channel = _WebSocketChannel(request)
    code = 1011
    try:
        await app(_scope(request, state), channel.receive, channel.send)
        code = 1000
    except ClientGoneError:
        pass
    finally:
        if channel.socket is not None:
            await channel.socket.close(code)
    if not channel.reply.status and request.exchange.aborted:
        request.exchange.disconnect()  # `receive` has reported the disconnect
    elif not channel.reply.status:
        raise RuntimeError(
            f"{request.exchange!r}: the ASGI application neither accepted nor refused"
        )
    return channel.reply.status


def _scope(request: GuestRequest, state: dict[str, object]) -> dict[str, object]:
    scope = scope_of(request, state)
    del scope["method"]
    offered = request.exchange.headers.get("sec-websocket-protocol").split(",")
    return {
        **scope,
        "type": "websocket",
        "scheme": "wss" if request.scheme == "https" else "ws",
        "subprotocols": [name.strip() for name in offered if name.strip()],
    }


class _WebSocketChannel:
    """`receive` and `send` of one WebSocket, and their state."""

    def __init__(self, request: GuestRequest) -> None:
        self.reply = Reply(request)
        self.socket: WebSocket | None = None
        self._request = request
        self._is_accepted = False
        # Set once the application accepts or refuses the WebSocket, or the client disconnects
        # first.
        self._settled = asyncio.Event()
        request.exchange.on_abort(self._settled.set)

    async def receive(self) -> Message:
        """Returns connect, then every message, then disconnect."""
        if not self._is_accepted:
            self._is_accepted = True
            return {"type": "websocket.connect"}
        await self._settled.wait()
        if self.socket is None:
            return {"type": "websocket.disconnect", "code": 1006, "reason": ""}
        try:
            message = await self.socket.receive()
        except WebSocketClosedError:
            socket = self.socket
            code, reason = socket.close_code, socket.close_reason
            return {"type": "websocket.disconnect", "code": code, "reason": reason}
        kind = "text" if isinstance(message, str) else "bytes"
        return {"type": "websocket.receive", kind: message}

    async def send(self, message: Message) -> None:
        """Accepts, refuses, sends or closes; ClientGoneError after the client disconnected."""
        kind = message["type"]
        if self._request.exchange.lost:
            raise ClientGoneError(f"{self._request.exchange!r}: the client disconnected")
        if self.socket is not None:
            await self._talk(self.socket, message)
        elif kind == "websocket.accept" and not self.reply.status:
            fields = handshake(self._request.exchange, message.get("subprotocol") or "")
            fields += [(bytes(name), bytes(value)) for name, value in message.get("headers", ())]
            self.socket = WebSocket(self.reply.switch(fields), _LIMIT, self._request.config)
            self._settled.set()
        elif kind == "websocket.close" and not self.reply.status:
            self.reply.head(403, [])
            self.reply.put(b"", last=True)
            self._settled.set()
        else:
            raise RuntimeError(f"{self._request.exchange!r}: unexpected ASGI message {kind!r}")

    async def _talk(self, socket: WebSocket, message: Message) -> None:
        kind = message["type"]
        if kind == "websocket.close":
            await socket.close(message.get("code", 1000), message.get("reason") or "")
        elif kind == "websocket.send":
            text = message.get("text")
            try:
                await socket.send(message["bytes"] if text is None else text)
            except WebSocketClosedError as exc:
                raise ClientGoneError(str(exc)) from exc
        else:
            raise RuntimeError(f"{self._request.exchange!r}: unexpected ASGI message {kind!r}")
