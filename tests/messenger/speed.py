"""Measures the messenger: `python tests/messenger/speed.py [--asyncio]`, two processes, one table.

A worker sends 200-byte messages to the agent, several per tick of its loop; then one message
goes back and forth. Encoding, decoding and calling the handler are included.
"""

from __future__ import annotations

import asyncio
import os
import resource
import sys
import tempfile
import time
from pathlib import Path

import uvloop

sys.path.insert(0, str(Path(__file__).parents[2]))

from eggd.messenger import Messenger, MessengerConfig

COUNT = 100_000
DATA = {"path": "/x" * 60, "user": {"id": 12345, "name": "somebody"}, "tags": ["a", "b", "c"]}


def cpu() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


async def receive(directory: str) -> None:
    agent = Messenger("agent", 0, MessengerConfig(directory=directory), lambda *line: None)
    worked = 0.0
    agent.on("ping", lambda data: agent.send_to_app("pong", data))
    agent.on("work", lambda data: None)
    ended: asyncio.Event = asyncio.Event()
    agent.on("end", lambda data: ended.set())

    def done(data: object) -> None:
        nonlocal worked
        agent.send_to_app("done", cpu() - worked)
        worked = cpu()

    agent.on("done", done)
    await agent.open()
    agent._membership.started = True  # type: ignore[union-attr]
    await ended.wait()
    agent.close()


async def burst(worker: Messenger, together: int) -> tuple[float, float, float]:
    """Returns messages a second, and CPU microseconds a message of sender and receiver."""
    answer = asyncio.get_running_loop().create_future()
    worker.once("done", answer.set_result)
    began, worked = time.perf_counter(), cpu()
    for number in range(COUNT):
        worker.send_to_agent("work", DATA)
        if number % together == together - 1:
            await asyncio.sleep(0)
        if number % 1000 == 999:
            await worker.flush(10)
    worker.send_to_agent("done")
    theirs = await answer
    return COUNT / (time.perf_counter() - began), (cpu() - worked) / COUNT, theirs / COUNT


async def ping(worker: Messenger) -> list[float]:
    """Returns sorted round trips in seconds."""
    times = []
    for _ in range(5000):
        answer = asyncio.get_running_loop().create_future()
        worker.once("pong", answer.set_result)
        began = time.perf_counter()
        worker.send_to_agent("ping", DATA)
        await answer
        times.append(time.perf_counter() - began)
    return sorted(times)


async def send(directory: str) -> None:
    worker = Messenger("worker", 1, MessengerConfig(directory=directory), lambda *line: None)
    await worker.open()
    await ping(worker)
    await burst(worker, 64)
    print("in one tick | messages/s | sender CPU us | receiver CPU us")
    for together in (1, 8, 64):
        rate, ours, theirs = await burst(worker, together)
        print(f"{together:11} | {rate:10,.0f} | {ours * 1e6:13.2f} | {theirs * 1e6:15.2f}")
    times = await ping(worker)
    print(f"to and fro: p50 {times[2500] * 1e6:.0f} us, p99 {times[4950] * 1e6:.0f} us")
    worker.send_to_agent("end")
    await worker.flush(5)
    worker.close()


if __name__ == "__main__":
    if "--asyncio" not in sys.argv:
        uvloop.install()
    with tempfile.TemporaryDirectory() as place:
        child = os.fork()
        if child == 0:
            asyncio.run(receive(place))
            os._exit(0)
        asyncio.run(send(place))
        os.waitpid(child, 0)
