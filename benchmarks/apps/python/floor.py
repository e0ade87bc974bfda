"""The floor: what uvloop and the kernel cost when nothing is parsed, routed or logged.

floor.py PORT      answers by the request's first bytes, on 127.0.0.1
"""

from __future__ import annotations

import asyncio
import json
import sys

import uvloop
from answers import HELLO, account, team


def response(kind: str, body: bytes) -> bytes:
    """Returns a whole response."""
    head = f"HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


TEXT = response("text/plain; charset=utf-8", HELLO.encode())
JSON = response("application/json", json.dumps(team()).encode())
USERS = response("application/json", json.dumps(account("4711", "1")).encode())


class Fixed(asyncio.Protocol):
    """Answers each piece that arrives as if it were one request (wrk never pipelines).

    Only a head that comes without its body waits for it: http.client sends the two one by one.
    """

    head = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keeps the transport."""
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        """Answers, looking at no more than where the answer differs."""
        data, self.head = self.head + data, b""
        if data.startswith(b"GET /hello"):
            answer = TEXT
        elif data.startswith(b"POST"):
            body = data.partition(b"\r\n\r\n")[2]
            if not body:
                self.head = data
                return
            answer = response("application/json", body)
        elif data.startswith(b"GET /api"):
            answer = USERS
        else:
            answer = JSON
        self.transport.write(answer)  # type: ignore[attr-defined]


async def main(port: int) -> None:
    """Serves until killed."""
    server = await asyncio.get_running_loop().create_server(Fixed, "127.0.0.1", port, backlog=4096)
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.install()
    asyncio.run(main(int(sys.argv[1])))
