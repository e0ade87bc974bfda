"""Hostile bodies and queries of a megabyte: the work is counted in function calls."""

from __future__ import annotations

import gzip
import sys
from collections.abc import Callable
from contextlib import suppress

import pytest

from eggd.wire.form import FormLimits, parse_form
from eggd.wire.inflate import MAX_MEMBERS, TooMuchError, inflate
from eggd.wire.query import parse_query

MEGABYTE = 1 << 20
MOST = 100_000
"""Most calls of Python or C functions: 20 ms on a slow machine. A call per escape exceeds it."""
UNITS = ["%", "%4", "%41", "%41a", "%zz", "%C3%A9a", "%ffa", "é%", "+", "&", "=", "a=1&", "a[]=1&"]
KEYS = ["[]", "[", "]", "[b]", ".b", ".", "].", "%5B", "%2Eb", "]="]


def calls(function: Callable[[], object]) -> int:
    """Returns how many functions of Python and C were called."""
    count = 0

    def note(frame: object, event: str, argument: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    sys.setprofile(note)
    try:
        function()
    finally:
        sys.setprofile(None)
    return count


def filled(unit: str) -> str:
    return unit * (MEGABYTE // len(unit))


@pytest.mark.parametrize("text", [*map(filled, UNITS), *(f"a{filled(key)}=1" for key in KEYS)])
@pytest.mark.parametrize("parse", [parse_query, lambda text: parse_form(text, FormLimits())])
def test_a_megabyte_of_one_unit(parse: Callable[[str], object], text: str) -> None:
    # core:BODY-7, REQ-4
    assert calls(lambda: parse(text)) < MOST


@pytest.mark.parametrize("unit", [*UNITS[:7], *KEYS])
@pytest.mark.parametrize("parse", [parse_query, lambda text: parse_form(text, FormLimits())])
def test_a_thousand_fields_of_a_kilobyte(parse: Callable[[str], object], unit: str) -> None:
    # core:BODY-7, REQ-4
    text = "&".join([f"a{unit * (1000 // len(unit))}=1"] * 1000)
    assert calls(lambda: parse(text)) < MOST


@pytest.mark.parametrize("member", [b"", b"x", b"x" * 500])
def test_a_body_of_small_gzip_members(member: bytes) -> None:
    """The rest of the body is not copied for each (core:BODY-6)."""
    one = gzip.compress(member)
    data = one * (2 * MEGABYTE // len(one))

    def run() -> None:
        with suppress(TooMuchError):
            inflate(data, "gzip", 2 * MEGABYTE)

    assert calls(run) < MOST


def test_as_many_gzip_members_as_are_allowed() -> None:
    # core:BODY-6
    one = gzip.compress(b"x")
    assert inflate(one * MAX_MEMBERS, "gzip", MEGABYTE) == b"x" * MAX_MEMBERS
    with pytest.raises(TooMuchError, match="more than 1000 members"):
        inflate(one * (MAX_MEMBERS + 1), "gzip", MEGABYTE)
