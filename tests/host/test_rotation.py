"""Log rotation with everybody writing: every line exactly once, in order per process."""

from __future__ import annotations

import re

import pytest

from tests.host.conftest import Boot

pytestmark = pytest.mark.one_suite("trixie")

WORKERS = 4
DAYS = ["2026-01-01", "2026-01-02", "2026-01-03"]
WROTE = r"\bwrote (\d+) lines"
LOG = "/var/log/eggd/shared.log"


def test_three_rotations_lose_and_double_no_line(boot: Boot) -> None:
    host = boot("suite", workers=WORKERS)
    place = host.now()
    host.http("/write")
    for turn, day in enumerate(DAYS, 1):
        # Some lines of every writer are in the file before it is renamed.
        host.run(f"head -n 500 <(timeout 120 tail -n +1 -F {LOG} 2>/dev/null) >/dev/null")
        host.http(f"/rotate?day={day}")
        host.await_journal("egg-agent", "^rotated", count=turn, after=place)
    host.http("/enough")
    counts = {}
    for unit in ["egg-agent", *(f"egg-worker@{slot}" for slot in range(1, WORKERS + 1))]:
        (said,) = host.await_journal(unit, WROTE, after=place)
        counts[said["_PID"]] = int(re.findall(WROTE, said["MESSAGE"])[0])
    host.run("systemctl stop egg-master")

    names = [f"{LOG}.{day}" for day in DAYS] + [LOG]
    written: dict[str, list[int]] = {}
    for name in names:
        lines = (host.root / name[1:]).read_text().splitlines()
        assert lines, f"{name} is empty: that rotation proves nothing"
        for line in lines:
            pid, number = line.rpartition("line ")[2].split()
            written.setdefault(pid, []).append(int(number))
    assert written == {pid: list(range(count)) for pid, count in counts.items()}
    modes = host.out(f"stat -c '%a %U %G' {LOG}*").splitlines()
    assert set(modes) == {"640 eggd adm"}


def test_root_and_the_user_of_the_suite_rotate_now(boot: Boot) -> None:
    """By the agent's control socket; other users are refused."""
    host = boot("suite", workers=2)
    host.run("head -n 1 <(timeout 120 tail -n +1 -F /var/log/eggd/egg-agent.log)")
    names = host.out("eggd logs rotate").splitlines()
    assert names.pop() == "reopened the log files of 3 processes"
    assert all(name.startswith("/var/log/eggd/") for name in names)
    host.run(f"ls {' '.join(names)}")
    reopened = "reopened the log files of 3 processes"
    assert host.out("eggd logs reopen", user="eggd").strip() == reopened
    refused = host.run("eggd logs reopen 2>&1", user="nobody", check=False)
    assert "run the command as root or as the user of the suite" in refused.stdout
    host.run("cp /usr/share/doc/eggd/examples/logrotate /etc/logrotate.d/eggd")
    host.run("systemctl stop egg-master")
    stopped = host.run("eggd logs rotate 2>&1", check=False)
    assert stopped.stdout.startswith("error: the agent is not running (/run/eggd/")
