"""Credentials of a peer."""

from __future__ import annotations

import os
import socket

from eggd.wire import ucred


def test_the_kernel_names_the_sender_of_a_datagram() -> None:
    one, other = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    with one, other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
        one.send(b"x")
        ancillary = other.recvmsg(1, socket.CMSG_SPACE(ucred.SIZE))[1]
    expected = (os.getpid(), os.getuid(), os.getgid())
    assert ucred.sender(ancillary, socket.SOL_SOCKET, socket.SCM_CREDENTIALS) == expected


def test_the_peer_of_a_stream_is_an_option() -> None:
    one, other = socket.socketpair()
    with one, other:
        data = one.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, ucred.SIZE)
    assert ucred.decode(data).pid == os.getpid()


def test_a_datagram_without_credentials_has_no_sender() -> None:
    assert ucred.sender([(1, 3, b"x" * 12), (1, 2, b"short")], 1, 2) is None
