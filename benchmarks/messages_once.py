"""One measurement of `benchmarks/messages`, for eggd: an agent and workers, each a process.

    python messages_once.py COUNT WORKERS      prints the figures as JSON

Encoding, decoding and calling the handlers are included, as in `apps/messages` for Egg.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import tempfile
import time
from pathlib import Path

import uvloop

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from eggd.messenger import Messenger, MessengerConfig, Sender

DATA = {"path": "/x" * 60, "user": {"id": 12345, "name": "somebody"}, "tags": ["a", "b", "c"]}
PINGS = 3000


def messenger(role: str, slot: int, directory: str, slots: range) -> Messenger:
    """Returns a messenger that logs on stderr."""
    config = MessengerConfig(directory=directory)

    def log(level: str, text: str) -> None:
        print(level, text, file=sys.stderr)

    return Messenger(role, slot, config, log, enabled=lambda: slots)


class Agent:
    """The agent's half."""

    def __init__(self, directory: str, slots: range) -> None:
        self.bus = messenger("agent", 0, directory, slots)
        self.ended = asyncio.Event()
        self.waiting = 0
        self.driver = 0

    async def run(self) -> None:
        """Answers until `end`."""
        bus = self.bus
        bus.on("ping", lambda data, sender: bus.send_to(data["pid"], "pong", data))
        bus.on("work", lambda data: None)
        bus.on("end-of-work", lambda data: bus.send_to(data["pid"], "all-arrived"))
        bus.on_request("echo", lambda data: data)
        bus.on("spread", self.spread).on("seen", self.seen)
        bus.on("end", lambda data: self.ended.set())
        await bus.open()
        bus.announce("ready")
        await self.ended.wait()
        bus.close()

    async def spread(self, data: dict[str, int]) -> None:
        """Sends messages to all workers."""
        self.waiting, self.driver = data["workers"], data["pid"]
        for number in range(data["count"]):
            self.bus.send_to_app("news", DATA)
            if number % 64 == 63:
                await self.bus.flush(10)
        self.bus.send_to_app("end-of-news")

    def seen(self, data: object, sender: Sender) -> None:
        """Counts the workers that have received all."""
        self.waiting -= 1
        if not self.waiting:
            self.bus.send_to(self.driver, "all-arrived")


class Worker:
    """A worker's half; that of slot 1 measures."""

    def __init__(self, slot: int, directory: str, slots: range) -> None:
        self.bus = messenger("worker", slot, directory, slots)

    async def open(self) -> None:
        """Returns when the suite is ready."""
        ready = self.once("egg-ready")
        self.bus.on("news", lambda data: None)
        self.bus.on("end-of-news", lambda data: self.bus.send_to_agent("seen"))
        await self.bus.open()
        self.bus.announce("ready")
        await ready

    def once(self, action: str) -> asyncio.Future[object]:
        """Returns a future with the next message."""
        future: asyncio.Future[object] = asyncio.get_running_loop().create_future()
        self.bus.once(action, future.set_result)
        return future

    async def burst(self, count: int, data: object, together: int) -> float:
        """Returns messages a second from here to the agent."""
        began, arrived = time.perf_counter(), self.once("all-arrived")
        for number in range(count):
            self.bus.send_to_agent("work", data)
            if number % together == together - 1:
                await asyncio.sleep(0)
            if number % 1024 == 1023:
                await self.bus.flush(10)
        self.bus.send_to_agent("end-of-work", {"pid": os.getpid()})
        await arrived
        return count / (time.perf_counter() - began)

    async def ping(self) -> list[float]:
        """Returns the sorted round trips of a message and its answer, in microseconds."""
        data, times = {**DATA, "pid": os.getpid()}, []
        for _ in range(PINGS):
            pong, began = self.once("pong"), time.perf_counter()
            self.bus.send_to_agent("ping", data)
            await pong
            times.append((time.perf_counter() - began) * 1e6)
        return sorted(times)

    async def request(self) -> list[float]:
        """Returns the same of requests."""
        times = []
        for _ in range(PINGS):
            began = time.perf_counter()
            await self.bus.request("echo", DATA)
            times.append((time.perf_counter() - began) * 1e6)
        return sorted(times)

    async def spread(self, count: int, workers: int) -> float:
        """Returns deliveries a second of messages from the agent to all workers."""
        began, arrived = time.perf_counter(), self.once("all-arrived")
        about = {"count": count, "workers": workers, "pid": os.getpid()}
        self.bus.send_to_agent("spread", about)
        await arrived
        return count * workers / (time.perf_counter() - began)


async def measure(count: int, workers: int, directory: str) -> dict[str, float]:
    """Returns the figures of one suite."""
    one = Worker(1, directory, range(1, workers + 1))
    await one.open()
    figures: dict[str, float] = {}
    if workers > 1:
        await one.spread(count // 10, workers)
        figures["spread"] = await one.spread(count // 10, workers)
    else:
        await one.ping()
        await one.burst(count // 4, DATA, 64)
        figures["messages"] = await one.burst(count, DATA, 64)
        times = await one.ping()
        figures["p50"], figures["p99"] = times[PINGS // 2], times[PINGS * 99 // 100]
        figures["request"] = (await one.request())[PINGS // 2]
        await one.burst(20, "x" * (1 << 20), 1)
        figures["large"] = await one.burst(100, "x" * (1 << 20), 1)
    one.bus.broadcast("end")
    await one.bus.flush(5)
    one.bus.close()
    return figures


async def serve(slot: int, directory: str, slots: range) -> None:
    """Runs another worker until `end`."""
    worker, ended = Worker(slot, directory, slots), asyncio.Event()
    worker.bus.on("end", lambda data: ended.set())
    await worker.open()
    await ended.wait()
    worker.bus.close()


def main() -> None:
    """Forks the processes and prints what the first worker measured."""
    count, workers = map(int, sys.argv[1:])
    slots = range(1, workers + 1)
    uvloop.install()
    with tempfile.TemporaryDirectory() as directory:
        for slot in range(workers):
            if os.fork() == 0:
                agent = Agent(directory, slots).run
                asyncio.run(serve(slot + 1, directory, slots) if slot else agent())
                os._exit(0)
        print(json.dumps(asyncio.run(measure(count, workers, directory))))
        for _ in range(workers):
            os.wait()


if __name__ == "__main__":
    main()
