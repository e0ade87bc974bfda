"""Hostile clients, as a program in the network namespace of a host.

    python -m tests.chaos.hostile NAME PORT

Prints `running` when the attack is in full swing, and goes on until standard input ends.
"""

from __future__ import annotations

import asyncio
import os
import random
import resource
import subprocess
import sys
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress

from tests.chaos.answers import Window
from tests.host.host import Host
from tests.host.load import Streams
from tests.program import Program

__all__ = ["ATTACKS", "Window", "attack"]

IDLE = 10_000
SLOW = 500
GARBAGE = 100
"""Connections a second."""
SOCKETS = 200


@contextmanager
def attack(host: Host, name: str, port: int) -> Iterator[None]:
    """Runs an attack on the host in the block."""
    argv = [sys.executable, "-m", "tests.chaos.hostile", name, str(port)]
    with Program[bytes](
        host.container.network_command(*argv), stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        if process.stdout.readline() != b"running\n":
            raise RuntimeError(f"the attack {name} did not start")
        try:
            yield
        finally:
            process.communicate(timeout=60)


async def idle(port: int) -> None:
    """Opens 10,000 connections that send nothing after one request."""
    request = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"
    streams = [await _open(port) for _ in range(IDLE)]
    for _, writer in streams[::10]:
        writer.write(request)
    await _until_stopped(lambda: _pause(1))


async def slow_heads(port: int) -> None:
    """Sends heads, a byte a second on each of 500 connections."""
    await _drip(port, b"GET / HTTP/1.1\r\n", b"X")


async def slow_bodies(port: int) -> None:
    """Sends bodies, a byte a second on each of 500 connections."""
    await _drip(port, b"POST /body HTTP/1.1\r\nHost: a\r\nContent-Length: 9000\r\n\r\n", b"x")


async def garbage(port: int) -> None:
    """Sends random bytes on 100 new connections a second."""
    generator = random.Random(1)

    async def once() -> None:
        _, writer = await _open(port)
        writer.write(generator.randbytes(200))
        writer.close()
        await asyncio.sleep(1 / GARBAGE)

    await _until_stopped(once)


async def websockets(port: int) -> None:
    """Asks for WebSockets on a route without them, and floods 200 connections with frames."""
    head = (
        b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
        b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    )
    frame = b"\x81\x85" + bytes(4) + b"hello"

    async def once() -> None:
        _, writer = await _open(port)
        writer.write(head + 50 * frame)
        await asyncio.sleep(1 / SOCKETS)
        writer.close()

    await _until_stopped(once)


ATTACKS: dict[str, Callable[[int], Awaitable[None]]] = {
    "idle": idle,
    "slow heads": slow_heads,
    "slow bodies": slow_bodies,
    "garbage": garbage,
    "websockets": websockets,
}


async def _open(port: int) -> Streams:
    return await asyncio.open_connection("127.0.0.1", port)


async def _drip(port: int, head: bytes, byte: bytes) -> None:
    async def client() -> None:
        """Drips on one connection, and opens the next a second after its end."""
        while True:
            with suppress(OSError):
                reader, writer = await _open(port)
                writer.write(head)
                while not reader.at_eof():
                    writer.write(byte)
                    await asyncio.sleep(1)
                writer.close()
            await asyncio.sleep(1)

    async with asyncio.TaskGroup() as group:
        for number in range(SLOW):
            group.create_task(client())
            if number % 50 == 0:
                await asyncio.sleep(0.05)  # not all at once: the drops are spread over the second
        await _until_stopped(lambda: _pause(1))


async def _pause(seconds: float) -> None:
    await asyncio.sleep(seconds)


async def _until_stopped(step: Callable[[], Awaitable[None]]) -> None:
    """Repeats a step until standard input ends; a step whose connection breaks is repeated."""
    print("running", flush=True)
    stop = asyncio.Event()
    asyncio.get_running_loop().add_reader(sys.stdin.fileno(), stop.set)
    while not stop.is_set():
        try:
            await step()
        except OSError:
            await asyncio.sleep(0.01)
    os._exit(0)  # thousands of open connections end with the process


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_NOFILE, (2 * IDLE, 2 * IDLE))
    asyncio.run(ATTACKS[sys.argv[1]](int(sys.argv[2])))  # type: ignore[arg-type]
