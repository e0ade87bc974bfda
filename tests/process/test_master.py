"""Commands of egg-master, with a systemctl that keeps its units in a file (tests/cli/host.py)."""

import fcntl
import json
import os
import socket
from pathlib import Path

import pytest

from tests.cli.host import Host, worker

pytestmark = pytest.mark.slow

SPARE = worker(0)
STARTED = "eggd started on http://127.0.0.1:7001 (3 workers)"
TAKEN = "egg.socket: Failed to create listening socket ([::]:7001): Address already in use"


@pytest.fixture
def host(tmp_path: Path) -> Host:
    return Host(tmp_path)


def test_start_brings_up_sockets_agent_and_enabled_workers_in_order(host: Host) -> None:
    host.set(worker(9), load="loaded")
    done = host.master("start")
    assert (done.returncode, done.stderr.splitlines()) == (
        0,
        [
            "<6>starting the agent",
            "<6>starting the workers",
            "<6>workers ready: 3",
            f"<6>{STARTED}",
        ],
    )
    assert host.calls("start") == [
        "start egg.socket egg-agent.socket",
        "start egg-agent.service",
        f"start {worker(1)} {worker(2)} {worker(3)}",
    ]


def test_each_step_is_a_status_of_the_unit(host: Host) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as unit:
        unit.setblocking(False)
        unit.bind(str(host.home / "notify"))
        host.master("start", NOTIFY_SOCKET=str(host.home / "notify"))
        said = [unit.recv(4096) for _ in range(6)]
        with pytest.raises(BlockingIOError):
            unit.recv(4096)
    assert said[:2] == [b"STATUS=", b"ERRNO=0"]  # takes back the failure of an earlier start
    assert said[2::3] == [
        b"STATUS=starting the agent",
        f"STATUS={STARTED}".encode(),
    ]


def test_a_start_somebody_asks_for_fails_as_a_whole(host: Host) -> None:
    host.set(worker(2), fails="app/controller/home.py:3: invalid syntax")
    done = host.master("start")
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == (
        "<3>not started, and nothing is left running: "
        "egg-worker@2: app/controller/home.py:3: invalid syntax"
    )
    assert host.active == []


def test_the_same_reason_is_reported_once(host: Host) -> None:
    for slot in (1, 3):
        host.set(worker(slot), fails="no such app")
    assert "egg-worker@1, egg-worker@3: no such app" in host.master("start").stderr


ENDINGS = {
    "its status says why": (
        {"status": "no such app", "errno": 125, "code": [1, 1]},
        "no such app",
    ),
    "it sleeps before the next try": (
        {"status": "Boot 2 failed: no such app; next try in 2 s"},
        "Boot 2 failed: no such app; next try in 2 s",
    ),
    "a signal": (
        {"status": "starting shop: waiting for app.py:will_ready", "code": [3, 11]},
        "killed by SIGSEGV; its last status was: starting shop: waiting for app.py:will_ready",
    ),
    "an exit code": ({"code": [1, 3]}, "exited with 3"),
    "nothing at all": ({}, "activating (auto-restart), result exit-code"),
}


@pytest.mark.parametrize(("fields", "said"), ENDINGS.values(), ids=ENDINGS)
def test_without_a_line_of_its_own_a_unit_is_explained_by_how_it_ended(
    host: Host, fields: dict[str, object], said: str
) -> None:
    host.set(worker(1), fails="exit 1", mute=True, **fields)
    assert host.master("start").stderr.endswith(f": egg-worker@1: {said}\n")


def test_a_taken_port_is_repeated_with_its_cure(host: Host) -> None:
    host.set("egg.socket", fails=TAKEN)
    done = host.master("start")
    assert done.stderr == (
        "<3>not started, and nothing is left running: egg.socket: Failed to create listening "
        "socket ([::]:7001): Address already in use (eggd listen [ADDRESS:]PORT chooses another)\n"
    )
    assert host.active == []


def test_a_bad_line_in_the_defaults_stops_units_already_started(host: Host) -> None:
    host.up()
    file = host.home / "defaults"
    file.write_text("EGG_BASEDIR=/srv\n")
    done = host.master("start")
    assert f"{file}:1: EGG_BASEDIR: unknown key" in done.stderr
    assert host.active == ["egg-master.service"]  # its own end is systemd's to note


