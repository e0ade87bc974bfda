"""A real worker process: `python accepting.py FD PAGE SLOT`, told by lines, saying lines.

It serves its pid on the listener FD, prints "ready", ends when its input does. PAGE may be "-".
"""

from __future__ import annotations

import asyncio
import os
import socket
import sys
from pathlib import Path

from eggd.http import AcceptPage, Exchange, HttpConfig, HttpServer


def handle(exchange: Exchange) -> None:
    exchange.send(200, b"", str(os.getpid()).encode())


async def main(fd: str, page: str, slot: str) -> None:
    ended = asyncio.Event()
    shared = None if page == "-" else AcceptPage(Path(page), int(slot))
    server = HttpServer(handle, HttpConfig(keep_alive_timeout=30), lambda *_: None)
    await server.start(socket.socket(fileno=int(fd)), shared)
    asyncio.get_running_loop().add_reader(0, ended.set)
    print("ready", flush=True)
    await ended.wait()
    await server.drain(0)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
