"""The descriptors and the memory of the processes of a host that live on."""

from __future__ import annotations

from dataclasses import dataclass, field

from tests.chaos.numbered import pids
from tests.host.host import PORT, Host
from tests.polling import await_that


@dataclass(frozen=True, slots=True)
class Size:
    """The descriptors and the memory of one process."""

    descriptors: int
    memory: int
    """Resident bytes."""


@dataclass(slots=True)
class Growth:
    """The size of each process at the first sample of it and at the latest one."""

    host: Host
    first: dict[tuple[str, str], Size] = field(default_factory=dict)
    latest: dict[tuple[str, str], Size] = field(default_factory=dict)

    def sample(self) -> None:
        """Reads the sizes; AssertionError if a client stays connected, or a process a zombie."""
        await_that(lambda: not _connections(self.host), "end of the clients' connections")
        await_that(lambda: not _zombies(self.host), "end of zombies")
        for unit, pid in pids(self.host).items():
            process = unit, self.host.show(unit, "ExecMainStartTimestamp")
            size = _size(self.host, pid)
            self.first.setdefault(process, size)
            self.latest[process] = size

    def most(self) -> Size:
        """Returns the largest growth of descriptors, and that of memory."""
        pairs = [(self.first[process], size) for process, size in self.latest.items()]
        return Size(
            max(last.descriptors - first.descriptors for first, last in pairs),
            max(last.memory - first.memory for first, last in pairs),
        )


def _connections(host: Host) -> list[str]:
    """Returns the established connections of the listener (proc_net_tcp(5))."""
    lines = host.out("cat /proc/net/tcp /proc/net/tcp6").splitlines()
    fields = [line.split() for line in lines]
    return [each[2] for each in fields if each[1].endswith(f":{PORT:04X}") and each[3] == "01"]


def _zombies(host: Host) -> str:
    return host.out("grep -l '^State:.Z' /proc/[0-9]*/status 2>/dev/null || :")


def _size(host: Host, pid: int) -> Size:
    count, pages = host.out(f"ls /proc/{pid}/fd | wc -l; cut -d' ' -f2 /proc/{pid}/statm").split()
    return Size(int(count), int(pages) * 4096)
