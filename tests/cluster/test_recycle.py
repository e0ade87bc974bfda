"""Workers that have reached a limit are replaced one at a time, without a failed request."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from eggd.supervisor.merged_output import MergedOutput
from eggd.supervisor.settings import Settings
from eggd.supervisor.supervisor import Supervisor
from eggd.testing.make_app import make_app
from tests.host.load import Client, Tally

LONGEST = 120.0
TICK = "200000"
"""WATCHDOG_USEC: limits are checked every 0.1 s."""

ROUTER = """
    import os

    LEAK = []


    async def pid(ctx):
        ctx.body = str(os.getpid())


    async def leak(ctx):
        LEAK.append(b"x" * (1 << 20))
        ctx.body = str(os.getpid())


    def router(app):
        app.router.get("/", pid)
        app.router.get("/leak", leak)
"""


class Lines(MergedOutput):
    """Merged output that is kept in memory."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []

    def write_line(self, identifier: str, pid: int, text: str, priority: int = 6) -> None:
        self.texts.append(f"{identifier}: {text}")


class Stage:
    """A real suite of an app under a supervisor, and the lines of all its processes."""

    def __init__(self, supervisor: Supervisor, lines: Lines) -> None:
        self.supervisor = supervisor
        self.lines = lines
        self.fewest = 99
        """The fewest ready workers after any event."""

    @property
    def ready(self) -> int:
        """The workers that are ready now."""
        units = [f"egg-worker@{slot}.service" for slot in self.supervisor.enabled]
        return sum(self.supervisor.service(unit).ready for unit in units)

    def status(self) -> Any:
        """The agent's status file."""
        return json.loads((self.supervisor.settings.places.run / "status.json").read_text())

    async def until(self, happened: Callable[[], bool]) -> None:
        """Waits for an event of a process after which `happened()` is true."""

        def noted() -> bool:
            self.fewest = min(self.fewest, self.ready)
            return happened()

        await asyncio.wait_for(self.supervisor.wait_until(noted), LONGEST)

    async def replaced(self, times: int) -> None:
        """Waits until `times` processes were started again, and all are ready."""
        goal = self.supervisor.deaths + times
        await self.until(lambda: self.supervisor.deaths >= goal)
        await self.until(lambda: self.ready == len(self.supervisor.enabled))

    @contextmanager
    def load(self, path: str, clients: int = 8, *, new: bool = False) -> Iterator[Tally]:
        """Sends requests without pause meanwhile."""
        port = int(self.supervisor.url.rpartition(":")[2])
        tally, stop, first = Tally(), asyncio.Event(), asyncio.Semaphore(0)
        tasks = [
            asyncio.ensure_future(Client(port, path, tally, new=new, tls=None).run(first, stop))
            for _ in range(clients)
        ]
        self._running = asyncio.gather(*tasks)
        try:
            yield tally
        finally:
            stop.set()

    async def ended(self) -> None:
        """Waits for the end of the load."""
        await asyncio.wait_for(self._running, LONGEST)


Scene = Callable[[Stage], Coroutine[object, object, None]]


def play(home: Path, scene: Scene, recycle: dict[str, object], workers: int = 2) -> None:
    """Runs one scene on a suite whose config has these limits."""
    config = f"cluster = {{'recycle': {recycle!r}}}\nlogger = {{'level': 'INFO'}}\n"
    app = make_app(home / "shop", {"app/router.py": ROUTER, "config/config_default.py": config})

    async def run() -> None:
        lines = Lines()
        settings = Settings(
            base_dir=app,
            workers=workers,
            listen="127.0.0.1:0",
            environ={"WATCHDOG_USEC": TICK},
            logs=home / "logs",
        )
        async with Supervisor(settings, lines) as supervisor:
            await scene(Stage(supervisor, lines))

    asyncio.run(run())


@pytest.mark.parametrize(
    ("path", "recycle", "text"),
    [
        ("/", {"max_requests": 300}, "requests"),
        ("/", {"max_age": "1s", "jitter": 1.0}, " s"),
        ("/leak", {"max_memory": "150mb"}, "MiB of memory"),
    ],
)
def test_workers_are_replaced_under_load(
    tmp_path: Path, path: str, recycle: dict[str, object], text: str
) -> None:
    """No request fails, and the other worker always serves."""

    async def scene(stage: Stage) -> None:
        with stage.load(path) as tally:
            await stage.replaced(2)
        await stage.ended()
        assert tally.failures == []
        assert tally.requests > 0
        assert stage.fewest >= 1
        texts = [
            each["last_restart"]["text"] for each in stage.status()["workers"] if "restarts" in each
        ]
        assert texts
        assert all(each.startswith("recycled ") and each.endswith(text) for each in texts)
        assert any("this worker is recycled" in each for each in stage.lines.texts)

    play(tmp_path, scene, recycle)


def test_new_connections_wait_while_the_only_worker_is_replaced(tmp_path: Path) -> None:
    async def scene(stage: Stage) -> None:
        with stage.load("/", new=True) as tally:
            await stage.replaced(2)
        await stage.ended()
        assert tally.failures == []

    play(tmp_path, scene, {"max_requests": 200}, workers=1)


def test_without_limits_no_worker_is_replaced(tmp_path: Path) -> None:
    async def scene(stage: Stage) -> None:
        with stage.load("/") as tally:
            unit = stage.supervisor.service("egg-worker@1.service")
            pid = unit.pid
            await stage.until(lambda: tally.requests > 2000)
        await stage.ended()
        assert (stage.supervisor.deaths, unit.pid) == (0, pid)

    play(tmp_path, scene, {})
