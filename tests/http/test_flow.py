"""Pausing and resuming on one connection."""

from __future__ import annotations

import asyncio
import socket
from itertools import pairwise

from eggd.http.flow import Flow
from eggd.http.hangup import HangUps


def test_a_handler_that_only_writes_gives_others_a_turn() -> None:
    """Even if the client takes everything at once, so that no write has to wait."""

    async def main() -> list[int]:
        loop = asyncio.get_running_loop()
        near, far = socket.socketpair()
        with far:
            transport, _ = await loop.create_connection(asyncio.Protocol, sock=near)
            flow = Flow(loop, HangUps(), lambda reset: None)
            flow.attach(transport)
            written = 0
            turns: list[int] = []

            def turn() -> None:
                turns.append(written)
                loop.call_soon(turn)

            loop.call_soon(turn)
            for each in range(1, 101):
                written = each
                transport.write(b"x")
                await flow.writable()
            transport.abort()
            return turns

    turns = asyncio.run(main())
    assert 3 <= len(turns) <= 50
    assert max(b - a for a, b in pairwise([0, *turns])) <= 20
