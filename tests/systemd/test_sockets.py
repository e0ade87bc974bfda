from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from eggd.errors import SystemdError
from eggd.systemd import adopt


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as sock:
        yield sock


def test_a_listener_is_adopted(listener: socket.socket) -> None:
    fd = os.dup(listener.fileno())
    os.set_inheritable(fd, True)
    with adopt(fd, socket.SOCK_STREAM) as sock:
        assert sock.getsockname() == listener.getsockname()
        assert (sock.getblocking(), os.get_inheritable(fd)) == (False, False)


def test_a_datagram_inbox_is_adopted(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as inbox:
        inbox.bind(str(tmp_path / "agent.sock"))
        with adopt(os.dup(inbox.fileno()), socket.SOCK_DGRAM) as sock:
            assert sock.getsockname() == str(tmp_path / "agent.sock")


def test_the_wrong_kind_stays_open(listener: socket.socket) -> None:
    with pytest.raises(SystemdError, match="is an IPv4 stream socket, not SOCK_DGRAM"):
        adopt(listener.fileno(), socket.SOCK_DGRAM)
    assert listener.getsockname()


def test_a_stream_that_does_not_listen() -> None:
    with socket.socket() as sock, pytest.raises(SystemdError, match="does not listen"):
        adopt(sock.fileno())


def test_a_family_we_do_not_serve() -> None:
    with (
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock,
        pytest.raises(SystemdError, match="is a AF_INET SOCK_DGRAM socket"),
    ):
        adopt(sock.fileno())


def test_no_socket_at_all(tmp_path: Path) -> None:
    with (tmp_path / "file").open("w") as file, pytest.raises(SystemdError, match="not a socket"):
        adopt(file.fileno())
    with pytest.raises(SystemdError, match="Bad file descriptor"):
        adopt(10_000)
