"""Accepting: the backlog is left alone, a shortage is logged once and got over, stop is stop."""

from __future__ import annotations

import asyncio
import errno
import os
import socket
import subprocess

import pytest

from eggd.http.acceptor import Acceptor


class Short:
    """A listener whose accept fails as told, then works."""

    def __init__(self, listener: socket.socket, errors: list[int]) -> None:
        self.listener = listener
        self.errors = errors
        self.fileno = listener.fileno
        self.setblocking = listener.setblocking

    def accept(self) -> tuple[socket.socket, object]:
        if self.errors:
            code = self.errors.pop(0)
            raise OSError(code, os.strerror(code))
        return self.listener.accept()


async def test_a_shortage_is_logged_once_and_got_over(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("eggd.http.acceptor._SHORTAGE_PAUSE", 0.001)
    log: list[str] = []
    accepted: asyncio.Queue[socket.socket] = asyncio.Queue()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        short = Short(listener, [errno.EMFILE, errno.EMFILE, errno.ECONNABORTED, errno.ENFILE])
        acceptor = Acceptor(short, None, accepted.put_nowait, lambda _, text: log.append(text))  # type: ignore[arg-type]
        acceptor.start()
        with socket.create_connection(listener.getsockname()):
            (await accepted.get()).close()
        acceptor.stop()
    assert log == ["accepting pauses: Too many open files (raise LimitNOFILE=)"]


async def test_stop_is_stop() -> None:
    accepted: list[socket.socket] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:
        acceptor = Acceptor(listener, None, accepted.append, lambda *_: None)
        acceptor.start()
        acceptor.stop()
        acceptor.stop()
        with socket.create_connection(listener.getsockname()):
            await asyncio.sleep(0)
            assert accepted == []


def queue_limit(port: int) -> int:
    """Return the accept queue's limit as ss(8) shows it."""
    command = ["ss", "-Hltn", f"sport = :{port}"]
    shown = subprocess.run(command, capture_output=True, text=True, check=True)
    return int(shown.stdout.split()[2])


async def test_the_backlog_stays_what_it_was() -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=77) as listener:
        acceptor = Acceptor(listener, None, lambda _: None, lambda *_: None)
        acceptor.start()
        assert queue_limit(listener.getsockname()[1]) == 77
        acceptor.stop()
