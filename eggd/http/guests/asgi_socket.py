"""A WebSocket of an ASGI application (asgi.readthedocs.io: WebSocket 2.4)."""

from __future__ import annotations

import asyncio

from eggd.errors import WebSocketClosedError
from eggd.http.guests.asgi import Asgi, ClientGoneError, Message, scope_of
from eggd.http.guests.guest import Reply, Visit
from eggd.http.websocket import WebSocket, handshake

_LIMIT = 16 * 1024 * 1024
"""Bytes of one message: ASGI has no way to set a limit."""


async def speak(app: Asgi, visit: Visit, state: dict[str, object]) -> int:
    """Lets `app` take the WebSocket; returns 101, or 403 if it refuses.

    Raises HttpError 400 or 426 for a malformed handshake, the app's exceptions, and RuntimeError if
    the app returns before it accepts or refuses.
    """
    handshake(visit.exchange)
    call = _Call(visit)
    code = 1011
    try:
        await app(_scope(visit, state), call.receive, call.send)
        code = 1000
    except ClientGoneError:
        pass
    finally:
        if call.socket is not None:
            await call.socket.close(code)
    if not call.reply.status and visit.exchange.aborted:
        visit.exchange.disconnect()  # `receive` has reported the disconnect
    elif not call.reply.status:
        raise RuntimeError(f"{visit.exchange!r}: the ASGI application neither accepted nor refused")
    return call.reply.status


def _scope(visit: Visit, state: dict[str, object]) -> dict[str, object]:
    scope = scope_of(visit, state)
    del scope["method"]
    offered = visit.exchange.headers.get("sec-websocket-protocol").split(",")
    return {
        **scope,
        "type": "websocket",
        "scheme": "wss" if visit.scheme == "https" else "ws",
        "subprotocols": [name.strip() for name in offered if name.strip()],
    }


class _Call:
    """The two functions of one WebSocket's call."""

    def __init__(self, visit: Visit) -> None:
        self.reply = Reply(visit)
        self.socket: WebSocket | None = None
        self._visit = visit
        self._connected = False
        # Set once the application accepts or refuses the WebSocket, or the client disconnects
        # first.
        self._settled = asyncio.Event()
        visit.exchange.on_abort(self._settled.set)

    async def receive(self) -> Message:
        """Returns connect, then every message, then disconnect."""
        if not self._connected:
            self._connected = True
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
        if self._visit.exchange.lost:
            raise ClientGoneError(f"{self._visit.exchange!r}: the client disconnected")
        if self.socket is not None:
            await self._talk(self.socket, message)
        elif kind == "websocket.accept" and not self.reply.status:
            fields = handshake(self._visit.exchange, message.get("subprotocol") or "")
            fields += [(bytes(name), bytes(value)) for name, value in message.get("headers", ())]
            self.socket = WebSocket(self.reply.switch(fields), _LIMIT, self._visit.config)
            self._settled.set()
        elif kind == "websocket.close" and not self.reply.status:
            self.reply.head(403, [])
            self.reply.put(b"", last=True)
            self._settled.set()
        else:
            raise RuntimeError(f"{self._visit.exchange!r}: unexpected ASGI message {kind!r}")

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
            raise RuntimeError(f"{self._visit.exchange!r}: unexpected ASGI message {kind!r}")
