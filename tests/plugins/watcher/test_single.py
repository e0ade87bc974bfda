"""`app.watcher` and `agent.watcher` in an app whose agent is in the same process."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, cast

import pytest

import eggd
from eggd.errors import ConfigError, EggError, LoadError
from eggd.testing.make_app import make_app

Files = dict[str, str]


class Heard:
    """A listener: the changes that it got, as `event name`."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.changes: asyncio.Queue[str] = asyncio.Queue()

    def __call__(self, change: eggd.FileChange) -> None:
        self.changes.put_nowait(f"{change.event} {os.path.relpath(change.path, self.root)}")

    async def later(self, change: eggd.FileChange) -> None:
        await asyncio.sleep(0)
        self(change)

    async def next(self) -> str:
        return await self.changes.get()


def run(
    tmp_path: Path, files: Files, work: Callable[..., Awaitable[None]], env: str = "prod"
) -> str:
    """Runs `work(app, heard)` in an app of these files; returns the framework's log."""
    base_dir = make_app(tmp_path / "shop", files)

    async def main() -> None:
        app = await eggd.start(base_dir, env=env)
        try:
            async with asyncio.timeout(30):
                await work(app, Heard(base_dir))
        finally:
            await app.close()

    asyncio.run(main())
    logs = [base_dir / f"logs/{name}.log" for name in ("egg-web", "egg-agent", "common-error")]
    return "".join(log.read_text() for log in logs if log.exists())


def test_wrong_arguments_are_errors(tmp_path: Path) -> None:
    """The call raises, not the first change."""

    async def work(app: eggd.Application, heard: Heard) -> None:
        wrong: list[tuple[Any, Any, str]] = [
            (None, heard, "None is not a path"),
            ([7], heard, "7 is not a path"),
            ({"rates": 1}, heard, "is not a path"),
            ([], heard, "no path"),
            ("rates", None, "the listener cannot be called: None is not a function"),
            ("rates", lambda: 1, "the listener cannot be called: too many positional arguments"),
        ]
        for paths, listener, text in wrong:
            with pytest.raises(EggError, match=text):
                app.watcher.watch(paths, listener)

    run(tmp_path, {}, work)


@pytest.mark.parametrize("env", ["prod", "local", "unittest"])
def test_a_change_reaches_app_and_agent(tmp_path: Path, env: str) -> None:
    """In every environment (beyond process:WAT-1); one watch serves both (process:WAT-4, WAT-5)."""

    async def work(app: eggd.Application, heard: Heard) -> None:
        in_agent = Heard(heard.root)
        app.watcher.watch(["rates", heard.root / "missing"], heard)
        app.agent.watcher.watch("rates/eur.json", in_agent)
        await app.watcher.ready()
        await app.agent.watcher.ready()
        (heard.root / "rates/eur.json").write_text("[1, 2]")
        assert await heard.next() == "modified rates/eur.json"
        assert await in_agent.next() == "modified rates/eur.json"
        (heard.root / "missing").touch()
        assert await heard.next() == "created missing"

    log = run(tmp_path, {"rates/eur.json": "[]"}, work, env)
    assert "[watcher:agent] watcher start success" in log  # process:WAT-3
    assert "[watcher:application] watcher start success" in log


def test_unwatch_ends_the_calls(tmp_path: Path) -> None:
    """Of one listener or of all; the others go on (the fault of process:WAT-10)."""

    async def work(app: eggd.Application, heard: Heard) -> None:
        first, second = Heard(heard.root), Heard(heard.root)
        for listener in (first, second, heard):
            app.watcher.watch("a", listener)
        app.watcher.watch("b", heard)
        app.watcher.unwatch("a", first)
        await app.watcher.ready()
        (heard.root / "a").touch()
        assert [await each.next() for each in (second, heard)] == ["created a"] * 2
        app.watcher.unwatch(["a", "never"])
        await app.watcher.ready()
        (heard.root / "a").write_text("1")
        (heard.root / "b").write_text("1")
        assert await heard.next() == "created b"
        assert first.changes.empty()
        assert second.changes.empty()

    run(tmp_path, {}, work)


