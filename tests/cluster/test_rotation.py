"""Agent and workers write one log while it is rotated: every line once, in order per process."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

import pytest

from eggd.testing.child import Child
from tests.cluster.clients import Client
from tests.cluster.conftest import Start

ROTATIONS = 3
FULL = pytest.param(50_000, marks=[pytest.mark.soak, pytest.mark.timeout(900)])

WRITER = """
    import asyncio
    import datetime as dt
    import itertools
    import os
    import sys

    from eggd import Boot


    class WriterBoot(Boot):
        def config_did_load(self):
            self.numbers = itertools.count()
            self.app.messenger.on("write", self.write)
            self.app.messenger.on("rotate", self.rotate)

        async def write(self, count):
            for _ in range(count):
                self.app.get_logger("shared").info("<%d %d>", os.getpid(), next(self.numbers))
                await asyncio.sleep(0)
            print("written", file=sys.stderr, flush=True)

        async def rotate(self, day):
            if self.app.type == "agent":
                await self.app.logrotator.rotate(dt.datetime(2026, 1, 1 + day, 0, 0, 1))
                print("rotated", day, file=sys.stderr, flush=True)
"""

FILES = {
    "app.py": WRITER,
    "agent.py": WRITER,
    "config/config_default.py": """
        logger = {"custom_logger": {"shared": {"file": "shared.log"}}}
    """,
    "app/router.py": """
        async def tell(ctx):
            ctx.app.messenger.broadcast(ctx.query["action"], int(ctx.query["data"]))
            ctx.body = "told"


        def router(app):
            app.router.get("/tell", tell)
    """,
}


def numbers(logdir: Path) -> dict[int, list[int]]:
    """Returns what each pid wrote, the renamed files first, by date."""
    found = defaultdict(list)
    first, *renamed = sorted(logdir.glob("shared.log*"))
    for file in [*renamed, first]:
        for line in file.read_text().splitlines():
            pid, number = line.rpartition("<")[2].rstrip(">").split()
            found[int(pid)].append(int(number))
    return dict(found)


def wrote(child: Child, times: int) -> None:
    child.wait(lambda child: child.lines.count("written") == times, f"burst {times}")


@pytest.mark.parametrize("lines", [400, FULL])
def test_every_line_exactly_once(start: Start, lines: int, figure: Callable[[str], None]) -> None:
    suite = start(workers=4, files=FILES)
    suite.agent.wait(lambda child: child.status.startswith("ready: 4"), "four members")
    with Client(suite) as client:
        for day in range(1, ROTATIONS + 1):
            client.get(f"/tell?action=write&data={lines}")
            client.get(f"/tell?action=rotate&data={day}")
            suite.agent.wait_line(f"rotated {day}")
        client.get(f"/tell?action=write&data={lines}")
        for child in suite.children:
            wrote(child, ROTATIONS + 1)
    pids = [child.pid for child in suite.children]
    for child in reversed(suite.children):
        assert suite.stop(child.name) == 0
    assert len(list(suite.logdir.glob("shared.log.2026-01-*"))) == ROTATIONS
    expected = list(range(lines * (ROTATIONS + 1)))
    assert numbers(suite.logdir) == dict.fromkeys(pids, expected)
    total = len(expected) * len(pids)
    figure(f"{total:,} lines of {len(pids)} processes, {ROTATIONS} rotations: each exactly once")
