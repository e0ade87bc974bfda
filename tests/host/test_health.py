"""Workers that leak are recycled without a failed request; health checks and journal name what is
missing."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.host.conftest import Boot
from tests.host.host import Host, Record
from tests.polling import await_that

pytestmark = pytest.mark.one_suite("trixie")

WORKERS = 3
ASK = (
    "import http.client, socket\n"
    "connection = http.client.HTTPConnection('localhost')\n"
    "connection.sock = socket.socket(socket.AF_UNIX)\n"
    "connection.sock.connect('/run/eggd/health.sock')\n"
    "connection.request('GET', '{}')\n"
    "response = connection.getresponse()\n"
    "print(response.status, response.read().decode())\n"
)


def configured(boot: Boot, cluster: dict[str, object]) -> Host:
    """Boots a host whose workers have this section of the config."""
    config = json.dumps({"cluster": cluster})

    def prepare(host: Host) -> None:
        host.configure(EGG_BASE_DIR="/srv/app", EGG_APP_CONFIG=f"'{config}'")

    return boot("suite", workers=WORKERS, prepare=prepare)


def check(host: Host, path: str = "/ready") -> tuple[int, Any]:
    """Returns status and content of a health page, asked by a user without any right."""
    out = host.out(f'/usr/bin/python3 -c "{ASK.format(path)}"', user="nobody")
    status, _, content = out.partition(" ")
    return int(status), json.loads(content)


def test_leaking_workers_are_recycled_one_at_a_time(boot: Boot) -> None:
    host = configured(boot, {"recycle": {"max_memory": "100mb"}})
    before, place = host.pids(WORKERS), host.now()
    with host.load(connections=32, path="/leak") as load:
        host.await_journal("egg-worker@*", "this worker is recycled at", count=4, after=place)
        host.await_journal("egg-agent", "worker . was started again: recycled", count=3)
    assert load.failures == []
    assert load.requests > 1000
    assert turns_overlap(host.records("egg-worker@*", after=place)) == []
    assert set(before.values()).isdisjoint(host.pids(WORKERS).values())
    await_that(lambda: last_restarts(host) == ["recycled"] * WORKERS, "end of the last turn")
    # Another turn may be under way: then the exit code is 1.
    assert "last restart: recycled at " in host.run("eggd status", check=False).stdout


def last_restarts(host: Host) -> list[str]:
    """Returns the kind of each worker's last restart, "" for one that the agent does not know."""
    return [each.get("last_restart", {}).get("kind", "") for each in host.status()["workers"]]


def turns_overlap(records: list[Record]) -> list[str]:
    """Returns the units that were recycled while another one was not back yet."""
    away: set[str] = set()
    overlaps = []
    for record in records:
        unit = record.get("UNIT") or record.get("_SYSTEMD_UNIT", "")
        if record["MESSAGE"].startswith("Started "):
            away.discard(unit)
        elif "this worker is recycled" in record["MESSAGE"]:
            overlaps += [unit] if away else []
            away.add(unit)
    return overlaps


def test_a_stopped_process_is_missing_until_its_watchdog_replaced_it(boot: Boot) -> None:
    host = configured(boot, {})
    assert check(host) == (
        200,
        {"state": "ready", "enabled": [1, 2, 3], "ready": [1, 2, 3], "missing": {}},
    )
    place = host.now()
    host.run(f"kill -STOP {host.pid('egg-worker@2')}")
    assert check(host, "/live")[0] == 200
    await_that(lambda: "2" in check(host)[1]["missing"], "missing worker 2")
    status, content = check(host)
    assert (status, content["state"]) == (200, "degraded")
    host.await_journal(
        "egg-agent", "worker 2 was started again: no sign of life .WatchdogSec=., ", after=place
    )
    await_that(lambda: check(host)[1]["state"] == "ready", "all workers")
    worker = host.status()["workers"][1]
    assert worker["last_restart"]["kind"] == "watchdog"
    assert worker["restarts"] == {"watchdog": 1}


def test_workers_that_stay_away_are_named_with_the_cure(boot: Boot) -> None:
    host = configured(boot, {"health": {"missing_after": "3s"}})
    place = host.now()
    host.run("systemctl stop 'egg-worker@*'")
    status, content = check(host)
    assert (status, content["state"], content["ready"]) == (503, "unready", [])
    assert host.run("eggd status", check=False).returncode == 1
    pattern = "worker 3 has not been ready for . s .it is left.: run 'systemctl status egg-worker@3"
    [record] = host.await_journal("egg-agent", pattern, after=place)
    assert (record["PRIORITY"], "'eggd doctor'" in record["MESSAGE"]) == ("4", True)
    host.run("systemctl start egg-master egg-worker@1 egg-worker@2 egg-worker@3")
    host.await_journal("egg-agent", "worker 3 is ready again", after=place)
    assert check(host)[0] == 200
    assert host.run("eggd status").returncode == 0
    host.run("systemctl stop egg-master")
    assert host.run("eggd status", check=False).returncode == 3


def test_a_killed_worker_and_a_reload_are_restarts_with_their_reason(boot: Boot) -> None:
    host = configured(boot, {})
    place = host.now()
    host.run(f"kill -9 {host.pid('egg-worker@1')}")
    host.await_journal("egg-agent", "worker 1 was started again: killed by SIGKILL", after=place)
    host.run("systemctl reload egg-master")
    host.await_journal("egg-agent", "worker . was started again: reload", count=3, after=place)
    assert host.status()["workers"][0]["restarts"] == {"crashed": 1, "reload": 1}
    host.run("rm /run/eggd/health.sock")
    host.await_journal("egg-agent", "the socket of health checks was removed", after=place)
    assert check(host, "/live")[0] == 200
