"""A stage for scenes: one suite under systemd or under the supervisor, driven by the same words."""

from __future__ import annotations

import signal
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from tests.polling import await_that

AGENT = "egg-agent"


def worker(slot: int) -> str:
    """The name of a worker's unit."""
    return f"egg-worker@{slot}"


@dataclass(frozen=True, slots=True)
class Outcome:
    """The exit code and the output of a command."""

    ok: bool
    text: str


class Stage(Protocol):
    """The actions of a scene. Units are named without `.service`."""

    log_dir: Path
    """The suite's log directory, as seen from here; the app writes its events there."""

    def write(self, files: Mapping[str, str]) -> None:
        """Writes files of the app."""

    def start(self, workers: int) -> Outcome:
        """`eggd start` with that many workers."""

    def command(self, *words: str) -> Outcome:
        """Another command of eggd's."""

    def pids(self) -> dict[str, int]:
        """The main processes that there are, by unit."""

    def kill(self, unit: str, number: signal.Signals) -> None:
        """Sends a signal to the unit's main process."""

    def mark(self) -> int:
        """Returns the current position in the output, for `await_ready` and `said`."""

    def await_ready(self, unit: str, after: int) -> None:
        """Waits until the unit is ready, later than the mark."""

    def await_stopping(self, unit: str, after: int) -> None:
        """Waits until the unit has been asked to stop, later than the mark."""

    def said(self, unit: str, after: int) -> str:
        """Returns the output of a unit's process since the mark."""

    def connect(self) -> socket.socket:
        """A new connection to the listener; raises ConnectionRefusedError if it is closed."""


def ask(stage: Stage, path: str = "/") -> str:
    """The body of one answer, on a connection of its own."""
    with stage.connect() as sock:
        send(sock, path)
        return read(sock)


def send(sock: socket.socket, path: str) -> None:
    """Sends one request."""
    sock.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())


def read(sock: socket.socket) -> str:
    """One answer's head and body, up to its Content-Length."""
    data = b""
    while b"\r\n\r\n" not in data:
        piece = sock.recv(65536)
        assert piece, f"closed after {data!r}"
        data += piece
    head, _, body = data.partition(b"\r\n\r\n")
    length = next(
        int(line.partition(b":")[2])
        for line in head.lower().splitlines()
        if line.startswith(b"content-length:")
    )
    while len(body) < length:
        piece = sock.recv(65536)
        assert piece, f"closed after {body!r}"
        body += piece
    return f"{head.decode()}\n\n{body.decode()}"


def body(answer: str) -> str:
    """The body of an answer."""
    return answer.partition("\n\n")[2]


def refuses(stage: Stage) -> bool:
    """Whether connections are refused."""
    try:
        stage.connect().close()
    except ConnectionRefusedError:
        return True
    return False


def events(stage: Stage) -> list[str]:
    """Returns the events that the app's hooks and handlers have noted so far."""
    return (stage.log_dir / "events").read_text().splitlines()


def await_event(stage: Stage, text: str, count: int = 1) -> None:
    """Waits until a line has been noted that many times."""

    def noted() -> bool:
        file = stage.log_dir / "events"
        return file.exists() and file.read_text().splitlines().count(text) >= count

    await_that(noted, f"event {text!r}, {count} times")
