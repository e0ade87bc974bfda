"""Files by sendfile(2): whole answers, slow clients, and clients that disconnect."""

from __future__ import annotations

import asyncio
import os
import socket
import tempfile
from collections.abc import Iterator

import pytest

from eggd.http import Exchange, HttpConfig
from tests.http.certificates import Pair
from tests.http.fake import until
from tests.http.serving import GET, Served, served

SIZE = 20 << 20
HALF = SIZE // 2


@pytest.fixture(name="file")
def _file() -> Iterator[int]:
    with tempfile.TemporaryFile() as file:
        file.write(b"a" * HALF + b"b" * HALF)
        file.flush()
        yield file.fileno()


class Sender:
    """Answers each request with the bytes of a file between two marks."""

    def __init__(self, file: int, start: int = 0, end: int = SIZE) -> None:
        self.file, self.start, self.end = file, start, end
        self.tasks: list[asyncio.Task[bool]] = []

    def __call__(self, exchange: Exchange) -> None:
        self.tasks.append(asyncio.ensure_future(self.answer(exchange)))

    async def answer(self, exchange: Exchange) -> bool:
        exchange.start(200, b"", length=2 + self.end - self.start)
        await exchange.write(b"<")
        is_sent = await exchange.send_file(self.file, self.start, self.end)
        if not exchange.lost:
            await exchange.write(b">")
            exchange.finish()
        return is_sent


def descriptors() -> set[str]:
    return set(os.listdir("/proc/self/fd"))


async def test_a_file_is_sent_between_what_is_written(file: int) -> None:
    """The next request on the connection finds its answer, too."""
    sender = Sender(file, 10, SIZE - 10)
    async with served(sender) as it:
        talk = await it.connect()
        before = descriptors()
        talk.writer.write(GET * 3)
        for _ in range(3):
            answer = await talk.answer()
            assert answer.body == b"<" + b"a" * (HALF - 10) + b"b" * (HALF - 10) + b">"
        assert descriptors() == before
        assert [task.result() for task in sender.tasks] == [True] * 3


async def test_tls_cannot(file: int, pair: Pair) -> None:
    """The caller then reads the file itself."""

    async def answer(exchange: Exchange) -> None:
        exchange.start(200, b"", length=5)
        assert not await exchange.send_file(file, 0, 5)
        await exchange.write(b"plain")
        exchange.finish()

    tasks: list[asyncio.Future[None]] = []
    async with served(lambda it: tasks.append(asyncio.ensure_future(answer(it))), tls=pair) as it:
        assert (await (await it.connect()).ask()).body == b"plain"


@pytest.mark.parametrize("length", [None, 4])
async def test_an_answer_of_another_length_cannot(file: int, length: int | None) -> None:
    """Chunks have lengths of their own; more than was promised would be the next answer."""
    results: list[bool] = []

    async def answer(exchange: Exchange) -> None:
        exchange.start(200, b"", length=length)
        results.append(await exchange.send_file(file, 0, 5))
        exchange.disconnect()

    tasks: list[asyncio.Future[None]] = []
    async with served(lambda it: tasks.append(asyncio.ensure_future(answer(it)))) as it:
        talk = await it.connect()
        talk.writer.write(GET)
        await until(lambda: results)
        assert results == [False]


async def test_a_file_that_ends_early_drops_the_connection(file: int) -> None:
    """The client notices that the answer is not complete (known:KW-63)."""
    os.ftruncate(file, HALF)
    async with served(Sender(file)) as it:
        talk = await it.connect()
        talk.writer.write(GET)
        with pytest.raises((asyncio.IncompleteReadError, ConnectionError)):
            await talk.answer()


async def test_a_client_that_takes_nothing_is_dropped(file: int) -> None:
    """The limit `write_timeout` holds although the transport has no bytes."""
    sender = Sender(file)
    config = HttpConfig(keep_alive_timeout=0.05, linger_timeout=0.05, write_timeout=0.2)
    before = descriptors()
    async with served(sender, config) as it:
        with deaf_client(it) as client:
            client.sendall(GET)
            await until(lambda: it.server.stats.requests)
            await until(lambda: not it.server.stats.connections)
            await asyncio.wait(sender.tasks)
    await until(lambda: not left_of(before))


async def test_a_slow_client_is_served(file: int) -> None:
    """Progress begins the limit anew."""
    config = HttpConfig(keep_alive_timeout=5, linger_timeout=1, write_timeout=0.5)
    async with served(Sender(file), config) as it:
        loop = asyncio.get_running_loop()
        with deaf_client(it) as client:
            client.setblocking(False)
            await loop.sock_sendall(client, GET)
            received = 0
            while received < SIZE:
                data = await loop.sock_recv(client, 1 << 18)
                assert data
                received += len(data)
                await asyncio.sleep(0)


async def test_a_client_that_resets_ends_the_transfer(file: int) -> None:
    """No descriptor and no thread is left."""
    sender = Sender(file)
    before = descriptors()
    async with served(sender) as it:
        for _ in range(5):
            with deaf_client(it) as client:
                client.sendall(GET)
                await until(lambda: it.server.stats.connections)
                client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, bytes([1] + [0] * 7))
            await until(lambda: not it.server.stats.connections)
        await asyncio.wait(sender.tasks)
    await until(lambda: not left_of(before))


async def test_a_cancelled_transfer_waits_for_its_thread(file: int) -> None:
    """The thread uses the descriptor, so it is closed afterwards."""
    sender = Sender(file)
    before = descriptors()
    async with served(sender) as it:
        with deaf_client(it) as client:
            client.sendall(GET)
            await until(lambda: sender.tasks)
            sender.tasks[0].cancel()
            await asyncio.wait(sender.tasks)
            assert sender.tasks[0].cancelled()
    await until(lambda: not left_of(before))


def left_of(before: set[str]) -> list[str]:
    """Returns the sockets that were opened since, and are still open."""
    links = [f"/proc/self/fd/{each}" for each in descriptors() - before]
    places = [os.readlink(link) for link in links if os.path.lexists(link)]
    return [place for place in places if place.startswith("socket:")]


def deaf_client(it: Served) -> socket.socket:
    """Returns a connected client with small buffers."""
    client = socket.socket()
    client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
    client.connect(("127.0.0.1", it.port))
    return client
