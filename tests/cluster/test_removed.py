"""Sockets and directories that are removed under a running suite: reported, and bound again."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from eggd.cli.view import build
from eggd.host.inbox import inbox_lost
from eggd.testing.make_app import make_app
from eggd.testing.suite import Suite
from tests.cluster.clients import Client

BOOT = """
    import sys
    from eggd import Boot

    class B(Boot):
        async def did_load(self):
            self.app.messenger.on("hi", lambda data: print("got", data, file=sys.stderr))
"""
ROUTER = """
    async def tell(ctx):
        getattr(ctx.app.messenger, ctx.query["method"])("hi", ctx.query["data"])
        ctx.body = "told"

    def router(app):
        app.router.get("/", tell)
"""
FILES = {"app.py": BOOT, "agent.py": BOOT, "app/router.py": ROUTER}


def suite(tmp_path: Path) -> Suite:
    app = make_app(tmp_path / "shop", FILES)
    # Dumps go elsewhere: writing them would make the directory again.
    environ = {"WATCHDOG_USEC": "200000", "EGGD_RUNDIR": str(tmp_path / "dumps")}
    return Suite(app_dir=app, workers=2, environ=environ)


def tell(suite: Suite, method: str, data: str) -> None:
    with Client(suite) as client:
        assert client.get(f"/?method={method}&data={data}").body == "told"


def problems(suite: Suite) -> list[str]:
    return list(build(suite.rundir, None)["problems"])


@pytest.mark.parametrize("whole", [False, True], ids=["the inbox", "all that is in the directory"])
def test_the_agents_inbox_is_bound_anew(tmp_path: Path, whole: bool) -> None:
    with suite(tmp_path) as running:
        path = running.rundir / "agent.sock"
        for each in list(running.rundir.iterdir()) if whole else [path]:
            shutil.rmtree(each) if each.is_dir() else each.unlink()
        running.agent.wait_line(f"messenger: {path} was removed; bound again")
        running.agent.wait(lambda child: "wait in their senders" in child.status, "the status")
        if whole:
            for slot in (1, 2):
                running.worker(slot).wait_line("was removed; bound again")
        late = running.restart("worker-2").wait_ready()  # connects to the new path
        assert late.ready
        for number in range(20):
            tell(running, "send_to_agent", f"a{number}")
            running.agent.wait_line(f"got a{number}")
        tell(running, "send_to_app", "everybody")
        for slot in (1, 2):
            running.worker(slot).wait_line("got everybody")
        assert inbox_lost(running.rundir)
        [problem] = [each for each in problems(running) if "agent.sock" in each]
        assert problem.startswith(f"{path} was removed: systemd no longer holds it")
        assert problem.endswith(": run 'eggd reload'")


def test_a_worker_binds_its_own_socket_anew(tmp_path: Path) -> None:
    with suite(tmp_path) as running:
        path = running.rundir / "worker-1.sock"
        path.unlink()
        tell(running, "send_to_app", "at-once")
        running.worker(2).wait_line("got at-once")
        running.worker(1).wait_line(f"messenger: {path} was removed; bound again")
        for method in ("send_to_app", "broadcast"):
            tell(running, method, method)
            for slot in (1, 2):
                running.worker(slot).wait_line(f"got {method}")
        assert problems(running) == []
        assert not inbox_lost(running.rundir)


def test_a_removed_directory_is_reported_by_every_process(tmp_path: Path) -> None:
    with suite(tmp_path) as running:
        content = (running.rundir / "status.json").read_bytes()
        running.rundir.rename(running.directory / "old")  # before any process binds again
        for child in running.children:
            child.wait_line("is lost: cannot bind")
            child.wait(lambda child: "is lost" in child.status, "the status")
        running.rundir.mkdir()
        running.agent.wait_line("agent.sock was removed; bound again")
        running.worker(1).wait(lambda child: "is lost" not in child.status, "the end of it")
        again = running.rundir / "status.json"
        running.wait(again.exists, "status.json")
        assert again.read_bytes() != content


def test_an_agent_that_finds_no_inbox_binds_one(tmp_path: Path) -> None:
    with suite(tmp_path) as running:
        running.kill("agent")
        (running.rundir / "agent.sock").unlink()
        running.restart("agent").wait_ready()
        running.agent.wait_line("agent.sock was removed; bound again")
        running.restart("worker-1").wait_ready()
        tell(running, "send_to_agent", "after")
        running.agent.wait_line("got after")
