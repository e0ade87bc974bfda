"""The resource that jobs change: a database with the greatest token and the effects of each tick.

Its statements refuse an outdated token (docs/scale.md).
"""

from __future__ import annotations

import sqlite3
from pathlib import Path

JOB = """
    import asyncio
    import os
    import random
    import sqlite3

    schedule = {{"type": "cluster", "cron": "* * * * * *", "at": "{at}", "takeover": {takeover}}}

    def execute(*statement):
        with sqlite3.connect(os.environ["SHARED"] + "/resource", timeout=60) as database:
            return database.execute(*statement).rowcount

    async def task(ctx):
        claim = ctx.claim
        about = "{name}", claim.tick, claim.token
        execute("INSERT INTO start VALUES (?, ?, ?)", about)
        execute(
            "INSERT INTO effect VALUES (?, ?, ?, 0) ON CONFLICT DO UPDATE"
            " SET token = excluded.token WHERE excluded.token > token", about
        )
        await asyncio.sleep(random.uniform(0, 0.3))
        execute(
            "UPDATE effect SET count = count + 1"
            " WHERE job = ? AND tick = ? AND token = ? AND count = 0", about
        )
"""


class Resource:
    """The file of a test."""

    def __init__(self, folder: Path) -> None:
        self._database = sqlite3.connect(folder / "resource", timeout=60, isolation_level=None)
        self._database.executescript(
            """
            PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF;
            CREATE TABLE start (job, tick, token);
            CREATE TABLE effect (job, tick, token, count, PRIMARY KEY (job, tick));
            """
        )

    def rows(self, statement: str, *values: object) -> list[tuple[object, ...]]:
        """Returns the rows of a SELECT."""
        return self._database.execute(statement, values).fetchall()

    def count(self, statement: str, *values: object) -> int:
        """Returns the one number of a SELECT."""
        return int(self._database.execute(statement, values).fetchone()[0])
