"""A restart: what is in flight, in the accept queue and in the agent's inbox survives it."""

from __future__ import annotations

import socket
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.host.conftest import Boot
from tests.host.host import Host

pytestmark = pytest.mark.one_suite("bookworm")

RECEIVED = "/var/lib/eggd/received"


@pytest.fixture(scope="module")
def host(module_boot: Boot) -> Host:
    """Two workers on the suite app, for all tests of this module."""
    return module_boot("suite", workers=2)


@pytest.fixture(autouse=True)
def _up(host: Host) -> None:
    host.run("eggd start")


def get(client: socket.socket, path: str) -> None:
    client.sendall(f"GET {path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n".encode())


def status(client: socket.socket) -> bytes:
    """Reads to the end; the status line."""
    data = b""
    while piece := client.recv(65536):
        data += piece
    return data.partition(b"\r\n")[0]


def test_a_request_in_flight_and_the_queue_survive_a_restart(host: Host) -> None:
    place = host.now()
    with host.container.connect(7001, 60) as slow, ThreadPoolExecutor() as pool:
        get(slow, "/slow?seconds=2")
        restart = pool.submit(host.run, "systemctl restart egg-master")
        host.await_journal("egg-worker@*", "^Stopping ", count=2, after=place)
        # No worker accepts now: these wait in the queue of the listener.
        waiting = [host.container.connect(7001, 60) for _ in range(50)]
        for client in waiting:
            get(client, "/")
        assert status(slow) == b"HTTP/1.1 200 OK"
        assert {status(client) for client in waiting} == {b"HTTP/1.1 200 OK"}
        restart.result()
    for client in waiting:
        client.close()


def test_a_client_that_starts_a_draining_worker_again_does_not_fail_the_restart(host: Host) -> None:
    """All workers are units of egg.socket: once worker 2 is down, the queue starts worker 1."""
    host.run("systemctl stop egg-worker@2")
    place, before = host.now(), host.pid("egg-worker@1")
    with host.container.connect(7001, 60) as slow, ThreadPoolExecutor() as pool:
        get(slow, "/slow?seconds=3")
        host.run("systemctl start egg-worker@2")
        restart = pool.submit(host.run, "systemctl restart egg-master")
        host.await_journal("egg-worker@*", "^Stopping ", count=2, after=place)
        with host.container.connect(7001, 60) as waiting:
            get(waiting, "/")
            assert status(slow) == b"HTTP/1.1 200 OK"
            assert status(waiting) == b"HTTP/1.1 200 OK"
        restart.result()
    assert host.pid("egg-worker@1") not in {0, before}
    said = "\n".join(record["MESSAGE"] for record in host.records("egg-*", after=place))
    assert "Failed" not in said, said


def test_a_stop_before_the_main_process_runs_leaves_no_failed_unit(host: Host) -> None:
    """A restart may meet a worker that a client just started: its ExecStartPre= runs then."""
    host.run("mv /usr/bin/install /usr/bin/install.real")
    host.write("/usr/bin/install", "#!/bin/sh\nexec sleep 60\n")
    place = host.now()
    host.run("chmod +x /usr/bin/install && systemctl stop egg-worker@2")
    host.run("systemctl start --no-block egg-worker@2")
    host.await_journal("egg-worker@2", "^Starting ", after=place)
    host.run("systemctl stop egg-worker@2 && mv /usr/bin/install.real /usr/bin/install")
    assert host.show("egg-worker@2", "ActiveState") == "inactive"
    said = [record["MESSAGE"] for record in host.records("egg-worker@2", after=place)]
    assert not [line for line in said if "Failed" in line]


SEND = """
import os, socket
from eggd.wire.datagram import Sender, encode, head, pack

start = head(Sender("worker", 9, os.getpid()))
with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
    sender.connect("/run/eggd/agent.sock")
    sender.setblocking(False)
    for number in range(1, 6):
        sender.send(pack(start, number, [encode("number", f"waiting {number}")]))
"""


def test_datagrams_in_the_inbox_survive_a_restart(host: Host) -> None:
    """Datagrams wait in the socket that systemd holds while no agent runs."""
    place, agent = host.now(), host.pid("egg-agent")
    host.write("/srv/send.py", SEND)
    host.run(f"kill -STOP {agent} && python3 /srv/send.py")
    with ThreadPoolExecutor() as pool:
        restart = pool.submit(host.run, "systemctl restart egg-master")
        host.await_journal("egg-agent", "^Stopping ", after=place)
        # systemd sends SIGCONT behind SIGTERM: it may have ended by itself, with or without them.
        host.run(f"kill -KILL {agent} || :")
        restart.result()
    host.await_journal("egg-agent", "is ready", after=place)
    host.run(f"grep -q -m 1 '^waiting 5$' <(timeout 60 tail -n +1 -F {RECEIVED})")
    received = (host.root / RECEIVED[1:]).read_text().splitlines()
    assert received == [f"waiting {number}" for number in range(1, 6)]


def test_neither_socket_is_opened_anew(host: Host) -> None:
    place = host.now()
    host.run("systemctl restart egg-master")
    said = [record["MESSAGE"] for record in host.records("egg*.socket", after=place)]
    assert said == []


def test_stop_during_a_reload_is_a_barrier_and_leaves_no_failed_unit(host: Host) -> None:
    host.configure(EGG_BASE_DIR="/srv/app", EGG_MIN_READY_SECONDS="5")
    place = host.now()
    with ThreadPoolExecutor() as pool:
        reload = pool.submit(host.run, "systemctl reload egg-master", check=False)
        host.await_journal("egg-worker@0", "^Started ", after=place)
        host.run("systemctl stop egg-master")
        assert (host.active(), host.processes()) == ([], [])
        assert reload.result().returncode != 0
    assert host.out("systemctl list-units --failed --no-legend 'egg*'") == ""
    host.configure(EGG_BASE_DIR="/srv/app")


