from __future__ import annotations

import asyncio
import os
import shutil
import threading
from collections.abc import Awaitable, Callable
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest
from watchdog.utils import BaseThread

from eggd import Agent
from eggd.loader import watching as module
from eggd.plugins.watcher.agent import WatcherAgent
from eggd.plugins.watcher.section import WatcherConfig
from eggd.testing.make_app import make_app
from eggd.testing.suite import Suite

HINT = "run 'eggd reload' to apply it"


class App:
    """A stand-in for the agent, with the members that the plugin uses; its log is a queue."""

    def __init__(self, root: Path, **config: object) -> None:
        self.base_dir = root
        self.config = SimpleNamespace(watcher=WatcherConfig(debounce=0.01, **config))  # type: ignore[arg-type]
        self.core_logger = self
        self.lines: asyncio.Queue[str] = asyncio.Queue()
        self.tasks: set[asyncio.Task[None]] = set()

    def info(self, text: str, *args: object) -> None:
        self.lines.put_nowait(text % args)

    warning = info

    def run_in_background(self, function: Callable[[], Awaitable[None]], name: str) -> None:
        async def run() -> None:
            await function()

        self.tasks.add(asyncio.create_task(run()))

    async def line(self) -> str:
        return await asyncio.wait_for(self.lines.get(), 5)


def watch(app: App, story: Callable[[App, Path], Awaitable[None]]) -> None:
    """Runs `story` while the plugin watches."""

    async def main() -> None:
        boot = WatcherAgent(cast("Agent", app))
        boot.config_did_load()
        await boot.did_load()
        await story(app, app.base_dir / "config")
        await boot.before_close()
        await asyncio.gather(*app.tasks)

    asyncio.run(main())


def save(path: Path, text: str) -> None:
    path.write_text(text)


def save_by_rename(path: Path, text: str) -> None:
    path.with_suffix(".tmp").write_text(text)
    path.with_suffix(".tmp").rename(path)


def test_a_change_while_the_agent_loads_is_reported(tmp_path: Path) -> None:
    async def main() -> str:
        boot = WatcherAgent(cast("Agent", app))
        boot.config_did_load()
        save(tmp_path / "config" / "a.py", "22")
        await boot.did_load()
        line = await app.line()
        await boot.before_close()
        await asyncio.gather(*app.tasks)
        return line

    app = App(make_app(tmp_path, {"config/a.py": "1"}))
    assert asyncio.run(main()) == f"[watcher] config/a.py changed; {HINT}"


@pytest.mark.parametrize("how", [save, save_by_rename])
def test_each_save_is_one_line(tmp_path: Path, how: Callable[[Path, str], None]) -> None:
    async def story(app: App, config: Path) -> None:
        for length in (1, 2, 3):
            how(config / "config_prod.py", "#" * length)
            assert await app.line() == f"[watcher] config/config_prod.py changed; {HINT}"

    make_app(tmp_path, {"config/config_prod.py": "a = 1"})
    watch(App(tmp_path), story)


def test_a_directory_that_is_created_removed_and_created_again(tmp_path: Path) -> None:
    async def story(app: App, config: Path) -> None:
        for number in range(2):
            os.mkdir(config)
            save(config / "plugin.py", "a")
            assert await app.line() == f"[watcher] config/plugin.py added; {HINT}"
            save(config / "plugin.py", "a" * (number + 2))
            assert await app.line() == f"[watcher] config/plugin.py changed; {HINT}"
            shutil.rmtree(config)
            assert await app.line() == f"[watcher] config/plugin.py removed; {HINT}"

    watch(App(tmp_path), story)


def test_a_directory_that_is_replaced(tmp_path: Path) -> None:
    async def story(app: App, config: Path) -> None:
        os.rename(config, tmp_path / "old")
        os.rename(tmp_path / "new", config)
        assert await app.line() == f"[watcher] config/a.py changed; {HINT}"
        save(config / "a.py", "three")
        assert await app.line() == f"[watcher] config/a.py changed; {HINT}"

    make_app(tmp_path, {"config/a.py": "1", "new/a.py": "22"})
    watch(App(tmp_path), story)


def test_a_comparison_that_ends_after_close_starts_no_watch(tmp_path: Path) -> None:
    async def story(app: App, config: Path) -> None:
        boot = WatcherAgent(cast("Agent", app))
        boot.config_did_load()
        await boot.did_load()
        app.run_in_background(boot._compare, "watcher")
        await asyncio.gather(boot.before_close(), *app.tasks)
        boot._on_event("", "modified", False)
        assert (boot._watching, boot._pending) == (None, None)

    before = threading.enumerate()
    watch(App(tmp_path), story)
    after = (each for each in threading.enumerate() if each not in before)
    assert [each for each in after if isinstance(each, BaseThread)] == []


def test_nothing_is_watched_when_switched_off(tmp_path: Path) -> None:
    boot = WatcherAgent(cast("Agent", App(tmp_path, enable=False)))
    asyncio.run(boot.did_load())
    assert boot._watching is None


def test_a_directory_that_cannot_be_watched_is_a_warning(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Full(BaseThread):
        def schedule(self, *args: object, **kwargs: object) -> None:
            raise OSError(28, "inotify watch limit reached")

    async def story(app: App, config: Path) -> None:
        line = await app.line()
        assert line == "[watcher] config is not watched: inotify watch limit reached"

    monkeypatch.setattr(module, "_make", Full)
    watch(App(tmp_path), story)


@pytest.mark.slow
def test_in_a_real_agent(tmp_path: Path) -> None:
    app = make_app(tmp_path / "shop", {"config/config_default.py": "a = 1"})
    with Suite(app_dir=app, workers=0) as suite:
        save(app / "config" / "config_prod.py", "b = 2")
        line = f"<6>[watcher] config/config_prod.py added; {HINT}"
        assert suite.agent.wait_line("[watcher]") == line
