"""A WebSocket client: Tornado's, on a real socket."""

from __future__ import annotations

from collections.abc import Mapping

from tornado.httpclient import HTTPRequest
from tornado.websocket import WebSocketClientConnection, websocket_connect

from eggd.errors import WebSocketClosedError
from eggd.testing.request import with_cookies
from eggd.testing.running_app import LIMIT, RunningApp

__tracebackhide__ = True  # pytest shows the line of the test instead


async def connect(
    running: RunningApp, url: str, headers: Mapping[str, str], protocols: list[str] | None
) -> WebSocketClientConnection:
    """Returns an open connection; raises HTTPClientError with its `code` if the app refuses."""
    given = {
        name.title(): text for fields in (running.headers, headers) for name, text in fields.items()
    }
    if running.cookies:
        given["Cookie"] = with_cookies(given.get("Cookie", ""), running.cookies)
    request = HTTPRequest(url, headers=given)
    return await websocket_connect(request, subprotocols=protocols)


class ClientSocket:
    """An open WebSocket; its methods block, also in async tests."""

    def __init__(self, running: RunningApp, connection: WebSocketClientConnection) -> None:
        self._running = running
        self._connection = connection
        # The end was read; Tornado reports it only once.
        self._over = False

    @property
    def close_code(self) -> int | None:
        """The code with which the app closed it; None while it is open."""
        return self._connection.close_code

    @property
    def protocol(self) -> str | None:
        """The negotiated subprotocol."""
        return self._connection.selected_subprotocol

    def send(self, message: str | bytes) -> None:
        """Sends a message."""
        self._running.run(self._send(message), LIMIT)

    def receive(self) -> str | bytes:
        """Returns the next message; raises WebSocketClosedError after the last one."""
        return self._running.run(self._receive(), LIMIT)

    async def close(self) -> None:
        """Closes it and waits for the app's close frame; on the app's loop."""
        self._connection.close()
        while not self._over:
            await self._read()

    async def _send(self, message: str | bytes) -> None:
        await self._connection.write_message(message, binary=isinstance(message, bytes))

    async def _receive(self) -> str | bytes:
        message = None if self._over else await self._read()
        if message is None:
            code = self._connection.close_code or 1006
            raise WebSocketClosedError(f"the app closed the WebSocket: {code}")
        return message

    async def _read(self) -> str | bytes | None:
        """Returns the next message, None at the end."""
        message = await self._connection.read_message()
        self._over = message is None
        return message
