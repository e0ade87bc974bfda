"""Datagrams of sd_notify(3): what is sound is heard, what is not is passed over."""

import pytest

from eggd.wire.notify import LONGEST, decode, seconds


@pytest.mark.parametrize(
    ("datagram", "fields"),
    [
        (b"READY=1", [("READY", "1")]),
        (b"READY=1\nSTATUS=a = b", [("READY", "1"), ("STATUS", "a = b")]),
        ("STATUS=a → b".encode(), [("STATUS", "a → b")]),
        (b"STATUS=\xff\n", [("STATUS", "�")]),
        (b"nonsense\nREADY=1\n\n", [("READY", "1")]),
        (b"", []),
        (b"STATUS=" + b"x" * LONGEST, []),
    ],
)
def test_fields_of_a_datagram(datagram: bytes, fields: list[tuple[str, str]]) -> None:
    assert decode(datagram) == fields


@pytest.mark.parametrize(
    ("text", "found"),
    [("2500000", 2.5), ("0", 0.0), ("", None), ("-1", None), ("1e3", None), ("9" * 40, None)],
)
def test_microseconds(text: str, found: float | None) -> None:
    assert seconds(text) == found