@pytest.mark.parametrize("state", ["initializing", "starting"])
def test_at_boot_the_workers_that_can_start_serve(host: Host, state: str) -> None:
    host.system(system=state)
    host.set(worker(3), fails="no such app")
    done = host.master("start")
    assert done.returncode == 0
    assert done.stderr.splitlines()[-2:] == [
        "<6>starting the workers",
        "<4>incomplete since boot: egg-worker@3: no such app; systemd goes on trying",
    ]
    assert host.unit(worker(1))["active"] == "active"


@pytest.mark.parametrize(
    ("enabled", "words"), [([], "no worker is enabled"), ([0, 1], "is the spare of a reload")]
)
def test_the_enabled_instances_must_make_sense(
    tmp_path: Path, enabled: list[int], words: str
) -> None:
    host = Host(tmp_path, workers=0)
    for slot in enabled:
        host.set(worker(slot), enabled=True)
    done = host.master("start")
    assert done.returncode == 1
    assert words in done.stderr


def test_an_enabled_instance_without_a_slot_is_started_so_that_its_failure_is_reported(
    host: Host,
) -> None:
    host.set("egg-worker@x.service", enabled=True, fails="instance must be a number")
    done = host.master("start")
    assert done.stderr.endswith(": egg-worker@x: instance must be a number\n")
    assert host.active == []


SERVICES = ["stop egg-worker@*.service", "stop egg-agent.service"]
ALL = "stop egg.socket egg-agent.socket egg-worker@*.service egg-agent.service"


@pytest.mark.parametrize(
    ("job", "system", "stopped", "left"),
    [
        ("stop", "running", [*SERVICES, ALL], []),
        ("", "running", [*SERVICES, ALL], []),
        ("restart", "running", SERVICES, ["egg-agent.socket", "egg.socket"]),
        ("stop", "stopping", SERVICES, ["egg-agent.socket", "egg.socket"]),
    ],
    ids=["stop", "after-a-failed-start", "restart", "shutdown"],
)
def test_stop_takes_the_workers_then_the_agent_and_the_sockets_unless_they_are_needed(
    host: Host, job: str, system: str, stopped: list[str], left: list[str]
) -> None:
    """At a shutdown systemd stops the sockets after egg-master."""
    host.up()
    host.system(system=system)
    host.set("egg-master.service", job=job)
    host.set(SPARE, active="active")
    assert host.master("stop").returncode == 0
    assert host.calls("stop") == stopped
    assert host.active == sorted(["egg-master.service", *left])


@pytest.mark.parametrize("workers", [1, 3])
def test_reload_replaces_every_worker_and_never_has_fewer(tmp_path: Path, workers: int) -> None:
    host = Host(tmp_path, workers)
    host.up()
    done = host.master("reload")
    assert done.returncode == 0, done.stderr
    assert done.stderr.splitlines()[-1] == "<6>reloaded"
    assert all(host.unit(worker(slot))["pid"] > 100 for slot in range(1, workers + 1))
    assert (host.fewest_ready(), host.unit(SPARE)["active"]) == (workers, "inactive")


def test_new_code_that_does_not_start_leaves_the_workers_running(host: Host) -> None:
    host.up()
    host.set(SPARE, fails="router.py:2: no such controller: 'hme'")
    done = host.master("reload")
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == (
        "<3>the new code does not start: router.py:2: no such controller: 'hme' "
        "(no worker was touched)"
    )
    assert host.calls("restart") == [f"restart {SPARE}"]
    assert (host.fewest_ready(), host.unit(SPARE)["active"]) == (3, "inactive")


def test_a_worker_that_does_not_come_back_ends_the_roll_and_keeps_the_spare(host: Host) -> None:
    host.up()
    host.set(worker(2), fails="its disk is full")
    done = host.master("reload")
    assert done.stderr.splitlines()[-1] == (
        "<3>egg-worker@2.service did not come back: its disk is full; 1 of 3 workers are new "
        "(egg-worker@0.service serves in its place; repair it and reload again)"
    )
    assert (host.fewest_ready(), host.unit(SPARE)["active"]) == (3, "active")
    assert host.unit(worker(3))["pid"] < 100


