from __future__ import annotations

import os
import re
import time
from datetime import date

import pytest

from eggd.log.text import LineClock, clean, one_line, render, split_entries


class Mute:
    def __str__(self) -> str:
        raise RuntimeError("no")


@pytest.mark.parametrize(
    ("args", "text"),
    [
        ((), ""),
        (("plain",), "plain"),
        (("100%",), "100%"),
        (("%s is %d", "a", 2), "a is 2"),
        (("%(a)s", {"a": 1}), "1"),
        (("%s", {"a": 1}), "{'a': 1}"),
        (("no place", 1, "x"), "no place 1 x"),
        (("%d", "x"), "x"),
        (("%(b)s", {"a": 1}), "%(b)s {'a': 1}"),
        ((17,), "17"),
        ((Mute(),), "<Mute without a text>"),
        (("%s", Mute()), "<Mute without a text>"),
        (("c %s", "x", "extra"), "c x extra"),
        (("%d of %s", "x", 2, 3), "x of 2 3"),
        (("100%% of %s", "x", 1), "100% of x 1"),
        (("%s and %s", "one"), "one and %s"),
        (("%j", {"a": "é", "password": "hunter2x"}), '{"a": "é", "password": "***"}'),
        (("%j%%", {"at": date(2026, 1, 2)}), '{"at": "2026-01-02"}%'),
        (("%j", b"\x01"), "01"),
        (("50% off %s", "tea", 1), "50% off tea 1"),
        (("%.2f and %5d|", 1.5, 7, "x"), "1.50 and     7| x"),
    ],
)
def test_messages_are_printf_style_and_never_fail(args: tuple[object, ...], text: str) -> None:
    """Arguments without a place are appended, and `%j` is JSON (process:LOG-22)."""
    assert render(args) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\nb", "a\nb"),
        ("tab\there, 次 é", "tab\there, 次 é"),
        (
            "x\n2026-11-21 00:00:00,000 INFO 1 root logged in",
            "x\n 2026-11-21 00:00:00,000 INFO 1 root logged in",
        ),
        ("x\r2026-11-21", "x\\r2026-11-21"),
        ("x\r\n2026-11-21", "x\\r\n 2026-11-21"),
        ("x\n<3>forged", "x\n <3>forged"),
        ("\x1b[2J\x00\x7f\x9b", "\\x1b[2J\\x00\\x7f\\x9b"),
        ("a\u2028b\u202ec", "a\\u2028b\\u202ec"),
    ],
)
def test_a_text_cannot_forge_a_line(text: str, shown: str) -> None:
    """A message of several lines has one prefix (process:LOG-27)."""
    assert clean(text) == shown


def test_only_a_date_begins_an_entry_of_a_file() -> None:
    text = "2026-01-01 00:00:00,000 INFO 1 a\\n 2026-b\nc\n2026-01-01 00:00:00,001 INFO 1 d"
    assert split_entries(text) == text.rsplit("\n", 1)


def test_context_is_one_line() -> None:
    """No text in front of a message begins a line, or drives a terminal (known:KO-34)."""
    assert one_line("[-/1\n2026-]") == "[-/1\\n2026-]"


def test_the_clock_shows_local_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "UTC-3")
    time.tzset()
    assert LineClock().format(86399.9999) == "1970-01-02 02:59:59,999 "
    assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} ", LineClock().now())
    monkeypatch.delenv("TZ")
    time.tzset()
    assert "TZ" not in os.environ
