"""Percent-decoding of well-formed and malformed text (RFC 3986 section 2.1)."""

from __future__ import annotations

from urllib.parse import unquote, unquote_plus

import pytest

from eggd.wire.percent import MAX_MALFORMED, mend, percent_decode, unescape

TEXTS = [
    "",
    "plain",
    "a+b%20c",
    "%41%4a%4A",
    "%",
    "%%",
    "%%41",
    "%%%41%",
    "100%",
    "%4",
    "%zz",
    "%\n41",
    "=",
    "=41",
    "%3D41",
    "a=\nb",
    "a=\r\nb\n",
    "_ \t.",
    "%C3%A9",
    "%C3",
    "%ff%fe",
    "é%C3é",
    "%00",
    "%0A%0d",
    "\ufffd\U0001f600%F0%9F%98%80",
]


@pytest.mark.parametrize("text", TEXTS)
def test_texts_are_decoded_as_the_standard_library_does(text: str) -> None:
    whole = mend(text)
    assert whole is not None
    assert unescape(whole) == unquote_plus(text)
    assert percent_decode(text) == unquote(text)


def test_a_text_of_malformed_escapes_is_kept() -> None:
    most = "%" * MAX_MALFORMED
    assert percent_decode(f"{most}41") == unquote(f"{most}41")
    assert percent_decode(f"{most}%zz%41") == f"{most}%zz%41"
