"""A start that does not come to its end says what it waits for, and fails in time."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from eggd.testing.make_app import make_app
from eggd.testing.suite import Suite

LIMIT = "worker_start_timeout = '1s'\n"
HANGING_HOOK = """
    import asyncio
    from eggd import Boot

    class AppBoot(Boot):
        async def did_load(self):
            await asyncio.Event().wait()
"""
HANGING_IMPORT = """
    import socket
    one, other = socket.socketpair()
    one.recv(1)
"""
CASES = {
    "hook": ("app.py", HANGING_HOOK, "app.py:did_load"),
    "import": ("app/service/db.py", HANGING_IMPORT, "app/service/db.py"),
}


@pytest.mark.parametrize("case", CASES)
def test_a_start_that_hangs_fails_and_names_the_task(tmp_path: Path, case: str) -> None:
    """Its hooks run `did_ready(error)`, and it exits at once (core:LC-11, DUMP-12)."""
    file, text, task = CASES[case]
    app = make_app(tmp_path / "shop", {"config/config_default.py": LIMIT, file: text})
    suite = Suite(app_dir=app).open()
    try:
        child = suite.spawn("worker-1")
        assert child.wait_exit() == 1
        line = (
            f"not ready after 1 s: waiting for {task} (increase worker_start_timeout in the config"
        )
        assert child.status.startswith(line)
        assert [each[3 : 3 + len(line)] for each in child.lines if each.startswith("<3>")] == [line]
        assert not child.ready
        if case == "hook":
            assert "starting shop: waiting for app.py:did_load" in child.statuses
            assert unfinished(suite) == ["application Start", "Did Load in app.py:did_load"]
        assert json.loads((suite.rundir / "router.json").read_text()) is not None
        dumped = json.loads((suite.rundir / "application_config.json").read_text())
        assert dumped["config"]["worker_start_timeout"] == 1.0
    finally:
        suite.close()


def test_an_agent_that_blocks_its_loop_ends_within_seconds(tmp_path: Path) -> None:
    """A hung agent does not hold workers back, and logs its stack (process:CL-28)."""
    suite = Suite(app_dir=make_app(tmp_path / "shop", {"agent.py": HANGING_IMPORT})).open()
    try:
        child = suite.spawn("agent")
        assert child.wait_exit(60) == 1
        line = "the start has blocked the loop for 4 s: waiting for agent.py (every worker waits"
        assert child.status.startswith(line)
        assert any("agent.py" in each and "line 3" in each for each in child.lines)
    finally:
        suite.close()


def test_an_agent_asks_for_time_while_its_loop_turns(tmp_path: Path) -> None:
    """TimeoutStartSec=5 is extended each second, by more than a blocked loop is let live."""
    hook = HANGING_HOOK.replace("AppBoot(Boot)", "AgentBoot(Boot)")
    suite = Suite(app_dir=make_app(tmp_path / "shop", {"agent.py": hook})).open()
    try:
        child = suite.spawn("agent")
        more = ("EXTEND_TIMEOUT_USEC", "7000000")
        child.wait(lambda child: child.notifications.count(more) >= 4, "requests for more time")
    finally:
        suite.close()


def unfinished(suite: Suite) -> list[str]:
    items = json.loads((suite.rundir / "application_timing_1.json").read_text())
    return [item["name"] for item in items if item["end"] is None]


def test_the_timing_of_each_process_is_dumped(tmp_path: Path) -> None:
    """A file per slot, replaced by its next start, so they do not accumulate (core:DUMP-10)."""
    files = {"app.py": HANGING_HOOK.replace("await asyncio.Event().wait()", "pass")}
    with Suite(app_dir=make_app(tmp_path / "shop", files)) as suite:
        suite.agent.wait_ready()
        suite.stop("worker-1")
        items = json.loads((suite.rundir / "application_timing_1.json").read_text())
        agents = json.loads((suite.rundir / "agent_timing_0.json").read_text())
    names = [item["name"] for item in items]
    assert names[:3] == ["Process Start", "application Start", "Load plugins"]
    assert {"Load config", "Load router", "Did Load in app.py:did_load"} < {*names}
    required = [name.partition(" ")[2] for name in names if name.startswith("Require(")]
    assert "app.py" in required
    assert all(item["end"] is not None for item in [*items, *agents])
    assert agents[1]["name"] == "agent Start"


@pytest.mark.parametrize(("role", "name"), [("agent", "agent"), ("app", "worker-1")])
def test_a_start_that_fails_leaves_its_dumps(tmp_path: Path, role: str, name: str) -> None:
    # core:DUMP-12
    text = HANGING_HOOK.replace("await asyncio.Event().wait()", "raise OSError('no')")
    app = make_app(tmp_path / "shop", {f"{role}.py": text})
    suite = Suite(app_dir=app).open()
    try:
        assert suite.spawn(name).wait_exit() == 1
        kind = "agent" if role == "agent" else "application"
        files = {path.name for path in suite.rundir.glob(f"{kind}_*.json")}
        slot = 0 if role == "agent" else 1
        assert {f"{kind}_config.json", f"{kind}_timing_{slot}.json"} <= files
    finally:
        suite.close()
