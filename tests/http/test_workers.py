"""Worker processes on one listener: a drain under load, and a shortage of descriptors."""

from __future__ import annotations

import asyncio
import socket
from pathlib import Path

from tests.http.fake import until
from tests.http.serving import GET, Talk
from tests.http.workers import worker


class Load:
    """Clients that send requests without a pause, and reconnect after `Connection: close`."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.answered: dict[bytes, int] = {}
        self.ended = False

    async def client(self) -> None:
        talk = await self._connect()
        while not self.ended:
            answer = await talk.ask()
            self.answered[answer.body] = self.answered.get(answer.body, 0) + 1
            if answer.headers["connection"] == "close":
                await talk.close()
                talk = await self._connect()
        await talk.close()

    async def _connect(self) -> Talk:
        return Talk(*await asyncio.open_connection("127.0.0.1", self.port))


async def test_no_request_fails_in_a_drain_under_load(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=128) as listener:
        load = Load(listener.getsockname()[1])
        with worker(listener, tmp_path / "accept", 1):
            with worker(listener, tmp_path / "accept", 2) as leaving:
                clients = [asyncio.ensure_future(load.client()) for _ in range(16)]
                await until(lambda: len(load.answered) == 2)
                assert leaving.stdin is not None
                leaving.stdin.close()
                assert await asyncio.to_thread(leaving.wait) == 0
            load.ended = True
            await asyncio.gather(*clients)


def test_a_worker_out_of_descriptors_logs_it_once_and_serves_again(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=128) as listener:
        with worker(listener, tmp_path / "accept", 1, "20") as short:
            address = listener.getsockname()
            clients = [socket.create_connection(address) for _ in range(30)]
            for client in clients:
                client.sendall(GET)
            for client in clients:
                assert client.recv(1000).startswith(b"HTTP/1.1 200 OK")
                client.close()
            log = short.communicate()[1]
    assert log == "error accepting pauses: Too many open files (raise LimitNOFILE=)\n"
