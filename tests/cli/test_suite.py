"""The commands start, stop, restart and reload, with a fake systemctl and the real master."""

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.cli.host import Host, error, worker
from tests.program import Program

pytestmark = pytest.mark.slow

SYNTAX = "app/router.py:2: invalid syntax"


@pytest.fixture
def host(tmp_path: Path) -> Host:
    return Host(tmp_path)


def test_start_says_how_many_are_ready(host: Host) -> None:
    done = host.eggd("start")
    assert (done.returncode, done.stdout) == (
        0,
        "started: egg-master.service, by systemd, 3 workers ready on http://127.0.0.1:7001\n",
    )


def test_a_failed_start_repeats_the_reason_of_the_master(host: Host) -> None:
    host.set(worker(3), fails=SYNTAX)
    done = host.eggd("start")
    assert (done.returncode, done.stdout) == (1, "")
    assert error(done) == (
        "error: not started, and nothing is left running: egg-worker@3: "
        f"{SYNTAX} (journalctl -u egg-master)"
    )
    assert host.active == ["egg-master.service"]


@pytest.mark.parametrize("master", ["active", "inactive"])
def test_stop_takes_every_part_along(host: Host, master: str) -> None:
    host.up()
    host.set("egg-master.service", active=master)
    done = host.eggd("stop")
    assert (done.returncode, done.stdout, host.active) == (
        0,
        "stopped: egg-master.service, by systemd\n",
        [],
    )


ADDRESSES = {
    "[::]:8080": "http://127.0.0.1:8080",
    "0.0.0.0:80": "http://127.0.0.1:80",
    "[::1]:7001": "http://[::1]:7001",
    "10.0.0.1:7001": "http://10.0.0.1:7001",
    "/run/eggd/http.sock": "/run/eggd/http.sock",
}


@pytest.mark.parametrize(("address", "url"), ADDRESSES.items())
def test_start_says_where_the_suite_is_reached(host: Host, address: str, url: str) -> None:
    host.set("egg.socket", listen=address)
    assert host.eggd("start").stdout.endswith(f" on {url}\n")


def test_start_says_https_where_a_worker_speaks_tls(host: Host) -> None:
    host.up()
    host.identity(2, scheme="https")
    assert host.eggd("start").stdout.endswith(" on https://127.0.0.1:7001\n")


@pytest.mark.parametrize("state", ["inactive", "failed"])
def test_stop_where_nothing_runs_is_a_warning(host: Host, state: str) -> None:
    # process:SCR-22
    host.set("egg-master.service", active=state)
    done = host.eggd("stop")
    assert (done.returncode, done.stdout, host.calls("stop")) == (0, "", [])
    assert done.stderr == "warning: egg-master.service is not running\n"


def test_restart_refuses_a_bad_line_before_anything_stops(host: Host) -> None:
    host.up()
    (host.home / "defaults").write_text("EGG_BASEDIR=/srv\n")
    done = host.eggd("restart")
    assert error(done) == (
        f"error: {host.home}/defaults:1: EGG_BASEDIR: unknown key (did you mean 'EGG_BASE_DIR'?)"
    )
    assert host.calls("restart", "stop") == []


@pytest.mark.parametrize(
    ("enabled", "line"),
    [
        ((), "no worker is enabled (eggd scale 1)"),
        (
            ("1", "01"),
            (
                "egg-worker@01.service: the instance must be a number from 1 to 999"
                " (systemctl disable egg-worker@01.service)"
            ),
        ),
    ],
)
def test_restart_refuses_wrong_workers_before_anything_stops(
    host: Host, enabled: Sequence[str], line: str
) -> None:
    """The suite that serves would be down afterwards."""
    host.up()
    for slot in ("1", "2", "3", "01"):
        host.set(f"egg-worker@{slot}.service", enabled=slot in enabled)
    assert error(host.eggd("restart")) == f"error: {line}"
    assert host.calls("restart", "stop") == []


def test_restart_brings_new_workers(host: Host) -> None:
    host.up()
    assert host.eggd("restart").stdout == (
        "restarted: egg-master.service, by systemd, 3 workers ready on http://127.0.0.1:7001\n"
    )
    assert host.unit(worker(1))["pid"] > 100


def test_a_reload_that_a_stop_has_ended_says_so(host: Host) -> None:
    """The job is cancelled by systemd; the last status of egg-master is not the reason."""
    host.up()
    host.set("egg-master.service", canceled=True, status="eggd started on :7001", code=[1, 0])
    line = "error: another command has stopped egg-master.service meanwhile (eggd status)"
    assert error(host.eggd("reload")) == line


@pytest.mark.parametrize(("master", "drives"), [("active", 1), ("inactive", 0)])
def test_reload_works_with_and_without_the_master(host: Host, master: str, drives: int) -> None:
    host.up()
    host.set("egg-master.service", active=master)
    done = host.eggd("reload")
    assert (done.returncode, done.stdout) == (
        0,
        "reloaded: egg-master.service, by systemd, 3 workers ready on http://127.0.0.1:7001\n",
    )
    assert (len(host.calls("reload")), host.fewest_ready()) == (drives, 3)


@pytest.mark.parametrize("master", ["active", "inactive"])
def test_a_failed_reload_says_why(host: Host, master: str) -> None:
    host.up()
    host.set("egg-master.service", active=master)
    host.set(worker(0), fails=SYNTAX)
    done = host.eggd("reload")
    assert done.returncode == 1
    assert error(done).startswith(f"error: the new code does not start: {SYNTAX} (no worker")


