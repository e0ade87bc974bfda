"""Reads figures of processes from /proc: descendants, CPU, memory, connections, context switches.

Source: proc(5).
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

TICK_US = 1_000_000 / os.sysconf("SC_CLK_TCK")

_LISTEN = "0A"
"""TCP_LISTEN, as /proc/net/tcp writes states."""


def with_descendants(roots: Iterable[int]) -> list[int]:
    """Returns the roots and all their descendants."""
    pids: list[int] = []
    waiting = list(roots)
    while waiting:
        pid = waiting.pop()
        pids.append(pid)
        for children in Path(f"/proc/{pid}/task").glob("*/children"):
            waiting += map(int, children.read_text().split())
    return sorted(pids)


def has_ended(pid: int) -> bool:
    """Returns whether a process does not exist or is a zombie."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except FileNotFoundError:
        return True


def cpu_us(pids: Iterable[int]) -> float:
    """Returns user and system time of all threads of these processes so far, in microseconds."""
    ticks = 0
    for pid in pids:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks * TICK_US


def pss_mib(pids: Iterable[int]) -> float:
    """Returns the sum of the proportional set sizes in MiB.

    A page shared by n processes counts 1/n in each.
    """
    return sum(_number(f"/proc/{pid}/smaps_rollup", "Pss:") for pid in pids) / 1024


def memory_kib(pid: int) -> tuple[int, int]:
    """Returns resident and proportional set size of one process, in KiB."""
    path = f"/proc/{pid}/smaps_rollup"
    return _number(path, "Rss:"), _number(path, "Pss:")


def connections(pids: Iterable[int], port: int) -> list[int]:
    """Returns how many accepted IPv4 connections to a local port each process has open."""
    rows = (line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:])
    here = f":{port:04X}"
    inodes = {f"socket:[{row[9]}]" for row in rows if row[1].endswith(here) and row[3] != _LISTEN}
    return [sum(_link(fd) in inodes for fd in Path(f"/proc/{pid}/fd").iterdir()) for pid in pids]


def switches(pids: Iterable[int]) -> int:
    """Returns voluntary and involuntary context switches of all threads so far."""
    total = 0
    for pid in pids:
        for status in Path(f"/proc/{pid}/task").glob("*/status"):
            total += _number(str(status), "voluntary_ctxt_switches:")
            total += _number(str(status), "nonvoluntary_ctxt_switches:")
    return total


def _link(path: Path) -> str:
    """Returns the target of a descriptor's link, or "" if it was closed in the meantime."""
    try:
        return str(path.readlink())
    except FileNotFoundError:
        return ""


def _number(path: str, key: str) -> int:
    """Returns the number of the line that begins with `key`."""
    for line in Path(path).read_text().splitlines():
        name, _, value = line.partition(":")
        if f"{name}:" == key:
            return int(value.split()[0])
    raise KeyError(f"{path}: no {key}")
