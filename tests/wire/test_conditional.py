"""Conditional and range requests (RFC 9110 sections 13 and 14)."""

from __future__ import annotations

import time

import pytest

from eggd.wire.conditional import (
    etag_of,
    http_date,
    is_fresh,
    is_refused,
    quoted_etag,
    range_holds,
    seconds_of,
)

OLD, NEW = http_date(1_000_000_000), http_date(1_000_000_001)


def test_dates_go_both_ways() -> None:
    # core:X-9
    assert http_date(784111777) == "Sun, 06 Nov 1994 08:49:37 GMT"
    assert seconds_of(OLD) == 1_000_000_000
    assert [seconds_of(text) for text in ("", "yesterday", "Sun, 99 Nov 1994")] == [None] * 3


@pytest.mark.parametrize("zone", ["UTC", "Asia/Shanghai", "America/New_York"])
def test_an_asctime_date_is_utc(zone: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """RFC 9110 section 5.6.7: in every time zone of the server."""
    monkeypatch.setenv("TZ", zone)
    time.tzset()
    dates = ("Sun Nov  6 08:49:37 1994", "Sunday, 06-Nov-94 08:49:37 GMT")
    try:
        assert [seconds_of(date) for date in dates] == [784111777] * 2
    finally:
        monkeypatch.undo()
        time.tzset()


def test_tags_are_quoted_once() -> None:
    # core:RES-12
    assert [quoted_etag(tag) for tag in ("a", '"a"', 'W/"a"')] == ['"a"', '"a"', 'W/"a"']
    assert etag_of(b"") != etag_of(b"x")


@pytest.mark.parametrize(
    ("none_match", "since", "cache", "fresh"),
    [
        ("", "", "", False),
        ('"a"', "", "", True),
        ('W/"a"', "", "", True),
        ('"b", W/"a"', "", "", True),
        ("*", "", "", True),
        ('"b"', NEW, "", False),
        ('"a"', OLD, "", True),
        ("", OLD, "", True),
        ("", NEW, "", True),
        ("", http_date(1), "", False),
        ("", "garbage", "", False),
        ('"a"', "", "max-age=0, No-Cache", False),
    ],
)
def test_freshness(none_match: str, since: str, cache: str, fresh: bool) -> None:
    # core:REQ-14
    found = is_fresh(none_match=none_match, since=since, cache=cache, etag='"a"', modified=OLD)
    assert found is fresh


@pytest.mark.parametrize(
    ("match", "since", "refused"),
    [
        ("", "", False),
        ('"a"', "", False),
        ("*", "", False),
        ('W/"a"', "", True),
        ('"b"', "", True),
        ("", OLD, False),
        ("", http_date(1), True),
    ],
)
def test_preconditions(match: str, since: str, refused: bool) -> None:
    assert is_refused(match=match, since=since, etag='"a"', modified=OLD) is refused


@pytest.mark.parametrize(
    ("if_range", "holds"),
    [("", True), ('"a"', True), ('"b"', False), (OLD, True), (NEW, False), ("x", False)],
)
def test_a_range_of_what_the_client_has(if_range: str, holds: bool) -> None:
    assert range_holds(if_range, etag='"a"', modified=OLD) is holds
    assert not range_holds('W/"a"', etag='W/"a"', modified=OLD)
