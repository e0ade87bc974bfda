"""A connection on a transport in memory, which is stricter than that of the test kit."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

from eggd.errors import HttpError
from eggd.http.config import HttpConfig
from eggd.http.connection import Connection
from eggd.http.exchange import Exchange
from eggd.http.shared import Shared


class FakeTransport(asyncio.Transport):
    """Keeps what is written; `stuck` bytes count as not sent."""

    def __init__(self, protocol: asyncio.Protocol) -> None:
        super().__init__({"peername": ("192.0.2.1", 999)})
        self.protocol = protocol
        self.written: list[bytes] = []
        self.half_closed = self.closed = self.aborted = self.reading_paused = False
        self.stuck = 0

    def write(self, data: Any) -> None:
        assert not self.closed
        assert not self.half_closed
        self.written.append(bytes(data))

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        assert isinstance(protocol, asyncio.Protocol)
        self.protocol = protocol

    def get_write_buffer_size(self) -> int:
        return self.stuck

    def is_closing(self) -> bool:
        return self.closed

    def can_write_eof(self) -> bool:
        return True

    def write_eof(self) -> None:
        self.half_closed = True

    def close(self) -> None:
        if not self.closed:
            self.closed = True
            self.protocol.connection_lost(None)

    def abort(self) -> None:
        self.aborted = True
        self.close()

    def pause_reading(self) -> None:
        assert not self.reading_paused
        self.reading_paused = True

    def resume_reading(self) -> None:
        assert self.reading_paused
        self.reading_paused = False


@dataclass
class Answer:
    """One answer as a client reads it."""

    status: int
    headers: dict[str, str]
    body: bytes


class Client:
    """A connection without a socket: `send` bytes, read `answers`."""

    def __init__(
        self,
        handle: Callable[[Exchange], None],
        config: HttpConfig | None = None,
        methods: Collection[str] = (),
    ) -> None:
        self.log: list[tuple[str, str]] = []
        self.shared: Shared[Connection] = Shared(
            handle,
            config or HttpConfig(),
            lambda *line: self.log.append(line),
            lambda: None,
            methods=methods,
        )
        self.connection = Connection(self.shared, asyncio.get_running_loop())
        self.transport = FakeTransport(self.connection)
        self.connection.connection_made(self.transport)

    async def send(self, data: bytes, step: int = 0) -> None:
        """Sends the bytes in pieces of `step` (0: whole); the loop runs after each."""
        for at in range(0, len(data), step or len(data)):
            if self.transport.closed:
                return
            if not self.transport.reading_paused:
                self.connection.data_received(data[at : at + (step or len(data))])
            await turn()

    def end(self) -> None:
        """Closes the sending side as a transport does: a false result closes both sides."""
        if not self.connection.eof_received():
            self.transport.close()

    @property
    def output(self) -> bytes:
        return b"".join(self.transport.written)

    @property
    def answers(self) -> list[Answer]:
        return read_answers(self.output)

    @property
    def done(self) -> bool:
        """Whether no more answers follow."""
        return self.transport.closed or self.transport.half_closed


async def turn() -> None:
    """Runs the callbacks that are ready in the loop, and those that they schedule."""
    for _ in range(4):
        await asyncio.sleep(0)


async def until(condition: Callable[[], object]) -> None:
    """Runs the loop until `condition` holds; the time limit of the test ends an endless wait."""
    while not condition():  # noqa: ASYNC110
        await asyncio.sleep(0)


def read_answers(data: bytes) -> list[Answer]:
    """Reads answers with or without a Content-Length; not for answers to HEAD."""
    answers = []
    while data:
        head, _, data = data.partition(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in lines)}
        length = int(headers.get("content-length", 0))
        answers.append(Answer(int(first.split(" ")[1]), headers, data[:length]))
        data = data[length:]
    return answers


def summary(exchange: Exchange) -> None:
    """A handler that answers with a summary of the request, once its body is complete."""
    if exchange.body.complete:
        _summarise(exchange)
    else:
        task = asyncio.ensure_future(_read(exchange))
        exchange.on_lost(task.cancel)


async def _read(exchange: Exchange) -> None:
    try:
        await exchange.body.read()
    except HttpError as exc:
        exchange.send(exc.status, b"", exc.message.encode())
    else:
        _summarise(exchange)


def _summarise(exchange: Exchange) -> None:
    target, host = exchange.target.decode(), exchange.headers.get("host")
    text = f"{exchange.method} {target} {exchange.version} {host} {exchange.body.data!r}"
    exchange.send(200, b"", text.encode())
