"""New workers read new code and config; the agent runs on and reports files that changed."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

import eggd
from eggd.app.loaded_files import LoadedFiles
from eggd.cli.view import outdated
from eggd.process.agent_process import LOADED
from eggd.testing.make_app import make_app
from eggd.testing.suite import Suite
from tests.cluster.clients import Client

CONTROLLER = "async def index(ctx):\n    return f'{} {{ctx.config.size}}'\n"
ROUTER = "def router(app):\n    app.router.get('/', app.controller.home.index)\n"
FILES = {
    "app/router.py": ROUTER,
    "app/controller/home.py": CONTROLLER.format("old"),
    "config/config_default.py": "size = 1\n",
}


def answer(suite: Suite) -> str:
    with Client(suite) as client:
        return client.get("/").body


def test_a_worker_that_is_replaced_reads_new_code_and_config(tmp_path: Path) -> None:
    """A running process never reloads code (core:X-11)."""
    app = make_app(tmp_path / "shop", FILES)
    with Suite(app_dir=app, workers=1) as suite:
        assert answer(suite) == "old 1"
        new = {"app/controller/home.py": CONTROLLER.format("new"), "app/late.py": ""}
        make_app(app, {**new, "config/config_default.py": "size = 2\n"})
        assert answer(suite) == "old 1"
        suite.spawn("worker-0").wait_ready()  # the spare of a reload
        suite.restart("worker-1").wait_ready()
        suite.stop("worker-0")
        assert answer(suite) == "new 2"
        line = "config/config_default.py changed since the agent started"
        suite.agent.wait_line(f"{line}: eggd restart")
        assert suite.agent.status.endswith(f"; {line}")
        assert outdated(suite.rundir) == f"{line}: run 'eggd restart'"
        suite.restart("agent").wait_ready()
        suite.agent.wait(lambda child: child.status.startswith("ready: 1 workers"), "the worker")
        assert "changed since" not in suite.agent.status
        assert outdated(suite.rundir) == ""


LAZY = """
    async def index(ctx):
        ctx.body = f"{(ctx.app.base_dir / 'page.html').read_text()} {ctx.app.base_dir.name}"
"""


def test_a_worker_keeps_to_its_release_when_the_link_moves(tmp_path: Path) -> None:
    """Each process resolves the link once, at its start, so no process mixes two releases."""
    for name in ("one", "two"):
        make_app(tmp_path / name, {**FILES, "app/controller/home.py": LAZY, "page.html": name})
    (tmp_path / "current").symlink_to("one")
    with Suite(app_dir=tmp_path / "current", workers=1) as suite:
        (tmp_path / "new").symlink_to("two")
        (tmp_path / "new").rename(tmp_path / "current")
        assert answer(suite) == "one one"
        suite.restart("worker-1").wait_ready()
        assert answer(suite) == "two two"


@pytest.mark.parametrize(
    ("name", "text", "changed"),
    [
        ("config/config_default.py", "size = 1\n", []),
        ("config/config_default.py", "size = 2\n", ["config/config_default.py"]),
        ("config/config_prod.py", "size = 3\n", ["config/config_prod.py"]),
        ("agent.py", "", ["agent.py"]),
        ("app/controller/home.py", "", []),
    ],
)
def test_only_files_that_the_agent_reads_are_reported(
    tmp_path: Path, name: str, text: str, changed: list[str]
) -> None:
    app = make_app(tmp_path / "shop", FILES)
    changes = LoadedFiles()
    changes.add(app, *LOADED)
    make_app(app, {name: text})
    assert [str(path.relative_to(app)) for path in changes.changed()] == changed


def test_a_plugin_adds_the_files_that_it_loads(tmp_path: Path) -> None:
    """The plugin schedule adds its jobs, also those of `schedule.directory`."""
    job = "schedule = {'type': 'worker', 'interval': '1h'}\nasync def task(ctx):\n    pass\n"
    config = {"config/config_default.py": "schedule = {'directory': ['jobs']}"}
    shop = make_app(
        tmp_path / "shop", {**config, "jobs/a.py": job, "app/schedule/b.py": job, "jobs/c.py": job}
    )

    async def changed() -> list[str]:
        app = await eggd.start(shop, env="prod")
        make_app(shop, {"jobs/a.py": job + "#", "app/schedule/b.py": job + "#"})
        files = app.agent.loaded_files.changed()
        await app.close()
        return [str(file.relative_to(shop)) for file in files]

    assert asyncio.run(changed()) == ["app/schedule/b.py", "jobs/a.py"]
