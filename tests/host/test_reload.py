"""Replacing code: no failed request, never fewer workers, no harm from code that is broken."""

from __future__ import annotations

import pytest

from tests.host.conftest import Boot
from tests.host.host import Host, Record

WORKERS = 4
BROKEN = "def router(app)\n"


def test_reload_replaces_every_worker_and_fails_no_request(boot: Boot) -> None:
    host = boot("suite", workers=WORKERS)
    before = host.pids(WORKERS)
    place = host.now()
    with host.load(connections=64) as load:
        host.run("systemctl reload egg-master")
    assert load.failures == []
    assert set(before.values()).isdisjoint({0, *host.pids(WORKERS).values()})
    assert host.pid("egg-worker@0") == 0
    assert least_ready(host.records("egg-worker@*", after=place)) >= WORKERS


@pytest.mark.one_suite("trixie")
@pytest.mark.parametrize("restarts", [1, pytest.param(3, marks=pytest.mark.soak)])
def test_restart_makes_clients_wait_and_fails_none(boot: Boot, restarts: int) -> None:
    host = boot("suite", workers=WORKERS)
    for _ in range(restarts):
        before, place = host.pids(WORKERS), host.now()
        with host.load(connections=64) as load:
            host.run("systemctl restart egg-master")
        assert load.failures == []
        assert set(before.values()).isdisjoint({0, *host.pids(WORKERS).values()})
        said = "\n".join(record["MESSAGE"] for record in host.records("egg-*", after=place))
        assert "Failed" not in said, said


def least_ready(records: list[Record]) -> int:
    """The smallest number of workers that were ready at once, as PID 1 logged it."""
    ready = least = WORKERS
    for record in records:
        if record.get("_PID") == "1":
            message = record["MESSAGE"]
            ready += message.startswith("Started ") - message.startswith("Stopping ")
            least = min(least, ready)
    return least


@pytest.mark.one_suite("trixie")
def test_reload_of_code_that_cannot_boot_leaves_the_workers_running(boot: Boot) -> None:
    host = boot("suite", workers=1)
    pid = host.pid("egg-worker@1")
    host.write("/srv/app/app/router.py", BROKEN)
    with host.load(connections=16) as load:
        done = host.run("eggd reload", check=False)
    assert done.returncode != 0
    assert "router.py:1" in done.stderr
    assert "router.py:1" in host.journal("egg-master")
    assert load.failures == []
    assert (host.pid("egg-worker@1"), host.pid("egg-worker@0")) == (pid, 0)
    assert host.http("/").text == str(pid)


@pytest.mark.one_suite("trixie")
def test_host_with_one_broken_worker_serves_with_the_others_after_a_boot(boot: Boot) -> None:
    host = boot("suite", workers=WORKERS, prepare=break_third)
    answers = {host.http("/").text for _ in range(100)}
    ready = {str(host.pid(f"egg-worker@{slot}")) for slot in (1, 2, 4)}
    assert answers == ready
    assert host.show("egg-master", "ActiveState") == "active"
    assert "egg-worker@3" in host.journal("egg-master")
    assert "/srv/nowhere" in host.journal("egg-worker@3")
    for user in ("root", "nobody"):
        shown = host.run("eggd status", user=user, check=False)
        assert shown.returncode == 1
        assert "worker 3" in shown.stdout
    workers = {each["slot"]: each["state"] for each in host.status(user="nobody")["workers"]}
    assert [slot for slot, state in workers.items() if state == "ready"] == [1, 2, 4]

    place = host.now()
    host.write("/etc/default/third", "")
    host.run("systemctl restart egg-worker@3")
    host.await_journal("egg-worker@3", "^Started ", after=place)
    assert host.run("eggd status").returncode == 0


def break_third(host: Host) -> None:
    """Gives worker 3 alone an app that is not there."""
    host.write("/etc/default/third", "EGG_BASE_DIR=/srv/nowhere\n")
    host.write(
        "/etc/systemd/system/egg-worker@3.service.d/third.conf",
        "[Service]\nEnvironmentFile=/etc/default/third\n",
    )


def limit(host: Host, unit: str) -> int:
    """Returns the limit of descriptors that the process of a unit has."""
    lines = (host.out(f"cat /proc/{host.pid(unit)}/limits")).splitlines()
    return int(next(line for line in lines if "open files" in line).split()[3])


@pytest.mark.one_suite("trixie")
def test_reload_puts_changed_limits_of_units_in_force(boot: Boot) -> None:
    """Of workers and agent, also if systemd has not read the files; a removed file, too."""
    host = boot("suite", workers=2)
    units = ("egg-agent", "egg-worker@1", "egg-worker@2")
    before = {unit: limit(host, unit) for unit in units}
    agent = host.pid("egg-agent")
    host.run("eggd reload")
    assert host.pid("egg-agent") == agent

    for unit in ("egg-agent.service", "egg-worker@.service"):
        host.write(f"/etc/systemd/system/{unit}.d/limit.conf", "[Service]\nLimitNOFILE=9000\n")
    place = host.now()
    with host.load(connections=16) as load:
        host.run("eggd reload")
    assert load.failures == []
    assert {unit: limit(host, unit) for unit in units} == dict.fromkeys(units, 9000)
    said = "\n".join(each["MESSAGE"] for each in host.records("egg-master", after=place))
    assert "reading changed unit files: egg-agent.service, egg-worker@1.service" in said

    agent = host.pid("egg-agent")
    host.run("eggd reload")
    assert host.pid("egg-agent") == agent
    host.run("systemctl revert egg-agent egg-worker@.service && systemctl daemon-reload")
    place = host.now()
    host.run("eggd reload")
    assert {unit: limit(host, unit) for unit in units} == before
    said = "\n".join(each["MESSAGE"] for each in host.records("egg-master", after=place))
    assert "replacing the agent: the files of its unit have changed" in said
