"""Opens the socket of a plan as systemd does (systemd.socket(5)).

A path that is too long (unix(7)), a port in use and a foreign address raise ListenError with the
unit and the address.
"""

from __future__ import annotations

import errno
import os
import socket
import stat
from contextlib import suppress

from eggd.errors import ListenError
from eggd.socketfile import ids, obstacle
from eggd.suite.address import LONGEST_PATH
from eggd.supervisor.units import SocketPlan

_HINTS = {
    errno.EACCES: "ports below 1024 need root: use another, such as --port 8080",
    errno.ENOENT: "create its directory",
    errno.EADDRNOTAVAIL: "use an address of this host, or only a port",
}


def bind_socket(plan: SocketPlan) -> socket.socket:
    """Returns the open, non-blocking socket of a plan; raises ListenError on failure."""
    sock = _create(plan)
    try:
        if plan.pass_credentials:
            # Before bind: a datagram that comes before SO_PASSCRED is set has no sender.
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
        _bind(sock, plan)
        if not plan.datagram:
            sock.listen(plan.backlog)
    except OSError as exc:
        sock.close()
        raise _error(plan, exc) from exc
    except BaseException:
        sock.close()
        raise
    return sock


def unlink(plan: SocketPlan) -> None:
    """Removes a socket that is a file (RemoveOnStop=)."""
    if plan.listen.startswith("/"):
        with suppress(OSError):
            os.unlink(plan.listen)


def _create(plan: SocketPlan) -> socket.socket:
    kind = socket.SOCK_DGRAM if plan.datagram else socket.SOCK_STREAM
    flags = kind | socket.SOCK_NONBLOCK
    if plan.listen.startswith("/"):
        return socket.socket(socket.AF_UNIX, flags)
    host, _ = _address(plan)
    sock = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, flags)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if plan.no_delay:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return sock


def _bind(sock: socket.socket, plan: SocketPlan) -> None:
    if not plan.listen.startswith("/"):
        if sock.family == socket.AF_INET6:
            sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        sock.bind(_address(plan))
        return
    check_length(plan.listen)
    if _is_stale(plan):
        os.unlink(plan.listen)
    # The file that bind(2) makes has the socket's mode; without an owner yet, only for this user.
    owner = plan.owner
    os.fchmod(sock.fileno(), 0o600 if owner.user or owner.group else plan.mode)
    sock.bind(plan.listen)
    try:
        _give(plan)
    except BaseException:
        unlink(plan)
        raise


def _give(plan: SocketPlan) -> None:
    """Sets owner and mode; the mode last, so that no other group may connect before."""
    owner = plan.owner
    if owner.user or owner.group:
        try:
            os.chown(plan.listen, *ids(owner))
        except PermissionError as exc:
            text = f"{plan.unit}: {plan.listen}: may not be given to {owner.user}:{owner.group}"
            hint = "only root changes the user; others may choose a group of theirs"
            raise ListenError(text, hint=hint) from exc
    os.chmod(plan.listen, plan.mode)  # regardless of the umask


def check_length(path: str) -> None:
    """Raises ListenError for a socket's path that is too long for the kernel."""
    if len(os.fsencode(path)) > LONGEST_PATH:
        raise ListenError(
            f"{path!r} is longer than a socket's path may be ({LONGEST_PATH} bytes)",
            hint="use a shorter path",
        )


def _is_stale(plan: SocketPlan) -> bool:
    """Whether the file is a socket that no process holds open."""
    try:
        if not stat.S_ISSOCK(os.lstat(plan.listen).st_mode):
            return False
    except FileNotFoundError:
        return False
    kind = socket.SOCK_DGRAM if plan.datagram else socket.SOCK_STREAM
    with socket.socket(socket.AF_UNIX, kind | socket.SOCK_NONBLOCK) as probe:
        return probe.connect_ex(plan.listen) == errno.ECONNREFUSED


def _address(plan: SocketPlan) -> tuple[str, int]:
    host, _, port = plan.listen.rpartition(":")
    if not (port.isascii() and port.isdecimal() and int(port) <= 65535):
        raise ListenError(f"{plan.unit}: {plan.listen!r} is not [ADDRESS:]PORT or a path")
    return host.strip("[]") or _everywhere(), int(port)


def _everywhere() -> str:
    """Returns the address for all addresses: IPv6 and IPv4 as systemd does, or only IPv4."""
    if not socket.has_ipv6:
        return "0.0.0.0"
    try:
        with socket.socket(socket.AF_INET6, socket.SOCK_STREAM) as probe:
            probe.bind(("::", 0))
    except OSError:
        return "0.0.0.0"
    return "::"


def _error(plan: SocketPlan, exc: OSError) -> ListenError:
    if exc.errno == errno.EADDRINUSE:
        taken = obstacle(plan.listen) if plan.listen.startswith("/") else ""
        return ListenError(
            f"{plan.unit}: {plan.listen} is already in use",
            hint=taken or "another process listens there; --port chooses another",
        )
    return ListenError(
        f"{plan.unit}: {plan.listen}: {exc.strerror or exc}", hint=_HINTS.get(exc.errno or 0, "")
    )
