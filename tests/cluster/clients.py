"""Clients of a suite: one connection, many under load, and the gate a request waits at."""

from __future__ import annotations

import socket
from collections.abc import Callable
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from threading import Condition, Thread
from types import TracebackType
from typing import Self

from eggd.testing.suite import Suite

TIMEOUT = 20.0


@dataclass(frozen=True)
class Answer:
    """A response."""

    status: int
    body: str
    connection: str
    """The Connection header."""


class Client:
    """One keep-alive connection; it never opens another by itself."""

    def __init__(self, suite: Suite) -> None:
        self._http = HTTPConnection("127.0.0.1", suite.port, timeout=TIMEOUT)
        self._http.auto_open = False
        self._http.connect()
        # http.client closes its own socket after an answer with `Connection: close`.
        self._sock = self._http.sock.dup()

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()
        self._sock.close()

    def send(self, path: str) -> None:
        """Sends GET `path` without waiting."""
        self._http.request("GET", path)

    def receive(self) -> Answer:
        """Waits for the answer to the request that was sent."""
        response = self._http.getresponse()
        connection = response.headers.get("connection", "")
        return Answer(response.status, response.read().decode(), connection)

    def get(self, path: str) -> Answer:
        """Sends GET `path` and waits."""
        self.send(path)
        return self.receive()

    def post(self, path: str, body: bytes, headers: dict[str, str]) -> Answer:
        """Sends POST `path` and waits."""
        self._http.request("POST", path, body, headers)
        return self.receive()

    def wait_closed(self) -> bool:
        """Waits until the server closes the connection; returns False if it sends data instead."""
        return self._sock.recv(1) == b""


class Gate:
    """A Unix socket where a request of the test app waits until it is let through."""

    def __init__(self, path: Path) -> None:
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.settimeout(TIMEOUT)
        self._listener.bind(str(path))
        self._listener.listen()
        self._waiting: list[socket.socket] = []

    def __enter__(self) -> Gate:
        return self

    def __exit__(self, *_: object) -> None:
        for conn in [*self._waiting, self._listener]:
            conn.close()

    def wait_for_request(self) -> None:
        """Waits until one more request is inside its handler."""
        self._waiting.append(self._listener.accept()[0])

    def open(self, word: str) -> None:
        """Lets all waiting requests continue; they answer `word`."""
        for conn in self._waiting:
            conn.sendall(word.encode())


class Load:
    """Clients that send requests without pause, each on its own connection, and count failures."""

    def __init__(self, suite: Suite, clients: int) -> None:
        self._suite = suite
        self._changed = Condition()
        self._going = True
        self.answered = [0] * clients
        self.broken = [0] * clients
        """Per client: connections that ended during a request."""
        self.refused = 0
        """Connections that could not be opened at all."""
        self.wrong: list[Answer] = []
        """Answers that were not 200."""
        self._threads = [Thread(target=self._ask, args=(n,)) for n in range(clients)]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        tb: TracebackType | None,
    ) -> None:
        self._going = False
        for thread in self._threads:
            thread.join(TIMEOUT)

    def wait_for_answers(self, count: int) -> None:
        """Waits until every client got `count` more answers."""
        with self._changed:
            goals = [answered + count for answered in self.answered]
            enough = self._changed.wait_for(lambda: self._reached(goals), TIMEOUT)
        assert enough, f"answers {self.answered}, expected {goals}"

    def _reached(self, goals: list[int]) -> bool:
        return all(count >= goal for count, goal in zip(self.answered, goals, strict=True))

    def _ask(self, number: int) -> None:
        while self._going:
            try:
                with Client(self._suite) as client:
                    self._converse(number, client.get)
            except ConnectionRefusedError:
                self.refused += 1
            except (HTTPException, OSError):
                self.broken[number] += 1

    def _converse(self, number: int, get: Callable[[str], Answer]) -> None:
        while self._going:
            answer = get("/")
            with self._changed:
                self.answered[number] += 1
                if answer.status != 200:
                    self.wrong.append(answer)
                self._changed.notify_all()
            if answer.connection == "close":
                return