def test_a_listener_is_called_once_per_change(tmp_path: Path) -> None:
    """Even if several of its paths match; it may be async, and others may raise."""

    async def work(app: eggd.Application, heard: Heard) -> None:
        def broken(change: eggd.FileChange) -> None:
            raise ValueError(f"broken by {change.event}")

        app.watcher.watch("a", broken)
        app.watcher.watch(["a", "a/b"], heard.later)
        await app.watcher.ready()
        make_app(heard.root, {"a/b/c": "1"})
        changes = [await heard.next() for _ in range(3)]
        assert changes == ["created a", "created a/b", "created a/b/c"]
        assert heard.changes.empty()

    assert "ValueError: broken by created" in run(tmp_path, {}, work)


def test_slow_listeners_hold_changes_back_and_the_newest_are_dropped(tmp_path: Path) -> None:
    """One listener runs at once, three changes wait in order, and the rest is one line."""
    options = "watcher = {'max_listeners': 1, 'max_waiting': 3}\n"

    async def work(app: eggd.Application, heard: Heard) -> None:
        running, go = asyncio.Semaphore(0), asyncio.Semaphore(0)

        async def slow(change: eggd.FileChange) -> None:
            running.release()
            await go.acquire()
            heard(change)

        app.watcher.watch("a", slow)
        await app.watcher.ready()
        make_app(heard.root, {"a/0": ""})
        await running.acquire()
        make_app(heard.root, {f"a/{number}": "" for number in range(1, 9)})
        while "are dropped" not in (heard.root / "logs/shop-web.log").read_text():
            app.loggers.flush()
            await asyncio.sleep(0.01)
        assert heard.changes.empty()
        for _ in range(5):
            go.release()
        changes = [await heard.next() for _ in range(4)]
        assert len({*changes}) == 4
        assert changes[0].startswith("created a")

    run(tmp_path, {"config/config_default.py": options}, work)


@pytest.mark.parametrize(
    "path",
    ["", "/", "a\0b", "a/\ud800", "../" * 40, "a" * 256, "a/" * 2500],
    ids=["empty", "root", "NUL", "surrogate", "above", "long name", "long path"],
)
def test_a_path_that_cannot_be_watched_is_an_error(tmp_path: Path, path: str) -> None:
    """Egg ignores a path that is empty (process:WAT-4)."""

    async def work(app: eggd.Application, heard: Heard) -> None:
        with pytest.raises(EggError, match="cannot be watched"):
            app.watcher.watch(path, heard)

    run(tmp_path, {}, work)


def test_the_paths_of_a_process_are_limited(tmp_path: Path) -> None:
    """A path that follows from requests would exhaust the agent."""

    async def work(app: eggd.Application, heard: Heard) -> None:
        app.watcher.watch(["1", "2", "3"], heard)
        app.watcher.watch("3", heard)
        with pytest.raises(EggError, match="more than 3 paths"):
            app.watcher.watch("4", heard)
        app.watcher.unwatch("1")
        app.watcher.watch("4", heard)

    files = {"config/config_default.py": "watcher = {'max_paths': 3, 'log_config': False}"}
    run(tmp_path, files, work)


SOURCE = """
    from eggd.plugins.watcher import EventSource

    class Remote(EventSource):
        async def ready(self):
            self.log = []
            self.info(f"ready with {self.options.address}")

        def watch(self, path):
            self.log.append(path)
            if path.endswith("broken"):
                raise OSError("no such host")

        def unwatch(self, path):
            self.log.remove(path)

        async def close(self):
            self.warn("closed")
"""
CUSTOM = {
    "source.py": SOURCE,
    "section.py": """
        from dataclasses import dataclass

        @dataclass
        class WatcherCustomConfig:
            address: str = ""
        """,
    "config/config_default.py": """
        watcher = {"type": "custom", "event_sources": {"custom": "source.py"}, "log_config": False}
        watcher_custom = {"address": "consul:8500"}
        """,
}


