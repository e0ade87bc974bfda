"""Mutated requests of the corpus: the answers are the same for all ways to cut them into pieces.

Seeds are fixed, so a failure repeats.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable

import pytest
import uvloop

from tests.http.fake import Client, read_answers, summary, turn
from tests.http.test_corpus import CONFIG, INVALID, VALID, read

SAMPLES = [data for path in VALID + INVALID if len(data := read(path)[1]) < 1500]
PIECES = [
    *(b"\r\n", b"\n", b"\r", b" ", b"\t", b":", b"\0", b"\x80", b"HTTP/1.1", b"HTTP/1.0"),
    *(b"Host: a\r\n", b"Content-Length: 3\r\n", b"Transfer-Encoding: chunked\r\n"),
    *(b"Connection: close\r\n", b"connection:Keep-Alive\r\n", b"Proxy-Connection: close\r\n"),
    *(
        b"CONNECTION: x\r\n",
        b"close",
        b"keep-alive",
        b",",
        b"Upgrade: x\r\nConnection: upgrade\r\n",
        b"0\r\n\r\n",
    ),
    *(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n", b"Expect: 100-continue\r\n"),
]


def mutated(rng: random.Random) -> bytes:
    data = bytearray(rng.choice(SAMPLES))
    for _ in range(rng.randint(1, 3)):
        at = rng.randrange(len(data) + 1)
        if not rng.randrange(3):
            at = data.find(b"\n", at) + 1  # the beginning of a line
        new = rng.choice([b"", rng.choice(PIECES), rng.randbytes(1), rng.choice(SAMPLES)[:200]])
        data[at : at + rng.randint(0, 3)] = new
    return bytes(data)


async def statuses(data: bytes, step: int) -> list[int]:
    client = Client(summary, CONFIG)
    await client.send(data, step)
    if not client.transport.closed:
        client.end()
    await turn()
    assert {level for level, _ in client.log} <= {"warn"}
    output = client.output.replace(b"HTTP/1.1 100 Continue\r\n\r\n", b"")
    return [answer.status for answer in read_answers(output)]


MUTATIONS = 60
"""Mutated requests for each seed."""


@pytest.mark.parametrize("seed", range(8))
async def test_the_answers_do_not_depend_on_the_pieces(seed: int) -> None:
    await pieces_change_nothing(seed)


@pytest.mark.soak
@pytest.mark.timeout(1800)
def test_the_answers_to_100_000_mutations_do_not_depend_on_the_pieces(
    figure: Callable[[str], None],
) -> None:
    seeds = range(8, 8 + 100_000 // MUTATIONS + 1)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        for seed in seeds:
            runner.run(pieces_change_nothing(seed))
    figure(f"{len(seeds) * MUTATIONS:,} mutated requests, each in three cuts: no difference")


async def pieces_change_nothing(seed: int) -> None:
    rng = random.Random(seed)
    for _ in range(MUTATIONS):
        data = mutated(rng)
        whole = await statuses(data, 0)
        for step in (1, rng.randint(2, 20)):
            assert await statuses(data, step) == whole, data
