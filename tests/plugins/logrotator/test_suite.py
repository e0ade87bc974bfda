"""The real thing: processes that all write to one log while the agent rotates it."""

from __future__ import annotations

import re
from http.client import HTTPConnection
from pathlib import Path

import pytest

from eggd.testing.make_app import make_app
from eggd.testing.suite import Suite

WRITER = """
    import asyncio
    import datetime as dt
    import itertools
    import os
    import sys

    from eggd import Boot


    class Writer(Boot):
        async def did_load(self):
            self.enough, self.more = asyncio.Event(), asyncio.Event()
            self.app.messenger.on("write", self.write)
            self.app.messenger.on("enough", lambda data: self.enough.set())
            if self.app.type == "agent":
                self.app.messenger.on("rotate", self.rotate)

        async def write(self, data):
            count = self.app.get_logger("count")
            for number in itertools.count():
                count.info("%d %d", os.getpid(), number)
                if number % 100 == 99:
                    self.more.set()
                    if self.enough.is_set():
                        break
                await asyncio.sleep(1 / 300)
            self.app.loggers.flush()
            print("all written", number + 1, file=sys.stderr, flush=True)

        async def rotate(self, days):
            for day in days:
                self.more.clear()
                await self.more.wait()
                await self.app.logrotator.rotate(dt.datetime(2030, 1, day + 1, 0, 0, 1))
            self.app.messenger.broadcast("enough")
"""
ROUTER = """
    def go(ctx):
        ctx.app.messenger.broadcast("write")
        ctx.app.messenger.send_to_agent("rotate", [1, 2, 3])
        ctx.body = "gone"


    def router(app):
        app.router.get("/go", go)
"""
CONFIG = 'logger = {"custom_logger": {"count": {"file": "count.log"}}, "flush_interval": "100ms"}'
APP = {
    "app.py": WRITER,
    "agent.py": WRITER,
    "app/router.py": ROUTER,
    "config/config_default.py": CONFIG,
}


def run(suite: Suite) -> dict[int, int]:
    """Has every process write until the agent has rotated three times; lines by pid."""
    client = HTTPConnection("127.0.0.1", suite.port)
    client.request("GET", "/go")
    assert client.getresponse().read() == b"gone"
    client.close()
    said = {child.pid: child.wait_line("all written") for child in suite.children}
    return {pid: int(line.split()[2]) for pid, line in said.items()}


@pytest.mark.slow
def test_every_line_is_there_once_and_in_order(tmp_path: Path) -> None:
    with Suite(app_dir=make_app(tmp_path / "shop", APP), workers=4) as suite:
        counts = run(suite)
        names = [f"count.log.2030-01-0{day}" for day in (1, 2, 3)]
        parts = [(suite.logdir / name).read_text() for name in [*names, "count.log"]]
    assert all(parts)
    found = [(int(pid), int(n)) for pid, n in re.findall(r"(\d+) (\d+)\n", "".join(parts))]
    assert len(found) == sum(counts.values())
    for pid, count in counts.items():
        assert [number for who, number in found if who == pid] == list(range(count))
