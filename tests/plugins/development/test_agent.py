"""Which saves make the agent ask for new workers, and how often; the files are real ones."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any, TypeVar, cast

import pytest

from eggd import Agent, FileChange
from eggd.plugins.development.agent import DevelopmentAgent
from eggd.plugins.development.section import DevelopmentConfig
from eggd.plugins.watcher.built_in import InotifySource
from eggd.plugins.watcher.hub import Hub
from eggd.plugins.watcher.section import WatcherConfig
from eggd.testing.make_app import make_app
from eggd.testing.suite import Suite

pytestmark = pytest.mark.slow

FILES = {"app/router.py": "", "app/view/home.html": "", "app.py": "", "config/plugin.py": ""}
T = TypeVar("T")
SAID = "[agent:development] reloading the workers: "


class Config(SimpleNamespace):
    """Sections by name, and by the class that describes them."""

    def __getitem__(self, kind: type[T]) -> T:
        return next(each for each in vars(self).values() if isinstance(each, kind))


class App:
    """An agent as the plugin sees it, with a real watcher; log and requests are queues."""

    def __init__(self, root: Path, **config: Any) -> None:
        self.base_dir = root
        self.config = Config(
            rundir=str(root / "run"),
            development=DevelopmentConfig(**config),
            watcher=WatcherConfig(),
        )
        self.host = SimpleNamespace(reload=self.reload, restarts_agent=True)
        self.core_logger = self.logger = self
        self.messenger = SimpleNamespace(on=self.ignore, on_members=self.ignore)
        self.lines: asyncio.Queue[str] = asyncio.Queue()
        self.asked: asyncio.Queue[str] = asyncio.Queue()
        self.tasks: set[asyncio.Task[None]] = set()
        agent = cast("Agent", self)
        self.watcher = Hub(agent, InotifySource(agent, None))

    def ignore(self, *args: object) -> None:
        """Takes the handlers of messages, which never come."""

    def warning(self, text: str, *args: object) -> None:
        self.lines.put_nowait(text % args)

    def reload(self, reason: str) -> None:
        self.asked.put_nowait(reason)

    def run_in_background(self, function: Callable[[], Awaitable[None]], name: str) -> None:
        async def run() -> None:
            await function()

        self.tasks.add(asyncio.create_task(run()))

    async def idle(self) -> None:
        """Waits until the new policy is watched."""
        await asyncio.gather(*self.tasks)
        await self.watcher.ready()


def watch(app: App, story: Callable[[], Awaitable[None]]) -> None:
    """Runs `story` while the plugin watches."""

    async def main() -> None:
        app.watcher.open()
        boot = DevelopmentAgent(cast("Agent", app))
        await boot.did_load()
        await app.watcher.ready()
        async with asyncio.timeout(30):
            await story()
        await boot.before_close()
        await app.idle()
        await app.watcher.close()

    asyncio.run(main())


def happened(boot: DevelopmentAgent, path: str, event: str) -> None:
    boot._happened(FileChange(path, event, False))


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("app/router.py", "app/router.py modified"),
        ("app/new.py", "app/new.py created"),
        ("config/plugin.py", "config/plugin.py modified"),
        ("app.py", "app.py modified"),
    ],
)
def test_a_save_asks_for_new_workers(tmp_path: Path, path: str, reason: str) -> None:
    """The log line names path and event (core:DEV-2)."""

    async def story() -> None:
        (tmp_path / path).write_text("a = 1")
        assert await app.asked.get() == reason
        assert await app.lines.get() == SAID + reason

    app = App(make_app(tmp_path, FILES))
    watch(app, story)


def test_several_saves_are_one_reload(tmp_path: Path) -> None:
    """A further save causes the second reload (core:DEV-2)."""

    async def main() -> None:
        boot = DevelopmentAgent(cast("Agent", app))
        await boot.did_load()
        for name in ("a", "b", "c"):
            happened(boot, f"{tmp_path}/app/{name}.py", "created")
        assert await app.asked.get() == "app/a.py created"
        happened(boot, f"{tmp_path}/app/d.py", "created")
        assert await app.asked.get() == "app/d.py created"
        await boot.before_close()

    app = App(tmp_path)
    asyncio.run(main())


def test_an_ignored_file_causes_no_reload(tmp_path: Path) -> None:
    """Templates, folders and bytecode are ignored; the code is not (core:DEV-1, DEV-3)."""

    async def story() -> None:
        (tmp_path / "app/view/home.html").write_text("hi")
        (tmp_path / "app/__pycache__").mkdir()
        (tmp_path / "app/__pycache__/router.cpython-311.pyc").write_text("hi")
        (tmp_path / "app/viewer.py").write_text("1")
        assert await app.asked.get() == "app/viewer.py created"

    app = App(make_app(tmp_path, FILES))
    watch(app, story)


@pytest.mark.parametrize("path", ["lib/db.py", "agent.py", "shared/tax.py", "app/money/tax.py"])
def test_a_save_of_any_code_below_the_app_counts(tmp_path: Path, path: str) -> None:
    """A save in the target of a link counts, too (core:DEV-1)."""
    common = make_app(tmp_path / "common", {"tax.py": ""})
    files = {**FILES, "lib/db.py": "", "agent.py": ""}
    shop = make_app(tmp_path / "shop", files)
    (shop / "shared").symlink_to(common)
    (shop / "app/money").symlink_to(common)

    async def story() -> None:
        (shop / path).write_text("a = 1")
        real = shop / path if path in files else common / "tax.py"
        name = path if path in files else str(real)
        assert await app.asked.get() == f"{name} modified"

    app = App(shop)
    watch(app, story)


def test_a_linked_file_is_watched_where_it_lies(tmp_path: Path) -> None:
    (tmp_path / "tax.py").write_text("")
    shop = make_app(tmp_path / "shop", FILES)
    (shop / "app/tax.py").symlink_to(tmp_path / "tax.py")

    async def story() -> None:
        (tmp_path / "tax.py").write_text("a = 1")
        assert await app.asked.get() == f"{tmp_path}/tax.py modified"

    app = App(shop)
    watch(app, story)


def test_code_that_comes_later_is_watched_from_the_next_save_on(tmp_path: Path) -> None:
    async def story() -> None:
        make_app(tmp_path, {"lib/db.py": ""})
        (tmp_path / "app/router.py").write_text("import lib.db")
        assert await app.asked.get() == "app/router.py modified"
        await app.idle()
        (tmp_path / "lib/db.py").write_text("a = 1")
        assert await app.asked.get() == "lib/db.py modified"

    app = App(make_app(tmp_path, FILES))
    watch(app, story)


def test_the_boot_file_of_the_agent_counts_where_it_is_started_anew(tmp_path: Path) -> None:
    """Systemd reloads workers alone, and `eggd dev` restarts the agent as well (core:DEV-2)."""

    async def story() -> None:
        (tmp_path / "agent.py").write_text("a = 1")
        (tmp_path / "app/router.py").write_text("a = 1")
        assert await app.asked.get() == "app/router.py modified"

    app = App(make_app(tmp_path, {**FILES, "agent.py": ""}))
    app.host.restarts_agent = False
    watch(app, story)


def test_a_file_of_the_agent_gives_the_reason(tmp_path: Path) -> None:
    """A save of several files at once: one of them makes the supervisor restart the agent."""

    async def main() -> None:
        boot = DevelopmentAgent(cast("Agent", app))
        await boot.did_load()
        for name in ("app/a.py", "config/plugin.py", "app/b.py"):
            happened(boot, f"{tmp_path}/{name}", "modified")
        assert await app.asked.get() == "config/plugin.py modified"
        await boot.before_close()
        await asyncio.gather(*app.tasks)

    app = App(make_app(tmp_path, FILES))
    asyncio.run(main())


def test_a_save_by_rename_counts(tmp_path: Path) -> None:
    async def story() -> None:
        (tmp_path / "app/router.tmp").write_text("1")
        (tmp_path / "app/router.tmp").rename(tmp_path / "app/router.py")
        assert await app.asked.get() == "app/router.py modified"

    app = App(make_app(tmp_path, FILES))
    watch(app, story)


def test_a_default_folder_may_come_later(tmp_path: Path) -> None:
    # core:DEV-7

    async def story() -> None:
        os.mkdir(tmp_path / "mocks")
        assert await app.asked.get() == "mocks appeared"
        (tmp_path / "mocks/users.json").write_text("{}")
        assert await app.asked.get() == "mocks/users.json created"

    app = App(make_app(tmp_path, FILES))
    watch(app, story)
    assert app.lines.get_nowait() == f"{SAID}mocks appeared"


def test_a_missing_configured_folder_is_reported(tmp_path: Path) -> None:
    """Missing default directories cause no warning (core:DEV-7)."""

    async def story() -> None:
        said = await app.lines.get()
        assert said == "[agent:development] development.watch_dirs: 'libb' does not exist"

    app = App(make_app(tmp_path, FILES), watch_dirs=["libb"])
    watch(app, story)


@pytest.mark.parametrize("off", ["reload_on_debug", "no supervisor", "no watcher"])
def test_where_nothing_is_watched(tmp_path: Path, off: str) -> None:
    """Nothing is watched if switched off, or without a supervisor (core:DEV-3)."""
    app = App(tmp_path, reload_on_debug=off != "reload_on_debug")
    if off == "no supervisor":
        app.host.reload = None
    paths = app.watcher._delivery.table.paths
    if off == "no watcher":
        del app.watcher
    boot = DevelopmentAgent(cast("Agent", app))
    asyncio.run(boot.did_load())
    assert not paths
    assert app.lines.empty() == (off != "no watcher")


def test_a_real_agent_asks_its_supervisor(tmp_path: Path) -> None:
    """The agent warns once and keeps running; `agent.py` is not watched (core:DEV-2)."""
    files = {"app/router.py": "", "agent.py": "from eggd import Boot\nclass Agent(Boot): pass\n"}
    app = make_app(tmp_path / "shop", files)
    with Suite(app_dir=app, workers=0, env="local") as suite:
        (app / "agent.py").write_text("")
        (app / "app" / "router.py").write_text("def router(app): pass\n")
        line = suite.agent.wait_line(SAID)
        asked = suite.agent.wait(
            lambda child: any(key == "X_EGGD_RELOAD" for key, _ in child.notifications),
            "X_EGGD_RELOAD",
        )
        assert line == f"<4>{SAID}app/router.py modified"
        assert ("X_EGGD_RELOAD", "app/router.py modified") in asked.notifications