def test_stop_during_a_start_is_a_barrier(host: Host) -> None:
    host.run("eggd stop")
    place = host.now()
    host.write("/srv/app/config/config_prod.py", "import time\n\ntime.sleep(20)\n")
    with ThreadPoolExecutor() as pool:
        start = pool.submit(host.run, "systemctl start egg-master", check=False)
        host.await_journal("egg-agent", "^Starting ", after=place)
        host.run("systemctl stop egg-master")
        assert (host.active(), host.processes()) == ([], [])
        assert start.result().returncode != 0
    host.run("rm /srv/app/config/config_prod.py")
    assert host.out("systemctl list-units --failed --no-legend 'egg*'") == ""


def test_a_reload_survives_a_reexec_of_systemd(host: Host) -> None:
    host.configure(EGG_BASE_DIR="/srv/app", EGG_MIN_READY_SECONDS="1")
    before, place = host.pids(2), host.now()
    with host.load(connections=16) as load, ThreadPoolExecutor() as pool:
        reload = pool.submit(host.run, "eggd reload")
        host.await_journal("egg-worker@0", "^Started ", after=place)
        host.run("systemctl daemon-reexec")
        reload.result()
    assert load.failures == []
    assert set(before.values()).isdisjoint({0, *host.pids(2).values()})
    assert host.pid("egg-worker@0") == 0
    host.configure(EGG_BASE_DIR="/srv/app")


DIES = """
import os
import threading

if os.path.exists("/srv/app/dies"):
    threading.Timer(0.3, os.kill, (os.getpid(), 9)).start()


def router(app):
    app.router.get("/", app.controller.home.pid)
"""


def test_code_that_dies_after_ready_replaces_no_worker(host: Host) -> None:
    host.configure(EGG_BASE_DIR="/srv/app", EGG_MIN_READY_SECONDS="2")
    before = host.pids(2)
    router = host.root / "srv/app/app/router.py"
    good = router.read_text()
    host.write("/srv/app/app/router.py", DIES)
    host.write("/srv/app/dies", "")
    with host.load(connections=16) as load:
        done = host.run("eggd reload", check=False)
    assert done.returncode == 1
    assert "the new code does not" in done.stderr
    assert (load.failures, host.pids(2), host.pid("egg-worker@0")) == ([], before, 0)
    host.write("/srv/app/app/router.py", good)
    host.configure(EGG_BASE_DIR="/srv/app")


def test_a_failed_worker_is_not_tried_again_while_its_sibling_boots(host: Host) -> None:
    """The start ends as soon as its outcome is known, though worker 2 would take 60 s."""
    host.run("eggd stop")
    drop_in = "/etc/systemd/system/egg-worker@{}.service.d/test.conf"
    slow = "[Service]\nExecStartPre=/usr/bin/sleep 60\n"
    host.write(
        drop_in.format(1), "[Service]\nEnvironment=EGG_BASE_DIR=/srv/nowhere\nEnvironmentFile=\n"
    )
    host.write(drop_in.format(2), slow)
    host.run("systemctl daemon-reload")
    place = host.now()
    done = host.run("eggd start", check=False, timeout=50)
    assert "/srv/nowhere" in done.stderr
    assert (host.active(), host.processes()) == ([], [])
    said = [record["MESSAGE"] for record in host.records("egg-worker@1", after=place)]
    assert len([line for line in said if line.startswith("Starting ")]) == 1
    host.run("rm -r /etc/systemd/system/egg-worker@?.service.d && systemctl daemon-reload")


def test_a_running_suite_keeps_its_listener_until_one_restart(host: Host) -> None:
    """Deaths, reloads or another address before the restart do not matter."""
    host.run("eggd listen 9090")
    place = host.now()
    with host.load(connections=16) as load:
        host.run("systemctl daemon-reload && kill -9 $(systemctl show -P MainPID egg-agent)")
        host.await_journal("egg-agent", "is ready", after=place)
        host.run("eggd reload && eggd listen 9091")
    assert load.failures == []
    place = host.now()
    host.run("kill -9 $(systemctl show -P MainPID egg-worker@1)")
    host.await_journal("egg-worker@1", "^Started ", after=place)
    for user in ("root", "nobody"):
        shown = host.run("eggd status && eggd doctor", user=user).stdout
        assert "pending: egg.socket will listen on 9091: run 'eggd restart'" in shown
        assert "will listen on 9091; the change is pending" in shown
    host.run("systemctl restart egg-master")
    assert (host.http("/", port=9091).status, host.refuses(7001)) == (200, True)
    assert "pending" not in host.run("eggd status").stdout
    host.run("eggd listen 7001 && eggd restart")
    assert host.refuses(9091)


def test_a_pending_address_is_open_after_a_boot(host: Host) -> None:
    host.run("eggd listen 9092")
    host.reboot()
    assert host.http("/", port=9092).status == 200
    host.run("eggd listen 7001 && eggd restart")


def test_an_address_changed_by_hand_is_found_and_one_restart_opens_it(host: Host) -> None:
    drop_in = "/etc/systemd/system/egg.socket.d/own.conf"
    host.write(drop_in, "[Socket]\nListenStream=\nListenStream=7500\n")
    host.run("systemctl daemon-reload")
    done = host.run("eggd doctor", check=False)
    assert (done.returncode, "its address was changed" in done.stdout) == (1, True)
    host.run("systemctl restart egg-master")
    assert host.http("/", port=7500).status == 200
    host.run(f"rm {drop_in} && systemctl daemon-reload && eggd restart")
    assert host.http("/").status == 200
