"""A real worker process: `python accepting.py FD PAGE SLOT [FILES] [STEPS]`.

It answers with its pid on the listener FD, prints "ready", and drains when its input ends; /hang
starts an answer and blocks the whole process until then. It logs to standard error. FILES is the
limit of its descriptors, STEPS the milliseconds that it waits for a less busy worker.
"""

from __future__ import annotations

import asyncio
import os
import resource
import select
import socket
import sys
from pathlib import Path

from eggd.http import AcceptPage, Exchange, HttpConfig, HttpServer, acceptor


def handle(exchange: Exchange) -> None:
    if exchange.path == b"/hang":
        exchange.start(200, b"")
        select.select([0], [], [])
        exchange.finish()
    else:
        exchange.send(200, b"", str(os.getpid()).encode())


def log(level: str, text: str) -> None:
    print(level, text, file=sys.stderr, flush=True)


async def main(fd: str, page: str, slot: str, files: str, steps: str) -> None:
    if steps:
        acceptor._TURN = acceptor._PATIENCE = int(steps)
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
