"""No input of a client makes a turn of the event loop long, or takes much memory.

`rows.py` says how a row is added.
"""

from __future__ import annotations

import asyncio
import json
import tracemalloc
from importlib import import_module
from pathlib import Path
from time import thread_time

import pytest

from eggd.errors import EggError, HttpError
from tests.worst.rows import UNITS, Row, Turn

MODULES = sorted(path.stem for path in Path(__file__).parent.glob("rows_*.py"))
ALL: list[Row] = [row for name in MODULES for row in import_module(f"tests.worst.{name}").ROWS]
TRIES = 3
"""Number of measurements of a unit; the smallest is used, as disturbances only add to it."""
ATTEMPTS = 12
"""Number of measurements of a turn that takes too long: other tests share the caches meanwhile."""


def work() -> None:
    """Does the work of one unit: names, texts and searches, as parsers do."""
    text = "a=b&" * 500
    for _ in range(16):
        parts = [part.partition("=") for part in text.split("&")]
        json.loads(json.dumps({key: value for key, _, value in parts}))
    text.replace("a", "%61") * 20


def unit() -> float:
    """Returns the seconds of CPU that a unit costs now."""
    started = thread_time()
    work()
    return thread_time() - started


def run(turn: Turn) -> None:
    try:
        turn()
    except (EggError, HttpError, ValueError):
        pass  # an input that is refused has its answer


def longest(row: Row) -> float:
    """Returns the units of the most expensive turn."""
    before, most = min(unit() for _ in range(TRIES)), 0.0
    for turn in row.turns():
        started = thread_time()
        run(turn)
        most = max(most, thread_time() - started)
    return most / max(before, min(unit() for _ in range(TRIES)))


def peak(row: Row) -> int:
    """Returns the bytes that all turns allocate at the same time."""
    turns = row.turns()
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        for turn in turns:
            run(turn)
        return tracemalloc.get_traced_memory()[1] - before
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("row", ALL, ids=lambda row: row.name)
def test_a_turn_is_short(row: Row) -> None:
    async def measured() -> float:
        return longest(row)

    found = []
    for _ in range(ATTEMPTS):
        found.append(asyncio.run(measured()))
        if found[-1] <= row.units:
            return
    raise AssertionError(f"{row.name}: {min(found):.0f} units in a turn of the loop")


@pytest.mark.parametrize("row", ALL, ids=lambda row: row.name)
def test_memory_is_bounded(row: Row) -> None:
    async def measured() -> int:
        return peak(row)

    assert asyncio.run(measured()) <= row.memory


def test_the_measure_finds_a_long_turn() -> None:
    """A quadratic parser of a body exceeds the limit, so the limit is effective."""
    slow = Row(
        name="slow", turns=lambda: [lambda: [("%" * 4000).count("%", n) for n in range(1_000_000)]]
    )
    hungry = Row(name="hungry", turns=lambda: [lambda: bytes(9 * 1024 * 1024)])
    assert longest(slow) > UNITS
    assert peak(hungry) > hungry.memory


def test_every_name_is_its_own() -> None:
    names = [row.name for row in ALL]
    assert len(set(names)) == len(names) > 60
