"""The PROXY header at the start of an accepted connection, before TLS and HTTP.

Only the header's bytes are taken from the socket (MSG_PEEK): those behind it are left to TLS, which
reads the socket itself.
"""

from __future__ import annotations

import asyncio
import socket

from eggd.http.flow import address
from eggd.wire.networks import Networks
from eggd.wire.proxy_header import LIMIT, ProxyHeader, ProxyHeaderError, read_proxy_header

UNTRUSTED = "the address is not in trusted_proxies"


class GreetingError(Exception):
    """A connection that is closed before its first request; "" if the peer just disconnected."""


async def greeting(accepted: socket.socket, trusted: Networks, timeout: float) -> ProxyHeader:
    """Returns the PROXY header of a connection; raises GreetingError.

    The peer must be in `trusted`, or be a program of this host whose header says nothing about a
    client: so does the check of a deploy. `timeout` is the seconds for the header.
    """
    try:
        peer, own = (address(name())[0] for name in (accepted.getpeername, accepted.getsockname))
        is_trusted = peer in trusted
        if not is_trusted and (not peer or peer != own):
            raise GreetingError(UNTRUSTED)  # nothing is read
        async with asyncio.timeout(timeout):
            header = await _receive(accepted)
        if not is_trusted and not header.is_local:
            raise GreetingError(UNTRUSTED)
        return header
    except TimeoutError:
        raise GreetingError("no PROXY header in time") from None
    except ProxyHeaderError as exc:
        raise GreetingError(str(exc)) from exc
    except OSError as exc:
        raise GreetingError("") from exc


async def _receive(accepted: socket.socket) -> ProxyHeader:
    data = b""
    while True:
        more = await _peek(accepted)
        if not more:
            raise GreetingError("")
        header = read_proxy_header(data + more)
        # Incomplete, so all of `more` belongs to the header: taken, as it would stay readable.
        data += accepted.recv(len(more) if header is None else header.size - len(data))
        if header is not None:
            return header


async def _peek(accepted: socket.socket) -> bytes:
    """Returns the bytes that have arrived, and leaves them in the socket; b"" at the end."""
    try:
        return accepted.recv(LIMIT, socket.MSG_PEEK)
    except BlockingIOError:
        await _readable(accepted)
        return accepted.recv(LIMIT, socket.MSG_PEEK)


async def _readable(accepted: socket.socket) -> None:
    loop = asyncio.get_running_loop()
    ready = loop.create_future()
    loop.add_reader(accepted, _resolve, ready)
    try:
        await ready
    finally:
        loop.remove_reader(accepted)


def _resolve(ready: asyncio.Future[None]) -> None:
    if not ready.done():
        ready.set_result(None)
