"""Turns inherited descriptors into sockets, which are never re-bound, unlinked or shut down."""

from __future__ import annotations

import os
import socket
import stat

from eggd.errors import SystemdError

_KINDS = {
    (socket.AF_INET, socket.SOCK_STREAM): "an IPv4 stream",
    (socket.AF_INET6, socket.SOCK_STREAM): "an IPv6 stream",
    (socket.AF_UNIX, socket.SOCK_STREAM): "a Unix stream",
    (socket.AF_UNIX, socket.SOCK_DGRAM): "a Unix datagram",
}


def adopt(fd: int, kind: socket.SocketKind | None = None) -> socket.socket:
    """Returns the inherited socket `fd`, close-on-exec and non-blocking.

    Raises SystemdError if it is not a socket, not of `kind` (SOCK_STREAM, SOCK_DGRAM; None:
    either), of an unsupported family, or a stream socket that does not listen.
    """
    sock = _open(fd)
    try:
        _check(sock, kind)
        os.set_inheritable(fd, False)
        sock.setblocking(False)
    except BaseException:
        sock.detach()  # the descriptor still belongs to the caller
        raise
    return sock


def _open(fd: int) -> socket.socket:
    try:
        if stat.S_ISSOCK(os.fstat(fd).st_mode):
            return socket.socket(fileno=fd)
    except OSError as exc:
        raise SystemdError(f"inherited descriptor {fd}: {exc.strerror}") from exc
    raise SystemdError(f"inherited descriptor {fd} is not a socket")


def _check(sock: socket.socket, kind: socket.SocketKind | None) -> None:
    known = _KINDS.get((sock.family, sock.type))
    if known is None:
        raise SystemdError(
            f"inherited descriptor {sock.fileno()} is a {sock.family.name} {sock.type.name} socket",
            hint="ListenStream= with an address, or ListenDatagram= with a path",
        )
    if kind is not None and sock.type != kind:
        raise SystemdError(
            f"inherited descriptor {sock.fileno()} is {known} socket, not {kind.name}"
        )
    listening = sock.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN)
    if sock.type == socket.SOCK_STREAM and not listening:
        raise SystemdError(
            f"inherited descriptor {sock.fileno()} is {known} socket that does not listen",
            hint="Accept=no in the socket unit",
        )
