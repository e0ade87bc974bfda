import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple

from eggd import Service

TABLE = """
    CREATE TABLE IF NOT EXISTS entries (
        id INTEGER PRIMARY KEY,
        day TEXT NOT NULL DEFAULT CURRENT_DATE,
        name TEXT NOT NULL,
        text TEXT NOT NULL,
        mime TEXT NOT NULL,
        picture BLOB
    )
"""
ADD = """
    INSERT INTO entries (name, text, mime, picture)
    SELECT ?1, ?2, ?3, ?4 WHERE NOT EXISTS (
        SELECT 1 FROM entries WHERE id = (SELECT max(id) FROM entries)
        AND name = ?1 AND text = ?2 AND picture IS ?4
    )
"""


class Entry(NamedTuple):
    id: int
    day: str
    name: str
    text: str
    mime: str
    """The media type of the picture; empty without one."""


class EntriesService(Service):
    """The entries, in SQLite; every statement runs in a thread, so that requests go on."""

    async def latest(self, limit: int = 50) -> list[Entry]:
        sql = "SELECT id, day, name, text, mime FROM entries ORDER BY id DESC LIMIT ?"
        return [Entry(*row) for row in await asyncio.to_thread(self._run, sql, limit)]

    async def count(self) -> int:
        [[count]] = await asyncio.to_thread(self._run, "SELECT count(*) FROM entries")
        return int(count)

    async def add(self, name: str, text: str, mime: str, picture: Path | None) -> int:
        """Returns the id of the new entry, or of the last one if it is the same: a double click."""
        content = await asyncio.to_thread(picture.read_bytes) if picture else None
        await asyncio.to_thread(self._run, ADD, name, text, mime, content)
        same = "SELECT max(id) FROM entries WHERE name = ? AND text = ? AND picture IS ?"
        [[id]] = await asyncio.to_thread(self._run, same, name, text, content)
        return int(id)

    async def picture(self, id: int) -> tuple[str, bytes] | None:
        """Returns the media type and the content of the picture of an entry."""
        sql = "SELECT mime, picture FROM entries WHERE id = ? AND picture NOT NULL"
        rows = await asyncio.to_thread(self._run, sql, id)
        return (rows[0][0], rows[0][1]) if rows else None

    def _run(self, sql: str, *values: object) -> list[Any]:
        with closing(sqlite3.connect(self.app.state_dir / "guestbook.sqlite")) as db, db:
            db.execute(TABLE)
            return db.execute(sql, values).fetchall()
