"""Numbered log lines and messages of all processes beside a fault, and which of them were lost."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from tests.chaos.trial import WORKERS, Trial
from tests.host.host import Host
from tests.host.test_deaths import RECEIVED, numbers_by_sender
from tests.polling import await_that

LOG = "/var/log/eggd/shared.log"
UNITS = ("egg-agent", *(f"egg-worker@{slot}" for slot in range(1, WORKERS + 1)))


@dataclass(slots=True)
class Numbers:
    """The lines and messages of the processes of one host since `place` in the journal."""

    host: Host
    place: int
    pids: dict[str, int]
    """The main pid of each unit at the begin."""

    def survivors(self) -> dict[str, int]:
        """Returns the processes that still run; they have written their totals."""
        now = pids(self.host)
        return {unit: pid for unit, pid in self.pids.items() if now[unit] == pid}

    def total(self, unit: str, pattern: str) -> int:
        """Waits for the number that a process that still runs has reached."""
        [record] = self.host.await_journal(unit, pattern, seconds=300, after=self.place)
        return int(re.findall(pattern, record["MESSAGE"])[0])

    def lost_lines(self) -> dict[str, int]:
        """Returns by process how many of its lines are not in the log exactly once.

        Of a process that was replaced, up to the last line that is there.
        """
        totals = {
            str(pid): self.total(unit, r"wrote (\d+) lines")
            for unit, pid in self.survivors().items()
        }
        lines: dict[str, list[int]] = {pid: [] for pid in totals}
        for pid, number in re.findall(r" line (\d+) (\d+)$", text(self.host), re.MULTILINE):
            lines.setdefault(pid, []).append(int(number))
        lost = {}
        for pid, got in lines.items():
            total = totals.get(pid, max(got, default=-1) + 1)
            if sorted(got) != list(range(total)):
                lost[pid] = total - len(set(got))
        return lost

    def lost_messages(self) -> int:
        """Returns how many messages to the agent were lost; AssertionError if one came twice."""
        totals = {
            pid: self.total(unit, r"counted to (\d+)")
            for unit, pid in self.survivors().items()
            if unit != "egg-agent"
        }
        for pid, total in totals.items():
            last = f"^{pid} {total}$"
            self.host.run(f"grep -q -m 1 '{last}' <(timeout 120 tail -n +1 -F {RECEIVED})")
        numbers = numbers_by_sender(self.host.root / RECEIVED[1:])
        for got in numbers.values():
            assert got == sorted(set(got)), "a message came twice or out of order"
        return sum(totals.get(pid, got[-1]) - len(got) for pid, got in numbers.items())


def text(host: Host) -> str:
    """Returns the log with all its rotated files; read inside, where it may be a mount."""
    return host.run(f"cat {LOG}*", check=False).stdout


def pids(host: Host) -> dict[str, int]:
    """Returns the main pid of each unit; 0 without a process."""
    return {unit: host.pid(unit) for unit in UNITS}


def settle(host: Host) -> None:
    """Waits until everything that is enabled runs, and no spare."""

    def is_settled() -> bool:
        ready = f"eggd status && systemctl is-active {' '.join(UNITS)}"
        return host.run(ready, check=False).returncode == 0 and not host.pid("egg-worker@0")

    for _ in range(3):  # systemd tries a process again after up to 30 s
        try:
            return await_that(is_settled, "running suite")
        except AssertionError:
            pass
    raise AssertionError(f"not running: {host.run('eggd status', check=False).stdout}")


@contextmanager
def numbered(trial: Trial, *, pace: float = 0.002) -> Iterator[None]:
    """Has all processes write and send beside the block, 300 lines a second each.

    Workers send a message each `pace` seconds. After the block, requires that no line and no
    message is lost, but one message for each kill of the agent.
    """
    host = trial.host
    settle(host)
    host.run(f"rm -f {LOG}.*; truncate -c -s 0 {LOG} {RECEIVED}")
    numbers = Numbers(host, host.now(), pids(host))
    for path in (f"/count?pace={pace}", "/write"):
        assert host.http(path).status == 200, path
    await_that(_begun(host, numbers.pids), "line or message of each process")
    yield
    settle(host)
    host.http("/enough")
    _require(trial, numbers)


def _begun(host: Host, pids: dict[str, int]) -> Callable[[], bool]:
    def begun() -> bool:
        senders, lines = numbers_by_sender(host.root / RECEIVED[1:]), text(host)
        return len(senders) == WORKERS and all(f" line {pid} " in lines for pid in pids.values())

    return begun


def _require(trial: Trial, numbers: Numbers) -> None:
    missing, lost = numbers.lost_lines(), numbers.lost_messages()
    kills = f" in {trial.agent_kills} kills of the agent" if trial.agent_kills else ""
    trial.notes.append(f"messages lost: {lost}{kills}")
    trial.require(lost <= trial.agent_kills, f"{lost} messages lost, more than datagrams in hand")
    trial.require(not missing, f"lines lost: {missing}")
