"""Sessions in a SQLite file that all workers of a host share.

Each worker has one connection and one thread that uses it: calls wait for each other, not the loop.
The file is in write-ahead mode, so that readers never wait for a writer.
"""

from __future__ import annotations

import asyncio
import json
import os
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from time import time
from typing import TypeVar

from eggd import Logger, Outage
from eggd.plugins.session.codec import dump
from eggd.plugins.session.section import SqliteOptions
from eggd.plugins.session.stores import ONE_DAY, StoreDownError

T = TypeVar("T")

_SCHEMA = """
    CREATE TABLE IF NOT EXISTS session (
        key TEXT PRIMARY KEY, entry TEXT NOT NULL, expires REAL NOT NULL
    ) WITHOUT ROWID;
    CREATE INDEX IF NOT EXISTS session_expires ON session (expires);
"""
SWEPT = 1000
"""Expired sessions removed in one transaction: a worker that writes waits for no more."""


class SqliteStore:
    """A store on this host; it survives its workers, and a crash of the host loses the last second.

    Every method raises StoreDownError if the file cannot be used within `timeout`.
    """

    def __init__(self, file: Path, options: SqliteOptions, logger: Logger) -> None:
        self._file = file
        self._timeout = options.timeout
        title = f"[session] the session file {str(file)!r}"
        effect = "requests with a session get 503"
        self._outage = Outage(title, lambda: logger, effect=effect)
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="session")
        self._connection: sqlite3.Connection | None = None
        """Used by the thread only; None before the first use, and after an error."""

    async def get(self, key: str) -> dict[str, object] | None:
        """Returns the entry, None if it does not exist or has expired."""
        text = await self._run(lambda database: _select(database, key))
        if text is None:
            return None
        entry: dict[str, object] = json.loads(text)
        return entry

    async def set(self, key: str, entry: dict[str, object], max_age: float | None) -> None:
        """Inserts or replaces the entry; it is on its way to the disk when this returns."""
        row = (key, dump(entry), time() + (max_age or ONE_DAY))
        await self._run(
            lambda database: database.execute(
                "INSERT OR REPLACE INTO session VALUES (?, ?, ?)", row
            )
        )

    async def destroy(self, key: str) -> None:
        """Deletes the entry."""
        await self._run(
            lambda database: database.execute("DELETE FROM session WHERE key = ?", (key,))
        )

    async def sweep(self) -> int:
        """Deletes all expired entries, some at a time; returns how many."""
        total = 0
        while swept := await self._run(_sweep):
            total += swept
        return total

    async def close(self) -> None:
        """Closes the file, once the calls that wait are done."""
        await asyncio.get_running_loop().run_in_executor(self._thread, self._disconnect)
        self._thread.shutdown(wait=False)

    async def _run(self, use: Callable[[sqlite3.Connection], T]) -> T:
        try:
            result = await asyncio.get_running_loop().run_in_executor(self._thread, self._use, use)
        except (sqlite3.Error, OSError) as exc:
            self._outage.failure(exc)
            raise StoreDownError.reported(f"session store {str(self._file)!r}: {exc}") from exc
        self._outage.success()
        return result

    def _use(self, use: Callable[[sqlite3.Connection], T]) -> T:
        try:
            if self._connection is None:
                self._connection = self._connect()
            return use(self._connection)
        except sqlite3.Error:
            self._disconnect()
            raise

    def _connect(self) -> sqlite3.Connection:
        # Only this user: an id in the file opens the session.
        os.close(os.open(self._file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600))
        database = sqlite3.connect(self._file, timeout=self._timeout, isolation_level=None)
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("PRAGMA synchronous = NORMAL")
        database.executescript(_SCHEMA)
        return database

    def _disconnect(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def _select(database: sqlite3.Connection, key: str) -> str | None:
    row = database.execute(
        "SELECT entry FROM session WHERE key = ? AND expires >= ?", (key, time())
    ).fetchone()
    return None if row is None else str(row[0])


def _sweep(database: sqlite3.Connection) -> int:
    return database.execute(
        "DELETE FROM session WHERE key IN (SELECT key FROM session WHERE expires < ? LIMIT ?)",
        (time(), SWEPT),
    ).rowcount
