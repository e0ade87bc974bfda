"""The death of one process costs only the requests and messages that it was handling."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.host.conftest import Boot
from tests.host.host import Host

CONNECTIONS = 64
MESSAGES = 1000
RECEIVED = "/var/lib/eggd/received"


@pytest.fixture(scope="module")
def host(module_boot: Boot) -> Host:
    """Four workers on the suite app, whole again after each test."""
    return module_boot("suite", workers=4)


def test_killed_worker_loses_only_its_requests_in_flight(host: Host) -> None:
    before = host.pids(4)
    victim = str(before[3])
    place, restarts = host.now(), int(host.show("egg-worker@3", "NRestarts"))
    with host.load(connections=CONNECTIONS) as load:
        host.run(f"kill -9 {victim}")
        host.await_journal("egg-worker@3", "code=killed", after=place)
        host.await_journal("egg-worker@3", "^Started ", after=place)
    # A connection that was accepted by the dead worker and not answered yet had no pid to show.
    assert {failure["pid"] for failure in load.failures} <= {victim, None}
    assert {failure["kind"] for failure in load.failures} <= {"reset", "stale"}
    assert len(load.failures) <= CONNECTIONS
    # Back within two seconds where nothing else runs: systemd waits for one, and a worker that
    # served does not sleep before its boot.
    assert host.show("egg-worker@3", "RestartUSec") == "1s"
    assert int(host.show("egg-worker@3", "NRestarts")) == restarts + 1
    host.run("test ! -e /run/eggd/worker-3.boot")
    after = host.pids(4)
    assert after.pop(3) not in (0, before.pop(3))
    assert after == before


@pytest.mark.one_suite("trixie")
def test_killed_agent_loses_at_most_the_message_in_hand(host: Host) -> None:
    workers, agent = host.pids(4), host.pid("egg-agent")
    place = host.now()
    host.http(f"/count?to={MESSAGES}&pace=0.002")
    host.run(f"head -n 400 <(timeout 120 tail -n +1 -F {RECEIVED}) >/dev/null")
    host.run(f"kill -9 {agent}")
    host.await_journal("egg-agent", "is ready", after=place)
    for slot, pid in workers.items():
        host.await_journal(f"egg-worker@{slot}", f"counted to {MESSAGES}", after=place)
        host.run(f"grep -q -m 1 '^{pid} {MESSAGES}$' <(timeout 120 tail -n +1 -F {RECEIVED})")
    assert host.pids(4) == workers
    numbers = numbers_by_sender(host.root / RECEIVED[1:])
    assert set(numbers) == set(workers.values())
    for got in numbers.values():
        assert got == sorted(set(got))
    lost = 4 * MESSAGES - sum(len(got) for got in numbers.values())
    assert lost <= 1


@pytest.mark.one_suite("trixie")
def test_hung_worker_is_killed_and_says_where_it_hung(host: Host) -> None:
    before, place = host.pids(4), host.now()
    with host.container.connect(7001) as client:
        client.sendall(b"GET /hang HTTP/1.1\r\nHost: localhost\r\n\r\n")
        killed = host.await_journal("egg-worker@*", "Watchdog timeout", after=place)
        hung = int(killed[0]["UNIT"].partition("@")[2].partition(".")[0])
        host.await_journal(f"egg-worker@{hung}", "^Started ", after=place)
    said = [record["MESSAGE"] for record in host.records(f"egg-worker@{hung}", after=place)]
    assert any("/srv/app/app/controller/home.py" in line and "hang" in line for line in said)
    after = host.pids(4)
    assert after.pop(hung) not in (0, before.pop(hung))
    assert after == before


def numbers_by_sender(path: Path) -> dict[int, list[int]]:
    """Returns the numbers that the agent received, by the pid that sent them."""
    numbers: dict[int, list[int]] = {}
    for line in path.read_text().splitlines():
        pid, number = map(int, line.split())
        numbers.setdefault(pid, []).append(number)
    return numbers
