"""A real worker process: `python accepting.py FD PAGE SLOT [FILES]`, told by lines, saying lines.

It serves its pid on the listener FD, prints "ready", drains when its input ends. What is logged
goes to standard error. FILES is the most descriptors it may have.
"""

from __future__ import annotations

import asyncio
import os
import resource
import socket
import sys
from pathlib import Path

from eggd.http import AcceptPage, Exchange, HttpConfig, HttpServer


def handle(exchange: Exchange) -> None:
    exchange.send(200, b"", str(os.getpid()).encode())


def log(level: str, text: str) -> None:
    print(level, text, file=sys.stderr, flush=True)


async def main(fd: str, page: str, slot: str, files: str) -> None:
    ended = asyncio.Event()
    server = HttpServer(handle, HttpConfig(keep_alive_timeout=30), log)
    await server.start(socket.socket(fileno=int(fd)), AcceptPage(Path(page), int(slot)))
    if files:
        resource.setrlimit(resource.RLIMIT_NOFILE, (int(files), int(files)))
    asyncio.get_running_loop().add_reader(0, ended.set)
    print("ready", flush=True)
    await ended.wait()
    await server.drain(10)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
