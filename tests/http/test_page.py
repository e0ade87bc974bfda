"""The page of counts: live slots count, dead ones do not; four real workers share fairly."""

from __future__ import annotations

import signal
import socket
from collections import Counter
from contextlib import ExitStack
from pathlib import Path

import pytest

from eggd.errors import BootError
from eggd.http.page import AcceptPage
from tests.http.workers import process, worker

HOLD = """
import sys
from pathlib import Path
from eggd.http.page import AcceptPage
page = AcceptPage(Path(sys.argv[1]), int(sys.argv[2]))
page.set(int(sys.argv[3]))
print("held", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "accept"


def test_the_file_is_private_and_whole(path: Path) -> None:
    AcceptPage(path, 1).close()
    assert (path.stat().st_mode & 0o777, path.stat().st_size) == (0o600, 4096)


@pytest.mark.parametrize(("others", "own", "crowded"), [(0, 1, True), (2, 2, False), (3, 2, False)])
def test_only_who_is_above_the_least_busy_is_crowded(
    path: Path, others: int, own: int, crowded: bool
) -> None:
    page = AcceptPage(path, 2)
    with process("-c", HOLD, str(path), "999", str(others)):
        page.set(own)
        assert page.is_crowded() is crowded
    page.close()


def test_alone_nobody_is_crowded(path: Path) -> None:
    page = AcceptPage(path, 0)
    page.set(1000)
    assert not page.is_crowded()
    page.close()


def test_a_dead_worker_is_not_compared_with(path: Path) -> None:
    page = AcceptPage(path, 1)
    page.set(5)
    with process("-c", HOLD, str(path), "2", "0") as other:
        assert page.is_crowded()
        other.send_signal(signal.SIGKILL)
        other.wait()
        assert not page.is_crowded()
    page.close()


def test_a_slot_has_one_owner(path: Path) -> None:
    with (
        process("-c", HOLD, str(path), "1", "0"),
        pytest.raises(BootError, match="accept, slot 1: Resource temporarily unavailable"),
    ):
        AcceptPage(path, 1)


def test_a_slot_is_free_after_a_kill(path: Path) -> None:
    with process("-c", HOLD, str(path), "1", "0") as other:
        other.kill()
    AcceptPage(path, 1).close()


@pytest.mark.parametrize("slot", [-1, 1000])
def test_no_such_slot(path: Path, slot: int) -> None:
    with pytest.raises(BootError, match="no accept slot for instance"):
        AcceptPage(path, slot)


def test_no_such_directory(tmp_path: Path) -> None:
    with pytest.raises(BootError, match=r"accept page .*: No such file or directory"):
        AcceptPage(tmp_path / "none" / "accept", 1)


def ask(connection: socket.socket) -> bytes:
    connection.sendall(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
    return connection.recv(1000).rpartition(b"\r\n\r\n")[2]


def test_four_workers_share_64_connections_fairly(path: Path) -> None:
    with ExitStack() as stack:
        listener = stack.enter_context(socket.create_server(("127.0.0.1", 0), backlog=128))
        for slot in range(1, 5):
            stack.enter_context(worker(listener, path, slot))
        address = listener.getsockname()
        clients = [stack.enter_context(socket.create_connection(address)) for _ in range(64)]
        counts = Counter(ask(client) for client in clients)
    assert len(counts) == 4
    assert max(counts.values()) <= 20