def test_a_second_reload_is_refused(host: Host) -> None:
    host.up()
    host.set("egg-master.service", active="reloading")
    done = host.eggd("reload")
    assert error(done) == "error: another reload is running (journalctl -u egg-master)"
    assert host.calls("reload") == []


@pytest.mark.parametrize("verb", ["restart", "reload", "scale"])
def test_where_eggd_is_not_installed_a_supervisor_is_meant(host: Host, verb: str) -> None:
    host.set("egg-master.service", load="not-found")
    done = host.eggd(verb, *(["2"] if verb == "scale" else []))
    assert done.returncode == 1
    assert error(done) == f"error: {host.home}: no suite is running (eggd start {host.home})"
    assert host.calls("start", "restart", "reload") == []


def test_stopping_a_stopped_suite_is_a_warning(host: Host) -> None:
    # process:SCR-22
    host.set("egg-master.service", load="not-found")
    done = host.eggd("stop")
    assert (done.returncode, done.stderr) == (0, f"warning: {host.home}: no suite is running\n")


def test_a_folder_that_is_not_an_app_is_named(host: Host) -> None:
    """Without DIR it is the working directory (process:CL-4, SCR-1)."""
    host.set("egg-master.service", load="not-found")
    done = host.eggd("start")
    assert done.returncode == 1
    assert error(done) == (
        f"error: {host.home} is not an app: pyproject.toml is missing"
        " (create an app with eggd init)"
    )


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (["start", "--port", "80"], "--port needs DIR: without it systemd runs egg-master.service"),
        (["start", "--daemon"], "--daemon needs DIR: without it systemd runs egg-master.service"),
        (["stop", "--timeout", "5"], "--timeout needs DIR: systemd applies TimeoutStopSec= of the"),
    ],
)
def test_an_option_of_the_supervisor_is_an_error_on_systemd(
    host: Host, arguments: list[str], problem: str
) -> None:
    done = host.eggd(*arguments)
    assert done.returncode == 2
    assert problem in done.stderr


def test_root_without_systemd_gets_an_error(host: Host, tmp_path: Path) -> None:
    host.system(refused=True)
    text = error(host.eggd("listen", "80", "--units", str(tmp_path)))
    assert text.endswith("(without systemd, use eggd start DIR)")


def test_without_systemctl_no_systemd_is_meant(host: Host) -> None:
    done = host.eggd("stop", PATH=str(host.home / "run"))
    assert done.stderr == f"warning: {host.home}: no suite is running\n"


def test_a_long_step_is_announced(host: Host) -> None:
    gate = host.home / "gate"
    os.mkfifo(gate)
    host.set("egg-agent.service", waits=str(gate))
    command = [sys.executable, "-m", "eggd", "start"]
    with Program(command, env=host.environ, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        with gate.open("w"):  # returns once the start has come to the agent
            host.set("egg-master.service", status="starting the agent")
            assert process.stderr.readline() == "starting the agent\n"
        assert process.stderr.read() == ""
    assert process.returncode == 0


MASKED = "is masked (run 'systemctl unmask"


@pytest.mark.parametrize("unit", ["egg-worker@2.service", "egg-agent.service", "egg.socket"])
def test_a_start_names_the_masked_unit(host: Host, unit: str) -> None:
    """`systemctl mask` leaves the last status of the unit, which is not the reason."""
    host.set(unit, load="masked", status="draining: 0 connections", enabled=True)
    done = host.eggd("start")
    assert done.returncode == 1
    assert f"{unit} {MASKED} {unit}')" in error(done), done.stderr
    assert error(done).count(unit.removesuffix(".service")) == 2  # the subject, and the cure


@pytest.mark.parametrize("unit", ["egg-worker@2.service", "egg-agent.service", "egg.socket"])
@pytest.mark.parametrize("verb", ["restart", "reload"])
def test_a_masked_unit_is_refused_before_anything_stops(host: Host, unit: str, verb: str) -> None:
    host.up()
    host.set(unit, load="masked")
    pids = {name: host.unit(name).get("pid") for name in host.active}
    done = host.eggd(verb)
    assert done.returncode == 1
    assert f"{unit} {MASKED} {unit}')" in error(done), done.stderr
    assert {name: host.unit(name).get("pid") for name in host.active} == pids


@pytest.mark.parametrize("verb", ["start", "restart"])
def test_a_masked_master_is_named(host: Host, verb: str) -> None:
    host.set("egg-master.service", load="masked", status="eggd started on http://127.0.0.1:7001")
    done = host.eggd(verb)
    assert done.returncode == 1
    assert error(done).startswith(f"error: egg-master.service {MASKED} egg-master.service')")


def test_start_completes_a_running_suite(host: Host) -> None:
    """An active egg-master does not start anything itself."""
    host.up()
    host.set("egg-worker@2.service", active="inactive", sub="dead", pid=0)
    done = host.eggd("start")
    assert (done.returncode, done.stdout.partition(" on ")[0]) == (
        0,
        "started: egg-master.service, by systemd, 3 workers ready",
    )
    host.set("egg-worker@2.service", active="inactive", sub="dead", pid=0, fails="no such app")
    done = host.eggd("start")
    assert done.returncode == 1
    assert error(done) == ("error: egg-worker@2: no such app (the other processes serve on)")


def test_start_without_workers_is_an_error(host: Host) -> None:
    host.up()
    for slot in (1, 2, 3):
        host.set(f"egg-worker@{slot}.service", active="inactive", enabled=False, pid=0)
    done = host.eggd("start")
    assert (done.returncode, error(done)) == (
        1,
        "error: no worker is enabled (run 'eggd scale N')",
    )