def test_a_custom_event_source(tmp_path: Path) -> None:
    """A class of the app reports changes (process:WAT-2, WAT-6, WAT-7); its errors are logged."""

    async def work(app: eggd.Application, heard: Heard) -> None:
        app.watcher.watch(["a/b", "broken"], heard)
        await app.watcher.ready()
        source = cast("Any", app.agent.watcher).source
        assert source.log == [f"{heard.root}/a/b", f"{heard.root}/broken"]
        source.emit_change(f"{heard.root}/a/bc")
        source.emit_change(f"{heard.root}/a/b/c", "created")
        assert await heard.next() == "created a/b/c"
        source.emit_fuzzy_change(f"{heard.root}/a/b/c")
        source.emit_fuzzy_change(f"{heard.root}/a")
        assert await heard.next() == "fuzzy a"
        app.watcher.unwatch(["a/b", "broken"])
        await app.watcher.ready()
        source.error("lost the connection")

    log = run(tmp_path, CUSTOM, work)
    assert "[watcher] ready with consul:8500" in log
    assert "broken: OSError('no such host')" in log  # process:WAT-12
    assert "[watcher] lost the connection" in log
    assert "[watcher] closed" in log


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ("{'type': 'inotfy'}", "watcher.type: 'inotfy' is not an event source"),
        ("{'type': 'x', 'event_sources': {'x': 'x.py'}}", "x.py does not exist"),
        ("{'type': 'x', 'event_sources': {'x': 'y.py'}}", "is not a subclass of EventSource"),
        ("{'type': 'x', 'event_sources': {'x': 1}}", "1 is not a subclass of EventSource"),
        (
            "{'type': 'x', 'event_sources': {'x': 'z.py'}}",
            "z.py defines no subclass",
        ),
        ("{'max_files': 0}", "watcher.max_files must be a whole number from 1"),
    ],
)
def test_a_wrong_option_fails_the_start(tmp_path: Path, options: str, error: str) -> None:
    """One line with the place (process:WAT-2)."""
    sources = {"y.py": "class Other: pass", "z.py": "number = 1"}
    files = {"config/config_default.py": f"watcher = {options}", **sources}
    with pytest.raises((ConfigError, LoadError)) as raised:
        asyncio.run(eggd.start(make_app(tmp_path / "shop", files), env="prod"))
    assert error in raised.value.line


def test_the_default_source_reports_nothing(tmp_path: Path) -> None:
    """As Egg's in production (process:WAT-1)."""

    async def work(app: eggd.Application, heard: Heard) -> None:
        app.watcher.watch("a", heard)
        await app.watcher.ready()
        app.watcher.unwatch("a")

    log = run(tmp_path, {"config/config_default.py": "watcher = {'type': 'default'}"}, work)
    assert "defaultEventSource watcher will NOT take effect" in log
    assert "using defaultEventSource watcher.watch() does NOTHING" in log


def test_polling(tmp_path: Path) -> None:
    """For file systems without events."""

    async def work(app: eggd.Application, heard: Heard) -> None:
        app.watcher.watch("a", heard)
        await app.watcher.ready()
        (heard.root / "a").touch()
        assert await heard.next() == "created a"

    options = "watcher = {'type': 'polling', 'poll_interval': 0.02}"
    run(tmp_path, {"config/config_default.py": options}, work)


def test_a_pattern_causes_a_warning(tmp_path: Path) -> None:
    """A file of that name may come later, so it is watched."""

    async def work(app: eggd.Application, heard: Heard) -> None:
        app.watcher.watch("rates/*.json", heard)

    text = "rates/*.json: patterns have no meaning (watch the directory)"
    assert text in run(tmp_path, {}, work)
