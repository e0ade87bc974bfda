"""Processes of one suite that run different code: reported by agent, worker and `eggd status`."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from eggd.cli.view import View, build
from eggd.identityfile import agent_differs
from eggd.testing.make_app import make_app
from eggd.testing.suite import Suite

FILES = {
    "app/router.py": "from lib.answer import answer\n\n"
    "def router(app):\n    app.router.get('/', answer)\n",
    "lib/__init__.py": "",
    "lib/answer.py": "async def answer(ctx):\n    ctx.body = 'old'\n",
    "config/config_default.py": "size = 1\n",
}
NEW = {
    "code in lib": {"lib/answer.py": "async def answer(ctx):\n    ctx.body = 'new'\n"},
    "config": {"config/config_prod.py": "size = 2\n"},
}


def view(suite: Suite) -> View:
    return build(suite.rundir, None)


def settled(suite: Suite) -> None:
    """Waits until the agent knows that each process is ready."""
    pids = [f'"pid": {child.pid}, "state": "ready"' for child in suite.children if child.alive]
    file = suite.rundir / "status.json"
    suite.wait(lambda: all(pid in file.read_text() for pid in pids), "announcements")


def ready(suite: Suite, slot: int) -> None:
    """Restarts a worker and waits until the agent knows of it."""
    suite.restart(f"worker-{slot}").wait_ready()
    settled(suite)


def problems(suite: Suite) -> list[str]:
    return [each for each in view(suite)["problems"] if "worker" in each]


@pytest.mark.parametrize("change", NEW.values(), ids=NEW)
def test_a_worker_that_started_on_changed_files_is_distinguished(
    tmp_path: Path, change: dict[str, str]
) -> None:
    app = make_app(tmp_path / "shop", FILES)
    with Suite(app_dir=app, workers=3) as suite:
        settled(suite)
        assert (problems(suite), view(suite)["state"]) == ([], "running")
        make_app(app, {"README.md": "", "tests/test_shop.py": "", "late.py": "", **FILES})
        ready(suite, 1)
        assert problems(suite) == []  # the same files, rewritten
        make_app(app, change)
        ready(suite, 2)
        text = "workers run different code: worker 1, worker 3; worker 2"
        suite.agent.wait_line(f"{text} (eggd reload)")
        assert (problems(suite), view(suite)["state"]) == (
            [f"{text}: run 'eggd reload'"],
            "degraded",
        )
        suite.agent.wait(lambda child: text in child.status, "the mixture in its status")
        for slot in (1, 3):
            ready(suite, slot)
        assert problems(suite) == []
        suite.agent.wait(lambda child: "different" not in child.status, "the end of it")
        said = [line for line in suite.agent.lines if "different code" in line]
        assert len(said) == 1


@pytest.mark.parametrize("what", ["folder", "link", "env", "settings"])
def test_a_worker_of_another_application_is_named(tmp_path: Path, what: str) -> None:
    old, new = (make_app(tmp_path / name, FILES).resolve() for name in ("old", "new"))
    link = tmp_path / "current"
    link.symlink_to(old)
    with Suite(app_dir=link, workers=2) as suite:
        if what == "folder":
            suite.app_dir = new
        elif what == "link":
            link.unlink()
            link.symlink_to(new)
        elif what == "env":
            suite.env = "staging"
        else:
            suite.environ = {"EGG_APP_CONFIG": '{"size": 3}'}
        ready(suite, 2)
        worker = suite.worker(2).wait_line("another application than the agent's: it runs")
        assert "(eggd reload)" in worker
        [problem] = problems(suite)
        suite.agent.wait_line(problem.removesuffix(": run 'eggd reload'"))
        assert problem.startswith("2 applications are mixed: agent, worker 1: ")
        assert view(suite)["state"] == "degraded"
        suite.restart("agent").wait_ready()
        ready(suite, 1)
        assert (problems(suite), view(suite)["state"]) == ([], "running")


def test_during_a_reload_a_mixture_is_not_reported(tmp_path: Path) -> None:
    old, new = (make_app(tmp_path / name, FILES) for name in ("old", "new"))
    with Suite(app_dir=old, workers=2) as suite:
        suite.app_dir = new
        spare = suite.spawn("worker-0").wait_ready()
        agent = suite.agent.pid
        why = agent_differs(suite.rundir, agent, spare.pid)
        assert why.startswith("it runs ")
        assert str(old.resolve()) in why
        suite.restart("agent").wait_ready()
        assert agent_differs(suite.rundir, suite.agent.pid, spare.pid) == ""
        for slot in (1, 2):
            ready(suite, slot)
            assert problems(suite) == []
        suite.stop("worker-0")
        assert (problems(suite), view(suite)["state"]) == ([], "running")
        said = [line for child in suite.children for line in child.lines]
        assert not [line for line in said if "mixed" in line or "another application" in line]


def test_a_file_of_a_dead_process_or_of_another_kind_counts_nothing(tmp_path: Path) -> None:
    for name, text in (("agent.app", "[1]"), ("worker-1.app", '{"pid": true}')):
        (tmp_path / name).write_text(text)
    os.mkfifo(tmp_path / "worker-2.app")
    assert agent_differs(tmp_path, 1, 1) == ""
