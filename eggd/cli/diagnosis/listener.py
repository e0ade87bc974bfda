"""The port of egg.socket, and who holds it: read from /proc, as ss(8) does."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from eggd.cli.diagnosis.finding import AS_ROOT, FAIL, OK, UNSEEN, WARN, Finding, Place
from eggd.cli.diagnosis.units import listen_streams
from eggd.errors import SystemdError
from eggd.host.relisten import DIRECTORY, pending
from eggd.host.systemctl import Systemctl
from eggd.suite.slots import LISTENER
from eggd.wire.terminal import visible_line
from eggd.wire.unitfile import UnitFileError

_LISTENING = "0A"
"""TCP_LISTEN in /proc/net/tcp (proc(5))."""


def port(place: Place) -> Iterator[Finding]:
    """Whether each address of egg.socket is free, or held by who should hold it."""
    try:
        streams = listen_streams(place)
    except (OSError, UnitFileError) as exc:
        yield Finding(WARN, "egg.socket", f"its address cannot be read: {exc}")
        return
    if not streams:
        cure = "eggd listen 7001"
        yield Finding(FAIL, "egg.socket", "has no address: a drop-in clears it", cure)
    if address := pending(place.path(str(DIRECTORY))):
        text = f"will listen on {visible_line(address)}; the change is pending"
        yield Finding(WARN, LISTENER, text, "eggd restart")
    for stream in streams:
        number = stream.rpartition(":")[2]
        if number.isdecimal():
            yield _holder(place, int(number))


def _holder(place: Place, number: int) -> Finding:
    what = f"port {number}"
    inodes = set(_listening(place, number))
    if not inodes and _is_open(place):
        # A drop-in changed the address and a daemon-reload closed the listener: its unit stays up.
        text = f"nothing listens, but {LISTENER} is active: its address was changed meanwhile"
        return Finding(FAIL, what, text, "eggd restart")
    if not inodes:
        return Finding(OK, what, "is free: nothing listens")
    pid = next(_holders(place, inodes), None)
    if pid is None:
        return Finding(UNSEEN, what, "something listens, of another user", AS_ROOT)
    name = _name(place, pid)
    text = f"is held by {name} (pid {pid})"
    if pid == 1 or _eggd(place, pid):
        return Finding(OK, what, text)
    return Finding(FAIL, what, text, f"stop it, or eggd listen another than {number}")


def _is_open(place: Place) -> bool:
    """Whether egg.socket is open by systemd; False for users without access to it."""
    try:
        return place.installed and Systemctl(place.environ).state(LISTENER).ready
    except SystemdError:
        return False


def _listening(place: Place, number: int) -> Iterator[str]:
    """Yields the inode of each socket that listens on a port, whatever the address."""
    for name in ("tcp", "tcp6"):
        try:
            rows = place.path(f"/proc/net/{name}").read_text().split("\n")[1:]
        except OSError:
            continue
        for row in rows:
            fields = row.split()
            if len(fields) > 9 and fields[3] == _LISTENING and _port(fields[1]) == number:
                yield fields[9]


def _port(address: str) -> int:
    return int(address.rpartition(":")[2], 16)


def _holders(place: Place, inodes: set[str]) -> Iterator[int]:
    """Yields the processes that have one of the sockets open, as far as we may look; 1 first."""
    wanted = {f"socket:[{inode}]" for inode in inodes}
    pids = sorted(int(each.name) for each in place.path("/proc").iterdir() if each.name.isdigit())
    for pid in pids:
        try:
            links = {os.readlink(each) for each in place.path(f"/proc/{pid}/fd").iterdir()}
        except OSError:
            continue
        if links & wanted:
            yield pid


def _name(place: Place, pid: int) -> str:
    try:
        name = place.path(f"/proc/{pid}/comm").read_text(errors="replace").strip()
    except OSError:
        name = ""
    return visible_line(name) or "a process"


def _eggd(place: Place, pid: int) -> bool:
    """Whether a process is one of eggd's: its supervisor, where systemd holds no listener."""
    try:
        words = place.path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except OSError:
        return False
    names = [Path(os.fsdecode(word)).name for word in words[:4]]
    return any(name == "eggd" or name.startswith("eggd.") for name in names)
