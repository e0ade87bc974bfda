"""Sends parts of files by sendfile(2): the kernel sends its own copy, no byte passes this process.

uvloop has no `sendfile` of its own, and on a cold disk the call blocks. So it runs in a thread, on
a duplicate of the socket's descriptor: the number of a closed one may belong to another client.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from socket import socket

from eggd.threads import in_thread

_ONE_CALL = 1 << 20
_ONE_TURN = 4 << 20
"""Bytes that one thread sends before it goes back to the loop."""


def socket_of(transport: asyncio.Transport | None) -> socket | None:
    """Returns the socket that takes files, None for TLS and for a lost connection."""
    if transport is None or transport.get_extra_info("sslcontext") is not None:
        return None
    sock: socket | None = transport.get_extra_info("socket")
    return sock if sock is not None and sock.fileno() >= 0 else None


@contextmanager
def duplicate(sock: socket) -> Iterator[int]:
    """Gives a descriptor of the same socket, which is closed in the end."""
    descriptor = os.dup(sock.fileno())
    try:
        yield descriptor
    finally:
        os.close(descriptor)


async def send_some(descriptor: int, file: int, start: int, end: int) -> int:
    """Sends bytes of a file from `start` to at most `end`, and returns how many.

    0 means that the socket is full, -1 that the file ends there. Raises OSError if the client has
    disconnected, or the file cannot be read. A cancelled call waits for its thread.
    """
    return await in_thread(partial(_send, descriptor, file, start, end))


def _send(descriptor: int, file: int, start: int, end: int) -> int:
    at, until = start, min(end, start + _ONE_TURN)
    while at < until:
        try:
            sent = os.sendfile(descriptor, file, at, min(_ONE_CALL, until - at))
        except BlockingIOError:
            break
        if sent == 0:
            return at - start or -1
        at += sent
    return at - start


async def writable(descriptor: int, ready: asyncio.Future[None]) -> None:
    """Returns when a socket takes bytes, or when `ready` is done for another reason."""
    loop = asyncio.get_running_loop()
    loop.add_writer(descriptor, finish, ready)
    try:
        await ready
    finally:
        loop.remove_writer(descriptor)


def finish(ready: asyncio.Future[None] | None) -> None:
    """Ends the wait of `writable`, if there is one."""
    if ready is not None and not ready.done():
        ready.set_result(None)
