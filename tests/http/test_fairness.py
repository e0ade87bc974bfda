"""Four real workers on one listener: connections are spread evenly, and no client waits for one
that is stopped or hangs."""

from __future__ import annotations

import itertools
import signal
import socket
import subprocess
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.http.workers import worker

PATIENT = "10000"
"""Milliseconds, more than any machine takes to run a process that is ready to run."""


class Crowd:
    """Workers on one listener, and the connections that were opened to them."""

    def __init__(self, stack: ExitStack, page: Path, steps: str) -> None:
        self.stack = stack
        listener = stack.enter_context(socket.create_server(("127.0.0.1", 0), backlog=256))
        self.address = listener.getsockname()
        self.workers = {
            started.pid: started
            for started in (
                stack.enter_context(worker(listener, page, slot, steps=steps))
                for slot in range(1, 5)
            )
        }

    def connect(self) -> socket.socket:
        return self.stack.enter_context(socket.create_connection(self.address, timeout=30))

    def opened(self, count: int, at_once: int) -> Counter[int]:
        """Opens connections, `at_once` at a time; returns the number of answers of each worker."""
        answered: Counter[int] = Counter()
        for _ in range(count // at_once):
            answered += Counter(map(ask, [self.connect() for _ in range(at_once)]))
        return answered


def ask(connection: socket.socket, path: str = "/") -> int:
    """Returns the pid of the worker that answers."""
    connection.sendall(f"GET {path} HTTP/1.1\r\nHost: a\r\n\r\n".encode())
    return int(connection.recv(1000).rpartition(b"\r\n\r\n")[2] or 0)


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Crowd]]:
    with ExitStack() as stack:
        yield lambda steps="": Crowd(stack, tmp_path / "accept", steps)


@pytest.mark.parametrize(("count", "at_once"), [(4, 4), (4, 1), (64, 64), (64, 1), (200, 200)])
def test_connections_are_spread_evenly(
    start: Callable[..., Crowd], count: int, at_once: int
) -> None:
    counts = start(PATIENT).opened(count, at_once)
    assert len(counts) == 4
    assert max(counts.values()) <= 1.5 * min(counts.values())


def stop(crowd: Crowd) -> None:
    """Stops the worker with the fewest connections, which would get the next ones."""
    counts = crowd.opened(10, 1)
    least = min(crowd.workers, key=lambda pid: counts[pid])
    crowd.workers[least].send_signal(signal.SIGSTOP)
    crowd.stack.callback(crowd.workers[least].send_signal, signal.SIGCONT)


def hang(crowd: Crowd) -> None:
    """Blocks a worker in a handler, once its answer has started."""
    ask(crowd.connect(), "/hang")


@pytest.mark.parametrize("disable", [stop, hang])
def test_no_client_waits_for_a_worker_that_is_stopped_or_hangs(
    start: Callable[..., Crowd], disable: Callable[[Crowd], None]
) -> None:
    crowd = start()
    disable(crowd)
    assert len(crowd.opened(64, 64)) == 3
    assert len(crowd.opened(32, 1)) == 3


def test_a_resumed_worker_gets_connections_again(start: Callable[..., Crowd]) -> None:
    crowd = start()
    stopped: subprocess.Popen[str] = next(iter(crowd.workers.values()))
    stopped.send_signal(signal.SIGSTOP)
    crowd.opened(64, 64)
    stopped.send_signal(signal.SIGCONT)
    answers = (ask(crowd.connect()) for _ in itertools.count())
    assert next(pid for pid in answers if pid == stopped.pid)
