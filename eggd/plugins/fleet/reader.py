"""Passes the entries of the engine to the processes of this host, in order."""

from __future__ import annotations

import asyncio
import json
from collections import deque
from collections.abc import Callable
from time import monotonic

from eggd import Logger
from eggd.plugins.fleet.engine import MOST_ENTRIES, Engine, Entry
from eggd.plugins.fleet.engine_outage import EngineOutage, retry_pauses
from eggd.plugins.fleet.progress import PATIENCE, Progress
from eggd.plugins.fleet.writer import Record, is_record

SAVE_PAUSE = 0.2
"""Seconds between two notes of the cursor on the engine."""

NO_ENTRY = "0-0"
"""The id before that of every entry."""

BETWEEN_AGENTS = ("request", "answer")
"""Receivers of records that agents handle themselves."""


class Reader:
    """The one reader of this host."""

    def __init__(
        self,
        engine: Engine,
        host: str,
        outage: EngineOutage,
        progress: Progress,
        deliver: Callable[[int, list[Record]], bool],
        between: Callable[[Record], None],
        log: Logger,
    ) -> None:
        """`deliver` sends records to the processes of this host, and returns whether it could;
        `between` takes requests and answers."""
        self._engine = engine
        self._host = host
        self._outage = outage
        self._progress = progress
        self._deliver, self._between = deliver, between
        self._log = log
        self._cursor = ""
        """The id of the last entry that was read; empty before the engine was reached."""
        self._begin = (0, 0)
        """The id of the last entry before this agent: its records are not new."""
        self._number = 0
        """The number of the last entry; 0 before the first."""
        self._seen: deque[str] = deque(maxlen=MOST_ENTRIES)
        """The ids of the last entries."""
        self._pauses = retry_pauses()
        self.opened = asyncio.Event()
        """Set when the place in the stream is known."""

    async def work(self) -> None:
        """Reads and delivers, until this is cancelled."""
        while True:
            try:
                if not self._cursor:
                    await self._open()
                elif self._pauses.is_retrying:
                    await self._return_to_end()
                entries = await self._engine.read(self._cursor)
                self._pauses.success()
                self._outage.success()
            except Exception as exc:  # the client's errors depend on its version
                await self._unreached(exc)
                continue
            for entry in entries:
                await self._progress.room()
                await self._take(entry)
                self._cursor = entry[0]
                self._seen.append(entry[0])

    async def save(self) -> None:
        """Notes the cursor on the engine after it has changed, until this is cancelled."""
        saved = ""
        while True:
            await self._progress.changed.wait()
            self._progress.changed.clear()
            if saved != (cursor := self._progress.cursor):
                try:
                    await self._engine.save_cursor(self._host, cursor)
                    saved = cursor
                except Exception:  # the reader reports the outage; the next change is noted
                    self._log.debug("[egg-fleet] the cursor %s was not noted", cursor)
            await asyncio.sleep(SAVE_PAUSE)

    async def _open(self) -> None:
        tail = (await self._engine.last(1) or [NO_ENTRY])[0]
        cursor = await self._engine.load_cursor(self._host)
        if cursor and _order(cursor.partition(" ")[0]) > _order(tail):
            self._report_loss()
            cursor = ""
        if not cursor:
            cursor = f"{tail} 0"
            await self._engine.save_cursor(self._host, cursor)
        self._begin = _order(tail)
        self._cursor, _, number = cursor.partition(" ")
        self._number = int(number or 0)
        self.opened.set()

    async def _return_to_end(self) -> None:
        """Moves the cursor back if the server has lost the entries up to it.

        Without that, this host would read nothing until the server's ids are past the cursor: for
        long if the clock of the new master is behind that of the old one.
        """
        last = await self._engine.last(MOST_ENTRIES)
        if last and _order(last[0]) >= _order(self._cursor):
            return
        known = next((each for each in last if each in self._seen), "")
        if not known and not last and _order(self._cursor) == _order(NO_ENTRY):
            return
        self._report_loss()
        # Of a server that has fewer entries all are new.
        self._cursor = known or (last[-1] if len(last) == MOST_ENTRIES else NO_ENTRY)
        self._begin, self._number = _order(self._cursor), 0
        self._progress.restart()

    def _report_loss(self) -> None:
        text = "[egg-fleet] the server has lost entries (failover, or a restart without its data)"
        self._log.error("%s: messages that it had confirmed are lost", text)

    async def _unreached(self, exc: Exception) -> None:
        self._outage.failure(exc)
        await asyncio.sleep(self._pauses.failure())

    async def _take(self, entry: Entry) -> None:
        identity, number, text = entry
        if self._number and number > self._number + 1:
            lost = number - self._number - 1
            text_lost = "[egg-fleet] %d entries were dropped before this host read them"
            self._log.error(f"{text_lost} (fleet.backlog)", lost)
        elif self._number and number <= self._number:
            self._report_loss()
            self._progress.restart()
        self._number = number
        is_new = _order(identity) > self._begin
        records = [_kept(each, is_new=is_new) for each in _records(text) if self._is_mine(each)]
        local = [each for each in records if each and each[4] not in BETWEEN_AGENTS]
        for record in records:
            if record and record[4] in BETWEEN_AGENTS:
                self._between(record)
        if local:
            self._progress.sent(number, identity)
            await self._pass(number, local)
        else:
            self._progress.passed(number, identity)

    async def _pass(self, number: int, records: list[Record]) -> None:
        """Sends records, perhaps again: a process ignores those that it has received."""
        end = monotonic() + PATIENCE
        while not self._deliver(number, records):
            if monotonic() > end:
                text = "[egg-fleet] entry %d is lost for a process whose queue is full"
                self._log.error(text, number)
                return
            await asyncio.sleep(0.05)

    def _is_mine(self, record: Record) -> bool:
        return record[3] in ("", self._host)


def _records(text: str) -> list[Record]:
    """Returns the records of an entry, without those that no agent has written."""
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        return []
    return [each for each in data if is_record(each)] if isinstance(data, list) else []


def _kept(record: Record, *, is_new: bool) -> Record:
    """Returns a record as this agent passes it on; empty if it must not.

    Before this agent, another one of this host may have handled what must not be handled twice:
    workers know the lanes, an agent does not.
    """
    if is_new or not str(record[0]).endswith("?"):
        return record
    if record[4] not in ("all", "app"):
        return []
    return [*record[:4], "app", *record[5:]]


def _order(identity: str) -> tuple[int, int]:
    """Returns the id of an entry as numbers: time and count."""
    time, _, count = identity.partition("-")
    return int(time), int(count)
