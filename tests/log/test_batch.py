"""Lines that are checked together are the same as lines that are checked one by one."""

from __future__ import annotations

import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eggd.log.batch import checked, join
from eggd.masking import known
from eggd.wire.terminal import visible

PLAIN = [f"2026-11-29 10:12:13,456 INFO 4711 paid {number}" for number in range(20)]

TEXTS = st.text(
    st.sampled_from([*"a -2<0é\u2013\t\n\r\x1b\x85\u2028\u202e\ufeff\udc80\U000e0041中"]),
    max_size=9,
)


@given(st.lists(TEXTS, max_size=30))
def test_a_batch_is_escaped_like_its_lines(lines: list[str]) -> None:
    assert join([*PLAIN, *lines]) == "".join(f"{checked(line)}\n" for line in [*PLAIN, *lines])


def test_each_character_that_is_escaped_alone_is_escaped_in_a_batch() -> None:
    """Whatever a terminal or a journal would obey, among plain lines."""
    for code in range(sys.maxunicode + 1):
        char = chr(code)
        if not char.isprintable() and visible(char) != char:
            assert visible(char) in join([*PLAIN, f"a{char}b"]), hex(code)


@pytest.mark.parametrize("count", [0, 1, 20])
def test_a_text_in_a_batch_cannot_forge_a_line(count: int) -> None:
    forged = "x\n2026-11-29 10:12:13,456 ERROR 1 forged"
    text = join([*PLAIN[:count], forged])
    assert text.endswith("x\n 2026-11-29 10:12:13,456 ERROR 1 forged\n")


@pytest.mark.parametrize("count", [0, 20])
def test_a_credential_in_a_batch_is_masked(count: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(known, "_values", set())
    known.remember("rain on sunday")
    try:
        text = join([*PLAIN[:count], "with rain on sunday"])
    finally:
        known.FORMS.clear()
    assert text.endswith("with ***\n")
