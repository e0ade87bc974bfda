"""Many clients that are slow on purpose: each gets 408, and other clients are served in time."""

from __future__ import annotations

import asyncio

import pytest

from eggd.http import HttpConfig
from tests.http.fake import read_answers, summary
from tests.http.serving import Served, served

CROWD = 100
SHORT = HttpConfig(header_timeout=0.2, body_timeout=0.2, linger_timeout=0.2)
HEAD = b"GET / HTTP/1.1\r\nHost: a\r\nX: "
SHORT_BODY = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000\r\n\r\nhe"
CHUNK = b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3e8\r\nhe"


async def slow(it: Served, begun: bytes, more: bytes) -> bytes:
    """Sends a request byte by byte, and returns all bytes of the server."""
    talk = await it.connect()
    talk.writer.write(begun)
    rest = asyncio.ensure_future(talk.rest())
    while not rest.done():
        talk.writer.write(more)
        await asyncio.wait([rest], timeout=0.02)
    return await rest


@pytest.mark.parametrize(
    ("begun", "more"),
    [(HEAD, b"x"), (HEAD, b""), (SHORT_BODY, b""), (CHUNK, b"")],
    ids=["dribbled head", "silent head", "silent body", "silent chunk"],
)
async def test_each_of_many_slow_clients_gets_408_and_others_are_served(
    begun: bytes, more: bytes
) -> None:
    async with served(summary, SHORT) as it:
        crowd = [asyncio.ensure_future(slow(it, begun, more)) for _ in range(CROWD)]
        quick = await it.connect()
        statuses = {(await quick.ask()).status}
        while not all(one.done() for one in crowd):
            statuses.add((await quick.ask()).status)
        assert statuses == {200}
        results = [read_answers(await one)[0].status for one in crowd]
        assert results == [408] * CROWD
