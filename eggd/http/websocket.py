"""A WebSocket on a connection that has left HTTP (RFC 6455).

A separate task reads, so that pings are answered and a Close is noticed whatever the handler does;
it pauses while the handler does not receive. A client that answers no ping is disconnected.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator

from eggd.errors import HttpError, WebSocketClosedError
from eggd.http.config import HttpConfig
from eggd.http.detach import Detached
from eggd.http.exchange import Exchange
from eggd.http.guests.guest import Field
from eggd.http.heartbeat import Heartbeat
from eggd.http.incoming import ClientClosedError, Incoming
from eggd.wire.websocket import (
    BrokenFrameError,
    Op,
    answer_key,
    close_payload,
    frame,
    is_upgrade,
)

_QUEUED = 16
"""Messages that may wait for the handler; reading pauses beyond that."""

_QUEUED_SIZE = 1024 * 1024
"""Bytes (characters of text) that may wait for the handler; reading pauses beyond that."""

_CLOSE_TIMEOUT = 2.0
"""Seconds in which a client must answer our Close frame."""

_FIELDS = ("upgrade", "connection", "sec-websocket-version", "sec-websocket-key")


def is_upgrade_request(exchange: Exchange) -> bool:
    """Returns whether a request is a WebSocket handshake."""
    given = {name: exchange.headers.get(name) for name in ("upgrade", "connection")}
    return not exchange.has_body and is_upgrade(exchange.method, exchange.version, given)


def handshake(exchange: Exchange, protocol: str = "") -> list[Field]:
    """Returns the fields of the 101 answer; raises HttpError 400 or 426 for a bad request."""
    if exchange.has_body:
        raise HttpError(400, "a WebSocket request has no body")
    given = {name: exchange.headers.get(name) for name in _FIELDS}
    key = answer_key(exchange.method, exchange.version, given)
    fields = [
        (b"Upgrade", b"websocket"),
        (b"Connection", b"Upgrade"),
        (b"Sec-WebSocket-Accept", key.encode()),
    ]
    return [*fields, (b"Sec-WebSocket-Protocol", protocol.encode())] if protocol else fields


class WebSocket:
    """One WebSocket: `async for message in socket`, `await socket.send(message)`.

    A message is `str` or `bytes`. `send` and `receive` raise WebSocketClosedError after its end.
    """

    def __init__(self, detached: Detached, limit: int, config: HttpConfig) -> None:
        """Uses `detached`, whose 101 was sent; refuses a message above `limit` bytes (1009)."""
        self.close_code = 0
        """The code of either side's Close frame; 1006 without one; 0 while it is open."""
        self.close_reason = ""
        """The client's reason, or ours if the client answered no ping."""
        self._detached = detached
        self._limit = limit
        # Whether our Close frame was sent.
        self._close_sent = False
        self._incoming = Incoming(detached, limit)
        self._messages: deque[str | bytes] = deque()
        # Bytes of binary messages and characters of text in `_messages`.
        self._size = 0
        # Set when a message arrives or is taken, and at the end.
        self._changed = asyncio.Event()
        self._reader = asyncio.ensure_future(self._read())
        self._heartbeat = Heartbeat(detached, config, self._give_up)
        detached.on_drain = self._go

    @property
    def closed(self) -> bool:
        """Whether nothing more can be sent."""
        return bool(self.close_code) or self._close_sent

    async def receive(self) -> str | bytes:
        """Returns the next message, also one that arrived before the end."""
        while not self._messages:
            if self.close_code:
                raise WebSocketClosedError(f"the WebSocket was closed: {self.close_code}")
            await self._change()
        message = self._messages.popleft()
        self._size -= len(message)
        self._changed.set()
        return message

    async def __aiter__(self) -> AsyncIterator[str | bytes]:
        """Yields messages until either side closes."""
        while True:
            try:
                yield await self.receive()
            except WebSocketClosedError:
                return

    async def send(self, message: str | bytes) -> None:
        """Sends a message; waits while the client is slow."""
        if self.closed:
            raise WebSocketClosedError(f"the WebSocket was closed: {self.close_code}")
        if isinstance(message, str):
            self._detached.write(frame(Op.TEXT, message.encode()))
        else:
            self._detached.write(frame(Op.BINARY, bytes(message)))
        try:
            await self._detached.writable()
        except ConnectionError as exc:
            raise WebSocketClosedError("the client disconnected") from exc

    async def close(self, code: int = 1000, reason: str = "") -> None:
        """Sends a Close frame, waits for the client's (2 s at most), and closes."""
        self._send_close(code, reason)
        await asyncio.wait([self._reader], timeout=_CLOSE_TIMEOUT)
        self._detached.close()
        self._reader.cancel()

    def _send_close(self, code: int, reason: str = "") -> None:
        if not self._close_sent:
            self._close_sent = True
            self._detached.write(frame(Op.CLOSE, close_payload(code, reason)))
            self._changed.set()

    def _go(self) -> None:
        """Sends 1001 (going away): the client reconnects, to another worker."""
        self._send_close(1001)
        asyncio.get_running_loop().call_later(_CLOSE_TIMEOUT, self._detached.close)

    def _give_up(self) -> None:
        self.close_reason = "no answer to a ping"
        self._detached.abort()

    async def _read(self) -> None:
        code, reason, sending = 1006, "", True
        try:
            while True:
                await self._arrived(await self._incoming.message())
        except ClientClosedError as exc:
            code, reason, sending = exc.code, exc.reason, False
            self._send_close(1000 if code == 1005 else code)
        except BrokenFrameError as exc:
            code = exc.code
            self._send_close(code, str(exc))
        except ConnectionError:
            reason = self.close_reason
        finally:
            self._heartbeat.stop()
            self.close_code, self.close_reason = code, reason
            self._detached.close(sending=sending)
            self._changed.set()

    async def _arrived(self, message: str | bytes) -> None:
        if self._close_sent:  # the handler has closed: the message is dropped
            return
        self._messages.append(message)
        self._size += len(message)
        self._changed.set()
        # Lets the handler answer before a broken frame or a Close after the message ends the read.
        await asyncio.sleep(0)
        while self._is_full() and not self._close_sent:
            await self._change()

    def _is_full(self) -> bool:
        return len(self._messages) >= _QUEUED or self._size >= _QUEUED_SIZE

    async def _change(self) -> None:
        self._changed.clear()
        await self._changed.wait()