def test_a_spare_that_dies_after_it_was_ready_touches_no_worker(host: Host) -> None:
    host.up()
    host.set(SPARE, dies="the license server is gone")
    done = host.master("reload")
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == (
        "<3>the new code does not stay ready: the license server is gone (no worker was touched)"
    )
    assert host.calls("restart") == [f"restart {SPARE}"]
    assert host.unit(SPARE)["active"] == "inactive"


def test_a_worker_that_dies_after_it_was_ready_ends_the_roll(host: Host) -> None:
    host.up()
    host.set(worker(1), dies="the license server is gone")
    done = host.master("reload")
    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == (
        "<3>egg-worker@1.service did not stay ready: the license server is gone; "
        "0 of 3 workers are new "
        "(the workers that were not restarted serve on; repair it and reload again)"
    )
    assert host.calls("restart") == [f"restart {SPARE}", f"restart {worker(1)}"]
    assert host.unit(SPARE)["active"] == "active"


@pytest.mark.parametrize("text", ["soon", "-1", "11", "nan"])
def test_a_wait_that_is_not_a_number_of_seconds_is_refused(host: Host, text: str) -> None:
    host.up()
    defaults = host.home / "defaults"
    defaults.write_text(f"EGG_MIN_READY_SECONDS={text}\n")
    done = host.master("reload")
    what = f"EGG_MIN_READY_SECONDS: {text!r} is not a number of seconds"
    assert done.stderr.startswith(f"<3>{defaults}:1: {what}")
    assert host.calls("restart") == []


def test_the_next_reload_begins_with_the_worker_the_spare_stands_in_for(host: Host) -> None:
    host.up()
    host.set(SPARE, active="active")
    host.set(worker(2), active="activating")
    assert host.master("reload").returncode == 0
    assert host.calls("restart") == [f"restart {worker(slot)}" for slot in (2, 1, 3)]
    assert (host.fewest_ready(), host.unit(SPARE)["active"]) == (3, "inactive")


def test_a_worker_that_was_down_before_is_tried_last(host: Host) -> None:
    host.up()
    host.set(worker(1), active="activating")
    assert host.master("reload").returncode == 0
    assert host.calls("restart") == [f"restart {worker(slot)}" for slot in (0, 2, 3, 1)]


def identities(host: Host, agent: str, spare: str) -> None:
    """Writes the identities of agent and spare, by the pids that they will have."""
    about = {"name": "shop", "env": "prod", "settings": "5f", "code": "91"}
    for name, pid, base_dir in (("agent.app", 12, agent), ("worker-0.app", 101, spare)):
        content = {"pid": pid, "base_dir": base_dir, **about}
        (host.home / "run" / name).write_text(json.dumps(content))


def test_a_reload_replaces_an_agent_of_another_application_once_the_spare_is_ready(
    host: Host,
) -> None:
    host.up()
    identities(host, "/srv/old", "/srv/new")
    done = host.master("reload")
    said = "replacing the agent: it runs shop (prod) in /srv/old, not shop (prod) in /srv/new"
    assert done.stderr.splitlines()[1:3] == [
        "<6>reload: the spare is ready",
        f"<6>reload: {said}",
    ]
    assert host.calls("restart")[:3] == [
        f"restart {SPARE}",
        "restart egg-agent.service",
        f"restart {worker(1)}",
    ]


def test_a_reload_has_changed_unit_files_read_and_replaces_their_agent(host: Host) -> None:
    """A restart alone would start processes of the files that systemd has read before."""
    host.up()
    identities(host, "/srv/shop", "/srv/shop")
    for unit in ("egg-agent.service", worker(2)):
        host.set(unit, unread="yes")
    done = host.master("reload")
    assert done.stderr.splitlines()[0] == (
        f"<6>reading changed unit files: egg-agent.service, {worker(2)}"
    )
    assert "<6>reload: replacing the agent: systemd had not read the files of its unit" in (
        done.stderr
    )
    calls = host.calls("restart", "daemon-reload")
    assert calls[:3] == ["daemon-reload", f"restart {SPARE}", "restart egg-agent.service"]
    assert host.master("reload").returncode == 0
    assert len(host.calls("daemon-reload")) == 1


