"""Passes the messages of this host's processes to the engine: one batch at a time, in order."""

from __future__ import annotations

import asyncio
import json
import re
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from eggd.plugins.fleet.engine import Engine
from eggd.plugins.fleet.engine_outage import EngineOutage, retry_pauses

MOST_UNSURE = 10_000
"""Records of `most_once` that wait for the engine; the next one is dropped."""
MOST_LANES = 10_000
"""Lanes whose numbers are known; the one that was silent longest is forgotten."""
ENTRY_SIZE = 64 << 10
"""Characters of an entry; a larger record has an entry of its own."""
BATCH_SIZE = 1 << 20
"""Characters of a batch."""
PAUSE = 0.005
"""Seconds between two batches, in which records gather."""

_LANE = re.compile(r"[A-Za-z0-9._-]{1,64}/(?:worker|agent)/\d{1,3}/[0-9a-f]{12}\??")

Record = list[object]
Answer = Callable[[int, str, object], None]
"""Sends a local message: pid, action and data."""


@dataclass(slots=True)
class _Lane:
    """A lane of `least_once`."""

    expected: int
    """The number that comes next."""
    taken: int
    """The number up to which the engine has the records."""
    asked: bool = False
    """Whether its process was asked to send again, and has not yet."""


def is_record(data: object) -> bool:
    """Returns whether data of a process, or of the engine, has the form of a record."""
    match data:
        case [str(lane), int(number), int(first), str(), str(), str(), str()]:
            return _LANE.fullmatch(lane) is not None and number > 0 and first >= 0
    return False


class Writer:
    """The queue to the engine."""

    def __init__(self, engine: Engine, outage: EngineOutage, taken: Answer, again: Answer) -> None:
        self._engine = engine
        self._outage = outage
        self._taken, self._again = taken, again
        self._queue: deque[tuple[Record, str, int]] = deque()
        """Records, each with its text and the pid of its sender."""
        self._unsure = 0
        """Records of `most_once` in the queue."""
        self._lanes: dict[str, _Lane] = {}
        self._news = asyncio.Event()
        self._pauses = retry_pauses()

    def __len__(self) -> int:
        """Returns the records that wait."""
        return len(self._queue)

    def put(self, record: Record, pid: int) -> None:
        """Takes a record of a process, unless it came before or one before it is missing."""
        lane, number, first = str(record[0]), record[1], record[2]
        if not isinstance(number, int) or not isinstance(first, int):
            return
        if lane.endswith("?"):
            self._put_unsure(record, pid)
        elif self._accepts(lane, number, first, pid):
            self._add(record, pid)

    async def work(self) -> None:
        """Adds batches to the engine, until this is cancelled."""
        while True:
            await self._news.wait()
            batch = self._batch()
            if not batch:
                self._news.clear()
                continue
            await self._write(batch)
            await asyncio.sleep(PAUSE)

    def _put_unsure(self, record: Record, pid: int) -> None:
        if self._outage.is_on or self._unsure >= MOST_UNSURE:
            self._outage.dropped += 1
            return
        self._unsure += 1
        self._add(record, pid)

    def _add(self, record: Record, pid: int) -> None:
        self._queue.append((record, json.dumps(record, separators=(",", ":")), pid))
        self._news.set()

    def _accepts(self, name: str, number: int, first: int, pid: int) -> bool:
        lane = self._lanes.pop(name, None) or _Lane(first, first - 1)
        self._lanes[name] = lane
        if len(self._lanes) > MOST_LANES:
            del self._lanes[next(iter(self._lanes))]
        if number == lane.expected:
            lane.expected, lane.asked = number + 1, False
            return True
        if number <= lane.taken:
            self._taken(pid, name, lane.taken)
        elif number > lane.expected and not lane.asked:
            lane.asked = True
            self._again(pid, name, None)
        return False

    def _batch(self) -> list[tuple[Record, str, int]]:
        """Returns the first records of the queue, which stay there."""
        batch: list[tuple[Record, str, int]] = []
        size = 0
        for item in self._queue:
            size += len(item[1])
            if batch and size > BATCH_SIZE:
                break
            batch.append(item)
        return batch

    async def _write(self, batch: list[tuple[Record, str, int]]) -> None:
        try:
            await self._engine.add(_payloads([text for _, text, _ in batch]))
        except Exception as exc:  # the client's errors depend on its version
            self._outage.failure(exc)
            self._drop_unsure()
            await asyncio.sleep(self._pauses.failure())
            return
        self._pauses.success()
        self._outage.written()
        for _ in batch:
            self._queue.popleft()
        self._acknowledge(batch)

    def _acknowledge(self, batch: list[tuple[Record, str, int]]) -> None:
        last: dict[str, tuple[int, int]] = {}
        for record, _, pid in batch:
            lane, number = str(record[0]), record[1]
            assert isinstance(number, int)
            if lane.endswith("?"):
                self._unsure -= 1
            else:
                last[lane] = pid, number
        for lane, (pid, number) in last.items():
            if (known := self._lanes.get(lane)) is not None:
                known.taken = number
            self._taken(pid, lane, number)

    def _drop_unsure(self) -> None:
        """Drops the records of `most_once`, which must not wait for the end of an outage."""
        kept = [item for item in self._queue if not str(item[0][0]).endswith("?")]
        self._outage.dropped += len(self._queue) - len(kept)
        self._queue = deque(kept)
        self._unsure = 0


def _payloads(texts: list[str]) -> list[str]:
    """Returns JSON arrays of the texts, each up to ENTRY_SIZE."""
    groups: list[list[str]] = [[]]
    size = 0
    for text in texts:
        size += len(text)
        if groups[-1] and size > ENTRY_SIZE:
            groups.append([])
            size = len(text)
        groups[-1].append(text)
    return [f"[{','.join(group)}]" for group in groups]
