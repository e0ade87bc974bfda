"""The floor: what uvloop and the kernel cost when nothing is parsed, routed or logged.

floor.py PORT ANSWER.json      answers every read with the same bytes, on 127.0.0.1
"""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path

import uvloop


class Fixed(asyncio.Protocol):
    """Answers each piece that arrives with one fixed response (wrk never pipelines)."""

    response = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport."""
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        """Answer without looking."""
        self.transport.write(self.response)  # type: ignore[attr-defined]


async def main(port: int, answer: dict[str, str]) -> None:
    """Serve until killed."""
    body = answer["body"].encode()
    head = (
        f"HTTP/1.1 200 OK\r\nContent-Type: {answer['type']}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    Fixed.response = head.encode() + body
    server = await asyncio.get_running_loop().create_server(Fixed, "127.0.0.1", port, backlog=4096)
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.install()
    asyncio.run(main(int(sys.argv[1]), json.loads(Path(sys.argv[2]).read_text())))
