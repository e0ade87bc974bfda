"""The frame: what goes in comes out, and nothing that comes in raises."""

from __future__ import annotations

import datetime
import pathlib
import types

import pytest

from eggd.errors import MessengerError
from eggd.wire import datagram
from eggd.wire.datagram import Datagram, Garbage, Message, Sender

ME = Sender("worker", 2, 77)
FRAME = b'\x01{"from":["worker",2,77],"seq":5,"messages":[["a",{"k":1}],["b",null,9]]}'

ROUND_TRIPS: list[tuple[object, object]] = [
    (None, None),
    ("ä\n\x00", "ä\n\x00"),
    ("\ud800", "\ud800"),
    ((1, [2.5, True]), [1, [2.5, True]]),
    ([float("inf"), float("nan"), float("-inf")], [None, None, None]),
    ({"f": print, "list": [print], "in": {"f": print, "n": float("nan")}},
     {"list": [None], "in": {"n": None}}),
    (datetime.datetime(2026, 1, 2, 3, 4), "2026-01-02T03:04:00"),
    (types.MappingProxyType({"a": pathlib.Path("/x")}), {"a": "/x"}),
    ({1: 2, None: 3}, {"1": 2, "null": 3}),
]  # fmt: skip

GARBAGE = [
    (b"", "it is empty"),
    (b"\x00{}", "version 0, not 1"),
    (b"\x02" + FRAME[1:], "version 2, not 1"),
    (b"\x01", "it is not JSON: "),
    (b"\x01\xff\xfe", "it is not JSON: "),
    (b"\x01" + b"[" * 60_000, "it is not JSON: "),
    (b"\x01" + b"1" * 5_000, "it is not JSON: "),
    (FRAME + FRAME, "it is not JSON: "),
    (FRAME.replace(b"null", b"NaN"), "it is not JSON: NaN is not JSON"),
    (b"\x01[1]", "the frame is not an object"),
    (b"\x01{}", "sender None"),
    (FRAME.replace(b"worker", b"master"), "sender ['master', 2, 77]"),
    (FRAME.replace(b'"worker"', b"{}"), "sender [{}, 2, 77]"),
    (FRAME.replace(b"2,77", b"1000,77"), "sender ['worker', 1000, 77]"),
    (FRAME.replace(b"2,77", b"true,77"), "sender ['worker', True, 77]"),
    (FRAME.replace(b"2,77", b"2"), "sender ['worker', 2]"),
    (FRAME.replace(b'"seq":5', b'"seq":-1'), "number -1, size None"),
    (FRAME.replace(b'"seq":5', b'"seq":1e3'), "number 1000.0, size None"),
    (FRAME.replace(b'"seq":5', b'"seq":5,"memfd":"9"'), "number 5, size '9'"),
    (FRAME.replace(b'"seq":5', b'"seq":5,"memfd":9'), "neither messages nor a memfd, or both"),
    (b'\x01{"from":["worker",2,77],"seq":5}', "neither messages nor a memfd, or both"),
    (b'\x01{"from":["worker",2,77],"seq":5,"messages":7}', "neither messages nor a memfd"),
]


@pytest.mark.parametrize(("data", "expected"), ROUND_TRIPS)
def test_data_goes_through(data: object, expected: object) -> None:
    assert datagram.decode_message(datagram.encode("a", data)) == Message("a", expected)


def test_a_frame_is_what_it_always_was() -> None:
    messages = [datagram.encode("a", {"k": 1}), datagram.encode("b", None, 9)]
    assert datagram.pack(datagram.head(ME), 5, messages) == FRAME
    expected = Datagram(ME, 5, 7, [Message("a", {"k": 1}), Message("b", None, 9)])
    assert datagram.decode(FRAME) == expected


def test_a_memfd_frame() -> None:
    frame = datagram.pack_memfd(datagram.head(ME), 5, 70_000)
    assert datagram.decode(frame) == Datagram(ME, 5, 6, [], 70_000)


def test_a_newer_sender_may_say_more() -> None:
    assert datagram.decode(FRAME.replace(b"{", b'{"trace":[1],', 1)) == datagram.decode(FRAME)


@pytest.mark.parametrize(("data", "reason"), GARBAGE)
def test_garbage_is_reported(data: bytes, reason: str) -> None:
    found = datagram.decode(data)
    assert isinstance(found, Garbage)
    assert found.reason.startswith(reason)


def test_no_part_and_no_flipped_byte_of_a_frame_raises() -> None:
    for at in range(len(FRAME)):
        assert isinstance(datagram.decode(FRAME[:at]), Garbage)
        datagram.decode(FRAME[:at] + bytes([FRAME[at] ^ 0x11]) + FRAME[at + 1 :])


@pytest.mark.parametrize("item", [b"5", b"[]", b"[7]", b'["a",1,-1]', b'["a",1,2,3]', b"{}"])
def test_a_message_without_a_text_action_is_skipped(item: bytes) -> None:  # IPC-1
    found = datagram.decode(FRAME.replace(b'["a",{"k":1}]', item))
    assert found == Datagram(ME, 5, 7, [Message("b", None, 9)])


def test_a_bare_text_is_action_and_data() -> None:  # IPC-1
    assert datagram.decode_message(b'"hi"') == Message("hi", "hi")


@pytest.mark.parametrize("data", [b"", b"{}", b"[" * 60_000, b"[5]"])
def test_a_memfd_that_holds_no_message(data: bytes) -> None:
    assert isinstance(datagram.decode_message(data), Garbage)


def test_a_circle_and_a_depth_are_errors() -> None:
    circle: list[object] = []
    circle.append(circle)
    with pytest.raises(MessengerError, match="data of 'a' is not JSON"):
        datagram.encode("a", circle)


def test_an_action_is_text() -> None:
    with pytest.raises(MessengerError, match="an action must be text, not 5"):
        datagram.encode(5)  # type: ignore[arg-type]
