"""Foreign text: no part of it reaches a terminal as a command, and no character is lost."""

import json

import pytest

from eggd.wire.terminal import visible, visible_data, visible_json, visible_line

HOSTILE = [
    ("\x1b[2J", "\\x1b[2J"),  # C0: CSI clears the screen
    ("\x1b]0;title\x07", "\\x1b]0;title\\x07"),  # OSC sets the title
    ("\x1bP1$r\x1b\\", "\\x1bP1$r\\x1b\\"),  # DCS
    ("\x9b31m", "\\x9b31m"),  # C1: CSI in one character
    ("\x00\x08\x7f", "\\x00\\x08\\x7f"),
    ("a\rb", "a\\rb"),  # overwrites the line
    ("a\x0b\x0c\x1c\x1d\x1e\x85b", "a\\x0b\\x0c\\x1c\\x1d\\x1e\\x85b"),  # splitlines() breaks here
    ("a\u2028b\u2029c", "a\\u2028b\\u2029c"),
    ("\u202eexe.txt\u2066", "\\u202eexe.txt\\u2066"),  # shown from right to left
    ("\u200e\u200f\u061c\ufeff", "\\u200e\\u200f\\u061c\\ufeff"),
    ("\U000e0041", "\\U000e0041"),  # an invisible tag
    ("\ud800", "\\ud800"),  # which print() cannot encode
]

HARMLESS = ["", "plain", "é€😀", "שלום", "👩\u200d💻", "a\u00a0b", "[bold]x[/bold]", "c:\\x1b"]


@pytest.mark.parametrize(("text", "shown"), HOSTILE)
def test_control_characters_are_shown_as_escapes(text: str, shown: str) -> None:
    assert visible(text) == shown
    assert visible(visible(text)) == shown
    assert not any(ord(char) < 32 or 127 <= ord(char) < 160 for char in visible_line(text))
    visible(text).encode()


@pytest.mark.parametrize("text", HARMLESS)
def test_other_text_stays(text: str) -> None:
    assert visible(text) == text


def test_every_control_character_is_escaped() -> None:
    whole = "".join(map(chr, [*range(32), *range(127, 160)]))
    assert {char for char in visible(whole) if not char.isprintable()} == {"\n", "\t"}
    assert visible_line(whole).isprintable()


def test_a_line_is_one_line() -> None:
    assert visible_line(" a\n\tb\x85c\u2028d\x0be\r\n") == "a b c d e"


def test_data_has_clean_texts_and_an_end() -> None:
    deep: list[object] = []
    deep.append([[["deepest"]]])
    data = {"a\x1b": ["b\nc", 1, True, None, 1.5], "n": float("nan"), "i": float("-inf")}
    assert visible_data(data) == {"a\\x1b": ["b c", 1, True, None, 1.5], "n": None, "i": None}
    assert visible_data(deep, deepest=3) == [[[None]]]


def test_json_is_still_the_same_data() -> None:
    data = {"name\x7f": "".join(text for text, _ in HOSTILE), "é": "\n"}
    text = visible_json(data)
    assert json.loads(text) == data
    assert {char for char in text if not char.isprintable()} == {"\n"}
    assert '"é"' in text
