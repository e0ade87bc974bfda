"""Sockets as systemd makes them, and one line for what cannot be made."""

import os
import socket
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from eggd.errors import ListenError
from eggd.suite import address
from eggd.supervisor.sockets import bind_socket, unlink
from eggd.supervisor.units import SocketPlan


@pytest.fixture
def home() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="egg-") as short:
        yield Path(short)


def where(sock: socket.socket) -> str:
    return address.display(sock.getsockname())


def url(sock: socket.socket) -> str:
    return address.url(sock.getsockname(), "http", os.environ)


def inbox(home: Path, **more: object) -> SocketPlan:
    path = str(home / "agent.sock")
    return SocketPlan(unit="egg-agent.socket", listen=path, datagram=True, **more)  # type: ignore[arg-type]


def test_a_listener_on_one_address() -> None:
    with bind_socket(SocketPlan(unit="egg.socket", listen="127.0.0.1:0", no_delay=True)) as sock:
        port = sock.getsockname()[1]
        assert (where(sock), url(sock)) == (f"127.0.0.1:{port}", f"http://127.0.0.1:{port}")
        assert sock.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN)
        assert sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
        assert not sock.getblocking()


def test_a_listener_on_all_addresses_hears_ipv4_and_is_shown_as_this_host() -> None:
    """The URL is one that works from here (process:CL-22)."""
    with bind_socket(SocketPlan(unit="egg.socket", listen="0")) as sock:
        port = sock.getsockname()[1]
        assert url(sock) == f"http://127.0.0.1:{port}"
        socket.create_connection(("127.0.0.1", port), 5).close()


def test_a_listener_refuses_connections_to_other_addresses() -> None:
    """`listen.hostname` binds only that address (process:CL-40)."""
    with bind_socket(SocketPlan(unit="egg.socket", listen="127.0.0.2:0")) as sock:
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", sock.getsockname()[1]), 5)


def test_a_taken_port_names_unit_address_and_cure() -> None:
    # process:CL-42
    with bind_socket(SocketPlan(unit="egg.socket", listen="127.0.0.1:0")) as first:
        with pytest.raises(ListenError) as caught:
            bind_socket(SocketPlan(unit="egg.socket", listen=where(first)))
    assert f"egg.socket: {where(first) if first.fileno() > 0 else '127.0.0.1'}" in caught.value.line
    assert "is already in use" in caught.value.line
    assert "--port" in caught.value.hint


@pytest.mark.parametrize("listen", ["", "http", "127.0.0.1:http", "1.2.3.4:99999"])
def test_an_invalid_address_is_rejected(listen: str) -> None:
    with pytest.raises(ListenError, match=r"is not \[ADDRESS:\]PORT or a path"):
        bind_socket(SocketPlan(unit="egg.socket", listen=listen))


def test_an_address_that_is_not_ours_is_one_line() -> None:
    with pytest.raises(ListenError, match=r"egg\.socket: 192\.0\.2\.1:0: "):
        bind_socket(SocketPlan(unit="egg.socket", listen="192.0.2.1:0"))


def test_the_inbox_has_credentials_and_mode_and_replaces_an_unused_socket(home: Path) -> None:
    plan = inbox(home, pass_credentials=True, mode=0o660)
    bind_socket(plan).close()
    with bind_socket(plan) as sock:
        assert sock.getsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED)
        assert stat.S_IMODE(Path(plan.listen).stat().st_mode) == 0o660
        with pytest.raises(ListenError, match="already in use"):
            bind_socket(plan)
    unlink(plan)
    assert list(home.iterdir()) == []


def test_a_file_that_is_not_a_socket_is_left_alone(home: Path) -> None:
    (home / "agent.sock").write_text("precious")
    with pytest.raises(ListenError, match="already in use"):
        bind_socket(inbox(home))
    assert (home / "agent.sock").read_text() == "precious"


def test_a_socket_path_that_is_too_long_is_an_error(home: Path) -> None:
    with pytest.raises(ListenError, match=r"longer than a socket's path may be \(107 bytes\)"):
        bind_socket(inbox(home / ("x" * 100)))
