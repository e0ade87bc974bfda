"""The port of egg.socket and the process that holds it, read from /proc as by ss(8)."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from eggd.cli.diagnosis.finding import AS_ROOT, FAIL, OK, UNSEEN, WARN, Finding, InspectedHost
from eggd.cli.diagnosis.units import listen_streams
from eggd.errors import SystemdError
from eggd.host.relisten import pending
from eggd.host.systemctl import Systemctl
from eggd.socketfile import describe, obstacle
from eggd.suite.address import is_path
from eggd.wire.line_error import LineError
from eggd.wire.terminal import visible_line

_LISTENING = "0A"
"""TCP_LISTEN in /proc/net/tcp (proc(5))."""


def port(host: InspectedHost) -> Iterator[Finding]:
    """Checks that each port of egg.socket is free, or held by systemd or eggd."""
    try:
        streams = listen_streams(host)
    except (OSError, LineError) as exc:
        yield Finding(WARN, host.names.listener, f"its address cannot be read: {exc}")
        return
    if not streams:
        hint = f"run {host.names.command('listen 7001')}"
        yield Finding(FAIL, host.names.listener, "has no address: a drop-in clears it", hint)
    if address := pending(host.path(host.names.drop_ins)):
        text = f"will listen on {visible_line(address)}; the change is pending"
        yield Finding(WARN, host.names.listener, text, f"run {host.names.command('restart')}")
    for stream in streams:
        number = stream.rpartition(":")[2]
        if is_path(stream):
            yield _file(host, stream)
        elif number.isdecimal():
            yield _holder(host, int(number))


def _file(host: InspectedHost, path: str) -> Finding:
    text, active = describe(str(host.path(path))), _is_active(host)
    if active and text == "removed":
        hint = f"run {host.names.command('restart')}"
        return Finding(FAIL, path, f"was removed although {host.names.listener} is active", hint)
    if not active and (problem := obstacle(str(host.path(path)))):
        return Finding(FAIL, path, problem, f"remove it, or run {host.names.command('listen')}")
    return Finding(OK, path, f"is open: {text}" if active else "is free")


def _holder(host: InspectedHost, number: int) -> Finding:
    subject = f"port {number}"
    inodes = set(_listening(host, number))
    if not inodes and _is_active(host):
        # A daemon-reload after a change of the address closed the listener; its unit stays active.
        text = f"is closed although {host.names.listener} is active: its address was changed"
        return Finding(FAIL, subject, text, f"run {host.names.command('restart')}")
    if not inodes:
        return Finding(OK, subject, "is free")
    pid = next(_holders(host, inodes), None)
    if pid is None:
        return Finding(UNSEEN, subject, "is held by a process of another user", AS_ROOT)
    name = _name(host, pid)
    text = f"is held by {name} (pid {pid})"
    if pid == 1 or _is_eggd(host, pid):
        return Finding(OK, subject, text)
    cure = f"choose another port than {number} with {host.names.command('listen')}"
    return Finding(FAIL, subject, text, f"stop that process, or {cure}")


def _is_active(host: InspectedHost) -> bool:
    """Whether systemd reports egg.socket as active; False if it cannot be asked."""
    try:
        return host.installed and Systemctl(host.environ).state(host.names.listener).ready
    except SystemdError:
        return False


def _listening(host: InspectedHost, number: int) -> Iterator[str]:
    """Yields the inode of each socket that listens on a port, on any address."""
    for name in ("tcp", "tcp6"):
        try:
            rows = host.path(f"/proc/net/{name}").read_text().split("\n")[1:]
        except OSError:
            continue
        for row in rows:
            fields = row.split()
            if len(fields) > 9 and fields[3] == _LISTENING and _port(fields[1]) == number:
                yield fields[9]


def _port(address: str) -> int:
    return int(address.rpartition(":")[2], 16)


def _holders(host: InspectedHost, inodes: set[str]) -> Iterator[int]:
    """Yields each process that has one of the sockets open and may be inspected; pid 1 first."""
    targets = {f"socket:[{inode}]" for inode in inodes}
    pids = sorted(int(each.name) for each in host.path("/proc").iterdir() if each.name.isdigit())
    for pid in pids:
        try:
            links = {os.readlink(each) for each in host.path(f"/proc/{pid}/fd").iterdir()}
        except OSError:
            continue
        if links & targets:
            yield pid


def _name(host: InspectedHost, pid: int) -> str:
    try:
        name = host.path(f"/proc/{pid}/comm").read_text(errors="replace").strip()
    except OSError:
        name = ""
    return visible_line(name) or "a process"


def _is_eggd(host: InspectedHost, pid: int) -> bool:
    """Whether a process is eggd's, such as a supervisor."""
    try:
        words = host.path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except OSError:
        return False
    names = [Path(os.fsdecode(word)).name for word in words[:4]]
    return any(name == "eggd" or name.startswith("eggd.") for name in names)
