"""Hostile datagrams are refused, counted and logged once; their descriptors are closed."""

from __future__ import annotations

import fcntl
import os
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from eggd.messenger import memfd
from eggd.wire import datagram
from eggd.wire.datagram import Sender
from tests.messenger.conftest import Bus

START = datagram.head(Sender("worker", 9, 1))
BODY = datagram.encode("hi", "x")
GOOD = datagram.pack(START, 0, [BODY])


def fd_of(size: int) -> bytes:
    return datagram.pack_memfd(START, 0, size)


def unsealed() -> int:
    fd = os.memfd_create("x", os.MFD_ALLOW_SEALING)
    os.write(fd, BODY)
    return fd


def half_sealed() -> int:
    fd = unsealed()
    fcntl.fcntl(fd, fcntl.F_ADD_SEALS, memfd.SEALS & ~fcntl.F_SEAL_WRITE)
    return fd


def sealed(body: bytes = BODY) -> int:
    return memfd.seal(body)


def a_file() -> int:
    return os.open("/etc/passwd", os.O_RDONLY)


def a_pipe() -> int:
    reader, writer = os.pipe()
    os.close(writer)
    return reader


Fds = list[Callable[[], int]]
HOSTILE: list[tuple[str, bytes, Fds, str]] = [
    ("empty", b"", [], "it is empty"),
    ("noise", bytes(range(256)), [], "version 0, not 1"),
    ("another version", b"\x07" + GOOD[1:], [], "version 7, not 1"),
    ("no JSON", b"\x01{", [], "it is not JSON"),
    ("deep", b"\x01" + b'{"a":' * 9_000, [], "it is not JSON"),
    ("too long", GOOD + b" " * 67_000, [], "too long, or with too many descriptors"),
    ("descriptor", GOOD, [sealed], "unexpected descriptors"),
    ("many descriptors", fd_of(len(BODY)), [sealed] * 10, "too long, or with too many descriptors"),
    ("two descriptors", fd_of(len(BODY)), [sealed] * 2, "2 descriptors instead of one"),
    ("no descriptor", fd_of(len(BODY)), [], "0 descriptors instead of one"),
    ("unsealed", fd_of(len(BODY)), [unsealed], "the descriptor is not a sealed memfd"),
    ("half sealed", fd_of(len(BODY)), [half_sealed], "the descriptor is not a sealed memfd"),
    ("a file", fd_of(3), [a_file], "the descriptor is not a sealed memfd"),
    ("a pipe", fd_of(3), [a_pipe], "the descriptor is not a sealed memfd"),
    ("shorter", fd_of(len(BODY) + 1), [sealed], "the memfd has 10 bytes, not 11"),
    ("huge", fd_of(1 << 62), [sealed], "4611686018427387904 bytes exceed the limit of 67108864"),
    ("junk inside", fd_of(3), [lambda: sealed(b"\xff\x00{")], "it is not JSON"),
    ("no message inside", fd_of(2), [lambda: sealed(b"{}")], "it is not a message"),
]


def send(path: str, data: bytes, fds: Fds) -> None:
    made = [make() for make in fds]
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
        sock.connect(path)
        socket.send_fds(sock, [data], made) if made else sock.send(data)
    for fd in made:
        os.close(fd)


@pytest.mark.parametrize(
    ("name", "data", "fds", "reason"), HOSTILE, ids=[row[0] for row in HOSTILE]
)
async def test_it_is_refused(bus: Bus, name: str, data: bytes, fds: Fds, reason: str) -> None:
    one = await bus.worker(1)
    heard = bus.hear(one, "hi")
    before = os.listdir("/proc/self/fd")
    for _ in range(2):
        send(bus.path(1), data, fds)
    send(bus.path(1), GOOD, [])
    assert await heard.count(1) == ["x"]
    assert (one.stats.refused, one.stats.received) == (2, 1)
    assert sum(one.figures["refused"].values()) == 2  # type: ignore[attr-defined]
    assert [text for _, text in bus.lines if f"a datagram was refused: {reason}" in text] == [
        bus.lines[0][1]
    ]
    assert os.listdir("/proc/self/fd") == before


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can be somebody else")
async def test_a_datagram_of_another_user_is_refused(bus: Bus, tmp_path: Path) -> None:
    one = await bus.worker(1)
    heard = bus.hear(one, "hi")
    send_as(65534, bus.path(1), GOOD)
    send(bus.path(1), GOOD, [])
    assert await heard.count(1) == ["x"]
    assert heard.senders[0].pid == os.getpid()
    assert one.stats.refused == 1
    assert "a datagram was refused: sent by uid 65534, pid " in bus.lines[0][1]


def send_as(uid: int, path: str, data: bytes) -> None:
    """Sends as another user, who inherits a connected socket as no permission would let him."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
        sock.connect(path)
        fd = sock.fileno()
        code = f"import os; os.setgroups([]); os.setuid({uid}); os.write({fd}, {data!r})"
        subprocess.run([sys.executable, "-c", code], pass_fds=[fd], check=True)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can be somebody else")
async def test_the_socket_is_closed_to_others(bus: Bus) -> None:
    await bus.worker(1)
    assert os.stat(bus.path(1)).st_mode & 0o777 == 0o600


async def test_a_datagram_without_credentials_is_refused(bus: Bus) -> None:
    path = str(bus.directory / "agent.sock")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as inbox:  # without SO_PASSCRED
        inbox.bind(path)
        send(path, GOOD, [])
        agent = await bus.agent(inbox.dup())
        one = await bus.worker(1)
        heard = bus.hear(agent, "hi")
        one.send_to_agent("hi")
        await heard.count(1)
    assert agent.stats.refused == 1


async def test_the_pid_is_the_kernels(bus: Bus) -> None:
    one = await bus.worker(1)
    heard = bus.hear(one, "hi")
    send(bus.path(1), GOOD, [])
    await heard.count(1)
    assert heard.senders == [Sender("worker", 9, os.getpid())]


async def test_a_gap_in_the_numbering_is_counted(bus: Bus) -> None:
    one = await bus.worker(1)
    heard = bus.hear(one, "hi")
    for number in (4, 5, 9):
        send(bus.path(1), datagram.pack(START, number, [BODY]), [])
    await heard.count(3)
    assert one.stats.missed == 3
