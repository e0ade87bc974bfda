"""Accepting: the backlog is kept, a shortage is logged once, and a less busy worker goes first."""

from __future__ import annotations

import asyncio
import errno
import os
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from eggd.http.accept_page import AcceptPage
from eggd.http.acceptor import Acceptor
from tests.http.fake import until
from tests.http.test_accept_page import HOLD
from tests.http.workers import process


class FailingListener:
    """A listener whose `accept` raises the given errors, then works."""

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


async def test_a_shortage_is_logged_once_and_accepting_resumes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("eggd.http.acceptor._SHORTAGE_PAUSE", 0.001)
    log: list[str] = []
    accepted: asyncio.Queue[socket.socket] = asyncio.Queue()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        failing = FailingListener(
            listener, [errno.EMFILE, errno.EMFILE, errno.ECONNABORTED, errno.ENFILE]
        )
        acceptor = Acceptor(failing, None, accepted.put_nowait, lambda _, text: log.append(text))  # type: ignore[arg-type]
        acceptor.start()
        with socket.create_connection(listener.getsockname()):
            (await accepted.get()).close()
        acceptor.stop()
    assert log == ["accepting pauses: Too many open files (raise LimitNOFILE=)"]


async def test_nothing_is_accepted_after_stop() -> None:
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
    """Returns the accept queue's limit as ss(8) shows it."""
    command = ["ss", "-Hltn", f"sport = :{port}"]
    shown = subprocess.run(command, capture_output=True, text=True, check=True)
    return int(shown.stdout.split()[2])


async def test_the_backlog_is_not_changed() -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=77) as listener:
        acceptor = Acceptor(listener, None, lambda _: None, lambda *_: None)
        acceptor.start()
        assert queue_limit(listener.getsockname()[1]) == 77
        acceptor.stop()


class BusierWorker:
    """A worker that is busier than one that never accepts, and its queue."""

    def __init__(self, listener: socket.socket, page: AcceptPage) -> None:
        self.listener = listener
        self.accepted: asyncio.Queue[socket.socket] = asyncio.Queue()
        self.acceptor = Acceptor(listener, page, self.accepted.put_nowait, lambda *_: None)
        self.acceptor.start()

    async def connect(self) -> None:
        """Opens a connection and waits until it was accepted."""
        with socket.create_connection(self.listener.getsockname()):
            (await self.accepted.get()).close()


@pytest.fixture
def page(tmp_path: Path) -> Iterator[AcceptPage]:
    """The page of a worker with five connections, beside one that hangs without connections."""
    path = tmp_path / "accept"
    with process("-c", HOLD, str(path), "2", "0"):
        page = AcceptPage(path, 1)
        page.set(5)
        yield page
        page.close()


async def test_a_worker_that_never_accepts_is_waited_for_once(
    page: AcceptPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("eggd.http.acceptor._STEP_BACK", 0)
    monkeypatch.setattr("eggd.http.acceptor._PATIENCE", 3)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        it = BusierWorker(listener, page)
        await it.connect()
        # From here on, one more step would take longer than the time limit of the test.
        monkeypatch.setattr("eggd.http.acceptor._STEP_BACK", 3600)
        for _ in range(100):
            await it.connect()
        it.acceptor.stop()


async def test_a_connection_that_ends_is_replaced_at_once(
    page: AcceptPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("eggd.http.acceptor._STEP_BACK", 3600)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        it = BusierWorker(listener, page)
        with (
            socket.create_connection(listener.getsockname()),
            socket.create_connection(listener.getsockname()),
        ):
            await until(lambda: it.acceptor._timer)
            assert it.accepted.empty()
            it.acceptor.connection_closed()
            assert it.accepted.qsize() == 1
            it.accepted.get_nowait().close()
        it.acceptor.stop()


def is_shown(page: AcceptPage) -> bool:
    """Returns whether other workers see the worker of slot 1: its word is not zero."""
    return any(page.path.read_bytes()[4:8])


async def test_a_worker_without_descriptors_is_not_waited_for(
    page: AcceptPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("eggd.http.acceptor._SHORTAGE_PAUSE", 3600)
    page.set(0)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        failing = FailingListener(listener, [errno.EMFILE])
        it = BusierWorker(failing, page)  # type: ignore[arg-type]
        with socket.create_connection(listener.getsockname()):
            await until(lambda: it.acceptor._timer)
            assert not is_shown(page)
            it.acceptor._resume()
            (await it.accepted.get()).close()
            await until(lambda: is_shown(page))
        it.acceptor.stop()
