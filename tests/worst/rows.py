"""The worst inputs known for each parser, at full size: what a row is, and how to add one.

A module `tests/worst/rows_AREA.py` has a list `ROWS`; `test_worst.py` reads all of them. A row
names its input and has `turns`: functions that do the work of one turn of the event loop each, and
are called in their order. The most expensive turn may cost `UNITS`, and all of them together may
allocate `memory` bytes at the same time. What a turn raises counts as its answer.

    ROWS = [Row(name="query: percent signs", turns=one(parse_query, "%" * HEAD))]

A unit is the CPU time that a fixed piece of work costs just before and after, so that a slow
machine or a busy one measures the same. It is half a millisecond on the machine of the first
measurement, so `UNITS` is 25 ms there, and 50 ms on one of half its speed. A new parser, or a new
way to be slow, gets a row; a size is the most that its limits let in.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial

Turn = Callable[[], object]

UNITS = 50.0
"""What the longest turn of the loop may cost."""

HEAD = 16 * 1024
"""Bytes of a head, and so of a field of it."""

READ = 256 * 1024
"""Bytes that an event loop hands over at once."""

BODY = 1024 * 1024
"""Bytes of a body that the parsers take."""


@dataclass(frozen=True, kw_only=True)
class Row:
    """One input that is as bad as it gets."""

    name: str
    turns: Callable[[], Iterable[Turn]]
    """Makes the turns, anew for each measurement; making them costs nothing."""
    units: float = UNITS
    """What the longest turn may cost; more only with a reason."""
    memory: int = 8 * 1024 * 1024
    """Bytes that may be allocated at the same time."""


def one(
    call: Callable[..., object], *arguments: object, **named: object
) -> Callable[[], list[Turn]]:
    """Return the turns of a parser that does everything at once."""
    return lambda: [partial(call, *arguments, **named)]
