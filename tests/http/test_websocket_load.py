"""No input of a WebSocket client can block the event loop or fill the memory.

Work is counted, not timed: frames and bytes between two turns of the loop.
"""

from __future__ import annotations

import asyncio
import contextlib
import tracemalloc
from collections.abc import Callable

import pytest

from eggd.errors import WebSocketClosedError
from eggd.http import HttpConfig, incoming
from eggd.http.websocket import WebSocket
from eggd.wire import message
from eggd.wire.websocket import FrameHead, Op, close_payload, frame, frame_head, unmasked
from tests.http.fake import Client, turn, until
from tests.http.serving import UPGRADE

LIMIT = 1024 * 1024
RECEIVE = 256 * 1024
"""Bytes that an event loop hands over at once."""


def masked(op: int, payload: bytes = b"", *, final: bool = True) -> bytes:
    """Returns a client's frame, masked with zeros."""
    plain = frame(Op.BINARY, payload)
    head = len(plain) - len(payload)
    return bytes([final << 7 | op, plain[1] | 0x80]) + plain[2:head] + bytes(4) + payload


class Meter:
    """Counts frames and unmasked bytes per turn of the loop."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.frames = self.bytes = self.most_frames = self.most_bytes = 0
        monkeypatch.setattr(incoming, "frame_head", self._frame_head)
        monkeypatch.setattr(incoming, "unmasked", self._unmasked)
        monkeypatch.setattr(message, "FRAGMENTS", 10_000)

    def _frame_head(self, data: bytes) -> FrameHead:
        self.frames += 1
        return frame_head(data)

    def _unmasked(self, mask: bytes, payload: bytes) -> bytes:
        self.bytes += len(payload)
        return unmasked(mask, payload)

    async def run(self) -> None:
        """Counts each turn until it is cancelled."""
        while True:
            self.most_frames = max(self.most_frames, self.frames)
            self.most_bytes = max(self.most_bytes, self.bytes)
            self.frames = self.bytes = 0
            await asyncio.sleep(0)


@pytest.fixture
def meter(monkeypatch: pytest.MonkeyPatch) -> Meter:
    return Meter(monkeypatch)


class Session:
    """A WebSocket on a fake transport."""

    def __init__(self) -> None:
        config = HttpConfig(websocket_ping_interval=0)
        sockets: list[WebSocket] = []
        self.client = Client(
            lambda exchange: sockets.append(WebSocket(exchange.detach(), LIMIT, config)), config
        )
        self.client.connection.data_received(UPGRADE)
        self.transport = self.client.transport
        self.socket = sockets[0]

    @property
    def output(self) -> bytes:
        return self.client.output

    async def feed(self, data: bytes) -> int:
        """Sends until the reader stops reading; returns the number of bytes read."""
        sent = 0
        while sent < len(data) and not self.transport.closed:
            for _ in range(200):  # enough turns for a reader that makes progress
                if not self.transport.reading_paused:
                    break
                await turn()
            else:
                return sent
            assert isinstance(self.transport.protocol, asyncio.Protocol)
            self.transport.protocol.data_received(data[sent : sent + RECEIVE])
            sent += RECEIVE
            await turn()
        return min(sent, len(data))


FLOODS: dict[str, tuple[bytes, int]] = {
    "empty fragments": (
        masked(1, b"a", final=False) + masked(0, final=False) * 12_000,
        1009,
    ),
    "fragments of a byte": (
        masked(2, b"a", final=False) + masked(0, b"b", final=False) * 12_000,
        1009,
    ),
    "fragments of 64 bytes": (
        masked(2, final=False) + masked(0, b"b" * 64, final=False) * 12_000,
        1009,
    ),
    "pings": (masked(9, b"p" * 125) * 5_000 + masked(8), 1000),
    "empty pings": (masked(9) * 20_000 + masked(8), 1000),
    "pongs": (masked(10) * 20_000 + masked(8), 1000),
    "pings between fragments": (
        (masked(1, final=False) + (masked(9) + masked(0, final=False)) * 12_000),
        1009,
    ),
    "messages": (masked(1, b"a") * 5_000 + masked(8), 1000),
    "empty messages": (masked(1) * 5_000 + masked(8), 1000),
    "one long message": (masked(2, b"x" * LIMIT) + masked(8), 1000),
    "one long text": (masked(1, "é".encode() * (LIMIT // 2)) + masked(8), 1000),
    "bad UTF-8 at the end of a long text": (masked(1, b"x" * (LIMIT - 1) + b"\xff"), 1007),
    "a long Close reason": (masked(8, close_payload(1000, "x" * 123)), 1000),
}


@pytest.mark.parametrize("flood", FLOODS)
async def test_no_flood_of_frames_blocks_the_event_loop(flood: str, meter: Meter) -> None:
    data, code = FLOODS[flood]
    session = Session()

    async def handle() -> None:
        while not session.socket.close_code:
            with contextlib.suppress(WebSocketClosedError):
                await session.socket.receive()

    ticker, handler = asyncio.ensure_future(meter.run()), asyncio.ensure_future(handle())
    await session.feed(data)
    await asyncio.wait([handler])
    ticker.cancel()
    assert handler.exception() is None
    assert session.output.endswith(b"\x88\x02\x03\xe8") or code.to_bytes(2) in session.output
    assert session.socket.close_code in {code, 1005}
    # About a millisecond of work: 256 frames or 64 KiB, and the piece that goes beyond.
    assert meter.most_frames <= 300
    assert meter.most_bytes <= 128 * 1024


def peak(work: Callable[[], object]) -> int:
    """Returns the peak of bytes that Python allocated during `work`."""
    tracemalloc.start()
    try:
        work()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    ("data", "most"),
    [
        (masked(2, final=False) + masked(0, b"b", final=False) * 40_000, LIMIT),
        (masked(1, final=False) + masked(0, b"b", final=False) * 40_000, LIMIT),
        (masked(2) * 100_000, LIMIT),
        (masked(2, b"x" * 1000) * 4000, 4 * LIMIT),
        (masked(2, b"x" * LIMIT) * 8, 4 * LIMIT),
    ],
    ids=["fragments", "text", "empty messages", "messages", "long messages"],
)
def test_queued_messages_are_limited(data: bytes, most: int) -> None:
    """The limit is an arriving message, the queued messages, and two pieces of input."""

    async def main() -> None:
        session = Session()
        await session.feed(data)
        session.transport.abort()
        await turn()

    assert peak(lambda: asyncio.run(main())) < most + 2 * RECEIVE


async def test_only_the_last_ping_is_answered_to_a_client_that_takes_nothing() -> None:
    session = Session()
    protocol = session.transport.protocol
    protocol.pause_writing()
    before = len(session.output)
    for n in range(1000):
        await session.feed(masked(9, b"%d" % n))
    assert len(session.output) == before
    protocol.resume_writing()
    assert session.output[before:] == frame(Op.PONG, b"999")


async def test_messages_after_our_close_frame_are_dropped() -> None:
    session = Session()
    closing = asyncio.ensure_future(session.socket.close())
    await turn()
    frames = masked(2, b"x" * 1000) * 4000
    assert await session.feed(frames) == len(frames)
    await session.feed(masked(8, close_payload(1000)))
    await closing
    with pytest.raises(WebSocketClosedError):
        await session.socket.receive()


async def test_a_close_frame_is_followed_by_a_half_close() -> None:
    """A reset would destroy the frame for a client that still sends (RFC 6455 section 7.1.1)."""
    session = Session()
    await session.feed(masked(3, b"x"))
    await until(lambda: session.transport.half_closed)
    assert not session.transport.closed
    more = b"x" * 8 * LIMIT
    assert await session.feed(more) == len(more)
    assert not session.transport.closed
