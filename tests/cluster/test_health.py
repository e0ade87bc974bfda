"""Health checks of real suites: the agent answers, whatever the workers do."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import stat
import time
from pathlib import Path
from typing import Any

import pytest

from eggd.errors import NotReadyError
from eggd.host.drain import LIMIT, drained, is_draining
from eggd.testing.suite import Suite
from tests.cluster.clients import TIMEOUT
from tests.cluster.conftest import Start
from tests.polling import await_that
from tests.ports import free_port


class Connection(http.client.HTTPConnection):
    """A connection to a Unix socket."""

    def __init__(self, path: Path) -> None:
        super().__init__("localhost", timeout=TIMEOUT)
        self._path = path

    def connect(self) -> None:
        """Connects to the path."""
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(TIMEOUT)
        self.sock.connect(str(self._path))


def ask(connection: http.client.HTTPConnection, path: str) -> tuple[int, Any]:
    """Returns status and content of a page."""
    connection.request("GET", path)
    response = connection.getresponse()
    content = json.loads(response.read())
    connection.close()
    return response.status, content


def check(suite: Suite, path: str = "/ready") -> tuple[int, Any]:
    """Asks at the default address."""
    return ask(Connection(suite.rundir / "health.sock"), path)


def config(**health: object) -> dict[str, str]:
    return {"config/config_prod.py": f"cluster = {{'health': {health!r}}}\n"}


def state(suite: Suite) -> str:
    return f"{check(suite)[1]['state']}"


def test_ready_says_which_workers_serve_and_which_are_missing(start: Start) -> None:
    suite = start(workers=2)
    await_that(lambda: state(suite) == "ready", "two ready workers")
    assert check(suite) == (
        200,
        {"state": "ready", "enabled": [1, 2], "ready": [1, 2], "missing": {}},
    )
    suite.kill("worker-2")
    await_that(lambda: state(suite) == "degraded", "missing worker")
    status, content = check(suite)
    assert (status, content["ready"]) == (200, [1])
    assert content["missing"]["2"]["state"] == "left"
    suite.kill("worker-1")
    await_that(lambda: state(suite) == "unready", "missing workers")
    assert check(suite)[0] == 503
    assert check(suite, "/live")[0] == 200
    suite.restart("worker-1").wait_ready()
    await_that(lambda: state(suite) == "degraded", "one ready worker")


def test_min_ready_workers_make_a_suite_ready(start: Start) -> None:
    suite = start(workers=2, files=config(min_ready=2))
    await_that(lambda: check(suite)[0] == 200, "two ready workers")
    suite.kill("worker-1")
    await_that(lambda: check(suite)[0] == 503, "missing worker")


def test_the_agent_answers_while_a_worker_is_stopped(start: Start) -> None:
    suite = start(workers=1)
    await_that(lambda: state(suite) == "ready", "a ready worker")
    os.kill(suite.worker(1).pid, signal.SIGSTOP)
    assert check(suite, "/live")[0] == 200
    assert check(suite)[0] == 200  # until its watchdog ends it
    assert suite.kill("worker-1") == -signal.SIGKILL
    await_that(lambda: check(suite)[0] == 503, "missing worker")


def test_every_user_may_ask_and_a_removed_socket_is_opened_again(start: Start) -> None:
    suite = start(WATCHDOG_USEC="200000")
    path = suite.rundir / "health.sock"
    assert stat.S_IMODE(path.stat().st_mode) == 0o666
    path.unlink()
    suite.agent.wait_line("the socket of health checks was removed: opened again")
    assert check(suite, "/live")[0] == 200


def test_a_new_agent_replaces_the_socket_of_a_dead_one(start: Start) -> None:
    suite = start()
    suite.kill("agent")
    assert (suite.rundir / "health.sock").exists()
    suite.restart("agent").wait_ready()
    await_that(lambda: state(suite) == "ready", "a ready worker")
    assert suite.stop("agent") == 0
    assert not (suite.rundir / "health.sock").exists()


def test_a_drain_lasts_while_its_command_runs(start: Start) -> None:
    suite = start()
    await_that(lambda: state(suite) == "ready", "a ready worker")
    with drained(suite.rundir):
        status, content = check(suite)
        assert (status, content["state"], content["ready"]) == (503, "draining", [1])
        assert check(suite, "/live")[0] == 200
        suite.kill("agent")
        suite.restart("agent").wait_ready()
        await_that(lambda: check(suite)[1]["ready"] == [1], "a ready worker")
        assert check(suite)[0] == 503
    assert check(suite)[0] == 200


def test_a_drain_that_is_not_renewed_ends(tmp_path: Path) -> None:
    file = tmp_path / "drain"
    now = time.monotonic()
    for text, drains in {
        **{f"{now + LIMIT - 1}": True, f"{now - 1}": False, f"{now + 3600}": False},
        **{"inf": False, "nan": False, "": False, "x" * 100: False},
    }.items():
        file.write_text(text)
        assert is_draining(tmp_path) is drains, text
    file.unlink()
    assert not is_draining(tmp_path)


@pytest.mark.parametrize("form", ["{}", "127.0.0.1:{}"])
def test_a_tcp_address(start: Start, form: str) -> None:
    port = free_port()
    suite = start(files=config(listen=form.format(port)))
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=TIMEOUT)
    assert ask(connection, "/live")[0] == 200
    assert not (suite.rundir / "health.sock").exists()


def test_health_checks_can_be_turned_off(start: Start) -> None:
    suite = start(files=config(enable=False))
    assert not (suite.rundir / "health.sock").exists()


@pytest.mark.parametrize(
    ("health", "line"),
    [
        ({"listen": "80x"}, "cluster.health.listen: '80x': the port must be a number"),
        ({"listen": "192.0.2.1:7002"}, "cluster.health.listen: 192.0.2.1:7002: "),
        ({"listen": "unix:/nowhere/health.sock"}, "cluster.health.listen: /nowhere/health.sock: "),
        ({"min_ready": 0}, "cluster.health.min_ready must be a whole number from 1 to 999, not 0"),
        ({"lisen": "7002"}, "did you mean 'listen'?"),
    ],
)
def test_a_wrong_setting_fails_the_start(
    start: Start, health: dict[str, object], line: str
) -> None:
    with pytest.raises(NotReadyError) as caught:
        start(files=config(**health))
    assert line in f"{caught.value.hint}"


def test_restarts_are_reported_with_their_reason(start: Start) -> None:
    suite = start()
    suite.kill("worker-1")
    suite.restart("worker-1").wait_ready()
    suite.agent.wait_line("worker 1 was started again: killed by SIGKILL")

    def worker() -> Any:
        return json.loads((suite.rundir / "status.json").read_text())["workers"][0]

    await_that(lambda: worker()["state"] == "ready", "a ready worker")
    assert worker()["last_restart"] == {"kind": "crashed", "text": "killed by SIGKILL"}
    suite.restart("worker-1").wait_ready()
    suite.agent.wait_line("worker 1 was started again: stopped on request")
    await_that(lambda: worker()["state"] == "ready", "a ready worker")
    assert worker()["restarts"] == {"crashed": 1, "requested": 1}
