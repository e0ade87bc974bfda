"""The real thing: processes that all write to one log while the agent rotates it."""

from __future__ import annotations

import re
from http.client import HTTPConnection
from pathlib import Path

import pytest

from eggd.testing.make_app import make_app
from eggd.testing.suite import Suite

LINES = 600
WRITER = """
    import asyncio
    import datetime as dt
    import os
    import sys

    from eggd import Boot


    class Writer(Boot):
        async def did_load(self):
            self.app.messenger.on("write", self.write)
            if self.app.type == "agent":
                self.app.messenger.on("rotate", self.rotate)

        async def write(self, lines):
            count = self.app.get_logger("count")
            for number in range(lines):
                count.info("%d %d", os.getpid(), number)
                await asyncio.sleep(1 / 300)
            self.app.loggers.flush()
            print("written", file=sys.stderr, flush=True)

        async def rotate(self, days):
            for day in days:
                await asyncio.sleep(0.5)
                await self.app.logrotator.rotate(dt.datetime(2030, 1, day + 1, 0, 0, 1))
            print("rotated", file=sys.stderr, flush=True)
"""
ROUTER = """
    def go(ctx):
        ctx.app.messenger.broadcast("write", int(ctx.query["lines"]))
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


def run(suite: Suite) -> None:
    """Have every process write while the agent rotates three times."""
    client = HTTPConnection("127.0.0.1", suite.port)
    client.request("GET", f"/go?lines={LINES}")
    assert client.getresponse().read() == b"gone"
    client.close()
    for child in suite.children:
        child.wait_line("written")
    suite.agent.wait_line("rotated")


@pytest.mark.slow
def test_every_line_is_there_once_and_in_order(tmp_path: Path) -> None:
    with Suite(app_dir=make_app(tmp_path / "shop", APP), workers=4) as suite:
        run(suite)
        pids = {child.pid for child in suite.children}
        names = [f"count.log.2030-01-0{day}" for day in (1, 2, 3)]
        parts = [(suite.logdir / name).read_text() for name in [*names, "count.log"]]
    assert all(parts)
    found = [(int(pid), int(n)) for pid, n in re.findall(r"(\d+) (\d+)\n", "".join(parts))]
    assert len(found) == 5 * LINES
    for pid in pids:
        assert [number for who, number in found if who == pid] == list(range(LINES))
