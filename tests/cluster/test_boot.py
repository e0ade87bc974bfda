"""From start to ready, and every way not to get there."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from eggd.testing.child import Child
from eggd.testing.make_app import make_app
from eggd.testing.suite import Suite
from tests.cluster.app import APP
from tests.cluster.clients import Client
from tests.cluster.conftest import Start

HOOKS = [
    *("config_will_load", "config_did_load", "did_load", "will_ready"),
    *("did_ready None", "server_did_ready"),
]


def hooks(child: Child) -> list[str]:
    return [line for line in child.lines if line in (*HOOKS, "before_close")]


def test_every_process_gets_to_server_did_ready(start: Start) -> None:
    suite = start(workers=2)
    for child in suite.children:
        child.wait_line("server_did_ready")
        assert hooks(child) == HOOKS


def test_status_tells_the_way_to_ready(start: Start) -> None:
    suite = start()
    worker = suite.worker(1)
    assert worker.statuses[0].startswith("starting shop (prod)")
    worker.wait(lambda child: child.status == f"ready: shop (prod) on 127.0.0.1:{suite.port}", "it")
    suite.agent.wait(lambda child: child.status == "ready: 1 workers serve (1)", "it")


def test_all_answer_on_one_listener(start: Start) -> None:
    suite = start(workers=4)
    pids = set()
    for _ in range(200):
        with Client(suite) as client:
            pids.add(int(client.get("/").body))
        if len(pids) == 4:
            break
    assert pids == {suite.worker(slot).pid for slot in (1, 2, 3, 4)}


def test_a_worker_serves_without_an_agent(start: Start) -> None:
    suite = start()
    suite.kill("agent")
    worker = suite.restart("worker-1").wait_ready()
    with Client(suite) as client:
        assert client.get("/").body == str(worker.pid)


FAILING_HOOK = """
    from eggd import Boot

    class B(Boot):
        async def did_load(self):
            1 / 0
"""

ERRORS: dict[str, tuple[Mapping[str, str], str, str]] = {
    "syntax error": (
        {"app/controller/home.py": "def broken(:\n"},
        "worker-1",
        "app/controller/home.py:1",
    ),
    "controller that is not there": (
        {"app/router.py": "def router(app):\n    app.router.get('/', app.controller.hoem.index)\n"},
        "worker-1",
        "hoem",
    ),
    "wrong type in the config": (
        {"config/config_default.py": "http = {'keep_alive_timeout': 'soon'}\n"},
        "worker-1",
        "http.keep_alive_timeout must be 0 to 86400 seconds",
    ),
    "unknown key in a section": (
        {"config/config_default.py": "http = {'keep_alive_timeuot': 5}\n"},
        "worker-1",
        "did you mean 'keep_alive_timeout'?",
    ),
    "no number": ({}, "worker-x", "must be a number from 1 to 999, not 'x'"),
    "too high a number": ({}, "worker-1000", "not '1000'"),
    "hook that fails": (
        {"app.py": FAILING_HOOK},
        "worker-1",
        "B.did_load failed: ZeroDivisionError: division by zero",
    ),
    "agent's hook that fails": (
        {"agent.py": FAILING_HOOK},
        "agent",
        "agent.py:5: B.did_load failed: ZeroDivisionError: division by zero",
    ),
}


@pytest.mark.parametrize("case", ERRORS)
def test_a_boot_error_is_one_line_and_exit_1(tmp_path: Path, case: str) -> None:
    # process:CL-54
    files, name, text = ERRORS[case]
    app = make_app(tmp_path / "shop", {"app/router.py": APP["app/router.py"], **files})
    fails_with(Suite(app_dir=app), name, text)


@pytest.mark.parametrize("name", ["agent", "worker-1"])
def test_a_missing_folder_is_one_line_and_exit_1(tmp_path: Path, name: str) -> None:
    fails_with(Suite(app_dir=tmp_path / "nowhere"), name, "nowhere")


def fails_with(suite: Suite, name: str, text: str) -> None:
    suite.open()
    try:
        child = suite.spawn(name)
        assert child.wait_exit() == 1
        errors = [line for line in child.lines if line.startswith("<3>")]
        assert child.lines == errors
        assert len(errors) == 1
        assert text in errors[0]
        assert text in child.status
        assert not child.ready
    finally:
        suite.close()
