"""The worst known inputs of each parser, at full size, and how to add a row.

A module `tests/worst/rows_AREA.py` has a list `ROWS`; `test_worst.py` reads all of them. A row
names its input and has `turns`: functions that do the work of one turn of the event loop each, and
are called in their order. The most expensive turn may cost `UNITS`, and all of them together may
allocate `memory` bytes at the same time. An exception of a turn counts as its answer.

    ROWS = [Row(name="query: percent signs", turns=one_turn(parse_query, "%" * HEAD))]

A unit is the CPU time that a fixed piece of work costs just before and after, so that a slow
machine or a busy one measures the same. It is half a millisecond on the machine of the first
measurement, so `UNITS` is 25 ms there, and 50 ms on one of half its speed. Add a row for each new
parser and each new slow input, with the largest size that the limits allow.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial

Turn = Callable[[], object]

UNITS = 50.0
"""Most units of the longest turn of the loop."""

HEAD = 16 * 1024
"""Bytes of a head, and so of a field of it."""

READ = 256 * 1024
"""Bytes that an event loop hands over at once."""

BODY = 1024 * 1024
"""Most bytes of a body that the parsers accept."""


@dataclass(frozen=True, kw_only=True)
class Row:
    """One worst-case input."""

    name: str
    turns: Callable[[], Iterable[Turn]]
    """Creates the turns for each measurement; that is not measured."""
    units: float = UNITS
    """Most units of the longest turn; give a reason for more than the default."""
    memory: int = 8 * 1024 * 1024
    """Most bytes that may be allocated at the same time."""


def one_turn(
    call: Callable[..., object], *arguments: object, **named: object
) -> Callable[[], list[Turn]]:
    """Returns a function that creates the single turn of a parser that does everything at once."""
    return lambda: [partial(call, *arguments, **named)]
