"""A WebSocket message put together from its frames: limits, order, and UTF-8 as it arrives."""

import pytest

from eggd.wire.message import FRAGMENTS, MessageParts
from eggd.wire.websocket import BrokenFrameError, FrameHead, Op

GREEK = "κόσμε".encode()


def put(
    parts: MessageParts, op: Op, payload: bytes, *, final: bool, pieces: int = 1
) -> str | bytes | None:
    """Takes one frame, its payload in `pieces` pieces."""
    parts.begin(FrameHead(op, final, 0, 0), len(payload))
    message: str | bytes | None = None
    for n in range(pieces):
        at, behind = len(payload) * n // pieces, len(payload) * (n + 1) // pieces
        message = parts.add(payload[at:behind], last=final and n == pieces - 1)
    return message


@pytest.mark.parametrize("pieces", [1, 3, 11])
@pytest.mark.parametrize(("op", "expected"), [(Op.TEXT, "κόσμε" * 3), (Op.BINARY, GREEK * 3)])
def test_a_message_is_the_same_however_it_is_cut(
    op: Op, expected: str | bytes, pieces: int
) -> None:
    parts = MessageParts(100)
    for _ in range(2):  # no byte of the first message is left
        assert put(parts, op, GREEK, final=False, pieces=pieces) is None
        assert put(parts, Op.CONTINUATION, b"", final=False) is None
        assert put(parts, Op.CONTINUATION, GREEK * 2, final=True, pieces=pieces) == expected
        assert put(parts, op, GREEK * 3, final=True, pieces=pieces) == expected


@pytest.mark.parametrize(
    ("frames", "code"),
    [
        ([(Op.CONTINUATION, b"a", True)], 1002),
        ([(Op.TEXT, b"a", False), (Op.TEXT, b"b", True)], 1002),
        ([(Op.BINARY, b"a" * 101, True)], 1009),
        ([(Op.BINARY, b"a" * 60, False), (Op.CONTINUATION, b"a" * 41, True)], 1009),
        ([(Op.TEXT, GREEK[:1], True)], 1007),
        ([(Op.TEXT, GREEK[:1], False), (Op.CONTINUATION, b"", True)], 1007),
        ([(Op.TEXT, b"\xf4", False), (Op.CONTINUATION, b"\x90", False)], 1007),
    ],
    ids=["no start", "inside", "size", "sum", "cut", "cut by an empty frame", "at once"],
)
def test_broken_messages(frames: list[tuple[Op, bytes, bool]], code: int) -> None:
    parts = MessageParts(100)
    for op, payload, final in frames[:-1]:
        put(parts, op, payload, final=final)
    op, payload, final = frames[-1]
    with pytest.raises(BrokenFrameError) as caught:
        put(parts, op, payload, final=final)
    assert caught.value.code == code


def test_a_message_of_too_many_frames_is_rejected() -> None:
    parts = MessageParts(100)
    put(parts, Op.BINARY, b"", final=False)
    for _ in range(FRAGMENTS - 2):
        put(parts, Op.CONTINUATION, b"", final=False)
    put(parts, Op.CONTINUATION, b"", final=True)  # the allowed maximum
    put(parts, Op.BINARY, b"", final=False)
    for _ in range(FRAGMENTS - 1):
        put(parts, Op.CONTINUATION, b"", final=False)
    with pytest.raises(BrokenFrameError, match=f"more than {FRAGMENTS} frames"):
        put(parts, Op.CONTINUATION, b"", final=True)
