"""Open-loop HTTP load: each request has its time, whatever became of the ones before.

    python -m tests.chaos.load PORT RATE [PATH]

64 keep-alive connections share RATE requests a second; 100 new connections a second ask once each.
A latency counts from the time at which the request was due: a server that stalls delays all that
follow. Prints `running`, runs until standard input ends, waits for the answers in flight, then
prints one JSON list: [due, seconds, failure, pid, new] of each request. `due` is CLOCK_MONOTONIC;
`failure` is "" or refused, reset, stale, status, timeout (see tests/host/load.py); `pid` is the
worker's that answered, or that answered before on the connection.
Runs in the network namespace of a host.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import Iterator

from tests.host.load import TIMEOUT, BrokenError, Streams, answer

KEPT = 64
NEW = 100

Sample = tuple[float, float, str, str | None, bool]


class Connection:
    """A keep-alive connection that is opened again after its end."""

    def __init__(self, port: int, path: str, *, new: bool) -> None:
        self._port = port
        self._new = new
        close = "Connection: close\r\n" if new else ""
        self._request = f"GET {path} HTTP/1.1\r\nHost: localhost\r\n{close}\r\n".encode()
        self._streams: Streams | None = None
        self._pid: str | None = None

    async def sample(self, due: float) -> Sample:
        """Asks once, and returns the sample."""
        failure = ""
        try:
            async with asyncio.timeout(TIMEOUT):
                await self._ask()
        except ConnectionRefusedError:
            failure = "refused"
        except BrokenError as exc:
            failure = str(exc)
        except OSError:
            failure = "reset"
        except TimeoutError:
            failure = "timeout"
        pid = self._pid
        if failure or self._new:
            self.close()
        return due, time.monotonic() - due, failure, pid, self._new

    async def _ask(self) -> None:
        if self._streams is not None and self._streams[0].at_eof():
            self.close()
        reused = self._streams is not None
        if self._streams is None:
            self._streams = await asyncio.open_connection("127.0.0.1", self._port)
        head, body = await answer(self._streams, self._request, reused=reused)
        self._pid = body.decode().strip()
        if b" 200 " not in head.split(b"\r\n", 1)[0]:
            raise BrokenError("status")
        if b"connection: close" in head.lower():
            self._streams[1].close()
            self._streams = None

    def close(self) -> None:
        """Closes the connection; the next sample opens another."""
        if self._streams is not None:
            self._streams[1].close()
        self._streams = None
        self._pid = None


def times(interval: float, first: float) -> Iterator[float]:
    """Yields the times of requests, `interval` seconds apart."""
    due = first
    while True:
        yield due
        due += interval


class Generator:
    """All connections together, and their samples."""

    def __init__(self, port: int, rate: float, path: str) -> None:
        self._port, self._path = port, path
        self._interval = KEPT / rate
        self._stop = asyncio.Event()
        self._asking: set[asyncio.Task[None]] = set()
        self.samples: list[Sample] = []

    async def run(self) -> None:
        """Runs until standard input ends."""
        loop = asyncio.get_running_loop()
        begin = time.monotonic() + 0.1
        async with asyncio.TaskGroup() as group:
            for number in range(KEPT):
                group.create_task(self._keep(begin + number * self._interval / KEPT))
            group.create_task(self._open(begin))
            print("running", flush=True)
            loop.add_reader(sys.stdin.fileno(), self._stop.set)
            await self._stop.wait()
            loop.remove_reader(sys.stdin.fileno())
        await asyncio.gather(*self._asking)

    async def _keep(self, first: float) -> None:
        connection = Connection(self._port, self._path, new=False)
        for due in times(self._interval, first):
            if not await self._until(due):
                return connection.close()
            self.samples.append(await connection.sample(due))
        return None

    async def _open(self, first: float) -> None:
        for due in times(1 / NEW, first):
            if not await self._until(due):
                return
            task = asyncio.create_task(self._ask_once(due))
            self._asking.add(task)
            task.add_done_callback(self._asking.discard)

    async def _ask_once(self, due: float) -> None:
        self.samples.append(await Connection(self._port, self._path, new=True).sample(due))

    async def _until(self, due: float) -> bool:
        """Waits for a time; returns False once the load ends."""
        if (left := due - time.monotonic()) > 0:
            await asyncio.sleep(left)
        return not self._stop.is_set()


def main() -> None:
    """Runs the generator, under uvloop where it is installed, and prints the samples."""
    port, rate = int(sys.argv[1]), float(sys.argv[2])
    generator = Generator(port, rate, sys.argv[3] if len(sys.argv) > 3 else "/")
    try:
        import uvloop

        uvloop.install()
    except ImportError:
        pass
    asyncio.run(generator.run())
    print(json.dumps(generator.samples))


if __name__ == "__main__":
    main()
