"""RFC 6455's own examples, and the edges of lengths and codes."""

import pytest

from eggd.wire.websocket import (
    BrokenFrameError,
    Op,
    close_payload,
    close_reason,
    frame,
    frame_head,
    frame_length,
    unmasked,
)


def test_the_examples_of_the_rfc() -> None:
    assert frame(Op.TEXT, b"Hello") == bytes.fromhex("810548656c6c6f")
    head = frame_head(bytes.fromhex("8185"))
    assert (head.op, head.final, head.length, head.more) == (Op.TEXT, True, 5, 0)
    assert unmasked(bytes.fromhex("37fa213d"), bytes.fromhex("7f9f4d5158")) == b"Hello"
    assert frame_head(bytes.fromhex("0183")).final is False


@pytest.mark.parametrize(
    ("size", "head"),
    [
        (0, "8200"),
        (125, "827d"),
        (126, "827e007e"),
        (65535, "827effff"),
        (65536, "827f0000000000010000"),
    ],
)
def test_lengths(size: int, head: str) -> None:
    assert frame(Op.BINARY, b"x" * size) == bytes.fromhex(head) + b"x" * size


@pytest.mark.parametrize("size", [0, 1, 3, 4, 5, 4096])
def test_a_mask_twice_is_none(size: int) -> None:
    payload = bytes(n % 256 for n in range(size))
    assert unmasked(b"mask", unmasked(b"mask", payload)) == payload


@pytest.mark.parametrize(
    ("data", "length"),
    [("007e", 126), ("ffff", 65535), ("0000000000010000", 65536), ("00ff", 255)],
)
def test_lengths_in_their_shortest_form(data: str, length: int) -> None:
    assert frame_length(bytes.fromhex(data)) == length


@pytest.mark.parametrize("data", ["0000", "007d", "0000000000000000", "000000000000ffff"])
def test_longer_forms_of_a_length_are_rejected(data: str) -> None:
    """RFC 6455 section 5.2: the minimal number of bytes must be used."""
    with pytest.raises(BrokenFrameError, match="not in its shortest form") as caught:
        frame_length(bytes.fromhex(data))
    assert caught.value.code == 1002


def test_a_close_reason_is_cut_between_characters() -> None:
    payload = close_payload(1000, "é" * 100)
    assert len(payload) == 124
    assert close_reason(payload) == (1000, "é" * 61)
    assert close_reason(b"") == (1005, "")


@pytest.mark.parametrize("code", [0, 999, 1004, 1005, 1006, 1015, 2999, 5000])
def test_codes_that_may_not_be_sent(code: int) -> None:
    with pytest.raises(BrokenFrameError, match="bad close code"):
        close_reason(close_payload(code))