def test_a_start_has_changed_unit_files_read(host: Host) -> None:
    host.set(worker(2), unread="yes")
    done = host.master("start")
    assert done.stderr.splitlines()[0] == f"<6>reading changed unit files: {worker(2)}"
    assert host.calls("start", "daemon-reload")[:2] == [
        "daemon-reload",
        "start egg.socket egg-agent.socket",
    ]


def test_a_reload_that_would_close_the_listener_has_no_files_read(host: Host) -> None:
    host.up()
    identities(host, "/srv/shop", "/srv/shop")
    for unit in ("egg.socket", worker(1)):
        host.set(unit, unread="yes")
    done = host.master("reload")
    assert done.returncode == 0
    assert done.stderr.splitlines()[0] == (
        f"<4>unit files have changed and were not read: {worker(1)}, egg.socket"
        " (run systemctl daemon-reload, then eggd restart)"
    )
    assert host.calls("daemon-reload") == []


def test_a_reload_leaves_an_agent_of_the_same_application_alone(host: Host) -> None:
    host.up()
    identities(host, "/srv/shop", "/srv/shop")
    assert host.master("reload").returncode == 0
    assert "restart egg-agent.service" not in host.calls("restart")


@pytest.mark.parametrize("how", ["removed", "said by the agent"])
def test_a_reload_binds_a_lost_inbox_anew(host: Host, how: str) -> None:
    host.up()
    if how == "removed":
        (host.home / "run" / "agent.sock").unlink()
    else:
        content = {"agent": {"problem": "agent.sock was removed"}}
        (host.home / "run" / "status.json").write_text(json.dumps(content))
    done = host.master("reload")
    assert "<6>reload: replacing the agent: its inbox was removed" in done.stderr
    assert "restart egg-agent.socket egg-agent.service" in host.calls("restart")


def test_an_agent_that_does_not_come_back_ends_the_reload(host: Host) -> None:
    host.up()
    host.set("egg-agent.service", fails="agent.py:3: no such thing")
    identities(host, "/srv/old", "/srv/new")
    done = host.master("reload")
    assert (done.returncode, done.stderr.splitlines()[-1]) == (
        1,
        (
            "<3>the agent did not come back: agent.py:3: no such thing (no worker was touched;"
            " egg-worker@0.service serves, too: repair it and reload again)"
        ),
    )
    assert f"restart {worker(1)}" not in host.calls("restart")


def test_a_second_reload_meanwhile_is_refused(host: Host) -> None:
    host.up()
    fd = os.open(host.home / "run", os.O_RDONLY)
    fcntl.flock(fd, fcntl.LOCK_EX)
    done = host.master("reload")
    os.close(fd)
    assert (done.returncode, host.calls("restart")) == (1, [])
    assert done.stderr == "<3>another reload is running (journalctl -u egg-master)\n"


def test_nothing_to_roll_is_an_error(host: Host) -> None:
    done = host.master("reload")
    assert done.stderr.startswith("<3>no worker is ready, so there is nothing to reload")


def test_root_without_systemd_gets_an_error(host: Host) -> None:
    host.system(refused=True)
    done = host.master("stop")
    assert done.returncode == 1
    assert done.stderr.endswith("No such file or directory (without systemd, use eggd start DIR)\n")


@pytest.mark.parametrize("arguments", [[], ["restart"], ["start", "now"]])
def test_another_verb_is_a_usage_error(host: Host, arguments: list[str]) -> None:
    assert host.master(*arguments).returncode == 2


CREDENTIALS = (
    "Failed at step CREDENTIALS spawning /usr/bin/install: No such file or directory",
    "Failed to set up credentials: Protocol error",
    "activating (auto-restart), result exit-code",
)


@pytest.mark.parametrize("said", CREDENTIALS)
def test_a_certificate_that_is_not_there_is_named(host: Host, said: str) -> None:
    """Systemd itself says neither which file nor that it is a file (process:CL-6)."""
    host.up()
    missing = host.home / "shop.crt"
    unit = f"[Service]\nLoadCredential=a:/\nLoadCredential=tls.crt:{missing}\n"
    host.set(SPARE, fails=said, text=unit)
    assert host.master("reload").stderr.endswith(
        f"{SPARE}: '{missing}', which LoadCredential=tls.crt names, does not exist"
        " (no worker was touched)\n"
    )
    missing.write_text("")
    assert f"start: {said}" in host.master("reload").stderr
