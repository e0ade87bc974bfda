"""Long values in errors: cut where they are quoted, with their length; the rest is kept."""

from __future__ import annotations

import time

import pytest

from eggd.errors import ConfigError
from eggd.masking.known import FORMS, remember
from eggd.masking.quoting import short_quotes
from eggd.masking.redact import safe_repr

A, LONG = "a" * 100, "a" * 5000


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (f"x: {LONG!r} is wrong", f"x: '{A}'... (5000 characters) is wrong"),
        (f'x: "{LONG}" is wrong', f'x: "{A}"... (5000 characters) is wrong'),
        (f"x: {'a' * 200!r} is wrong", f"x: {'a' * 200!r} is wrong"),
        (f"it's {LONG} isn't", f"it's {LONG} isn't"),
        (f"x: '{LONG}", f"x: '{A}'... (5000 characters)"),
        (f"x: 'b', {LONG!r}, 'c'", f"x: 'b', '{A}'... (5000 characters), 'c'"),
        ("x: '" + "\\'" * 300 + "'", "x: '" + "\\'" * 50 + "'... (600 characters)"),
        (f"/srv/{LONG}/config.py:3: x", f"/srv/{LONG}/config.py:3: x"),
    ],
    ids=range(8),
)
def test_a_quoted_value_is_cut(text: str, expected: str) -> None:
    assert short_quotes(text) == expected


def test_the_line_of_an_error_keeps_its_end_and_its_hint() -> None:
    line = ConfigError(f"cluster.host: {LONG!r} is not a name", hint="use letters").line
    assert line == f"cluster.host: '{A}'... (5000 characters) is not a name (use letters)"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (["b" * 50] * 100, "... (5400 characters)"),
        (10**300, "0... (301 characters)"),
        (10**5000, "<int>"),
    ],
    ids=["list", "number", "more digits than Python prints"],
)
def test_a_value_without_quotes_is_cut(value: object, expected: str) -> None:
    """A number of more digits than Python prints is named by its type."""
    shown = safe_repr(("x",), value)
    assert len(shown) < 150
    assert shown.endswith(expected)


def test_a_credential_is_masked_before_a_value_is_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    """The part of a credential that remains would not be recognised."""
    monkeypatch.setattr("eggd.masking.known._values", set())
    before = list(FORMS)
    try:
        remember("hush-" * 60)
        shown = safe_repr(("x",), [f"{'b' * 60} {'hush-' * 60}"])
        assert "hush" not in shown
    finally:
        FORMS[:] = before


def test_the_work_for_a_hostile_text_is_bounded() -> None:
    begin = time.process_time()
    for text in ("'\"" * 5000, "'" + "\\'" * 4999, " '" * 5000, "\\" * 10_000):
        short_quotes(text)
    assert time.process_time() - begin < 1
