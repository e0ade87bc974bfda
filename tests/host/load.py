"""Closed-loop HTTP load that classifies every failure.

    python load.py PORT CONNECTIONS PATH [--new] [--trust FILE]

`--trust` speaks TLS and believes the certificates in FILE.

Prints `running` when every connection has had its first answer, runs until standard input ends,
then prints one JSON object. A failure has a kind:

    refused    the connection was refused
    reset      it broke (or ended) before the whole answer was there
    stale      it broke on a reused connection before any byte of the answer
    status     the answer's status is not 200
    timeout    no whole answer in 30 s

An end of the connection between two requests, or after `Connection: close`, does not count. Each
failure has the pid that answered on this connection before (bodies are pids), or null.
Standard library only; runs in the network namespace of a host.
"""

from __future__ import annotations

import asyncio
import json
import ssl
import sys
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

TIMEOUT = 30.0


@dataclass(slots=True)
class Tally:
    """The counts of all connections together."""

    requests: int = 0
    failures: list[dict[str, object]] = field(default_factory=list)
    pids: Counter[str] = field(default_factory=Counter)
    worst_ms: float = 0.0


class BrokenError(Exception):
    """An answer that did not come whole."""


Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


async def answer(streams: Streams, request: bytes, *, reused: bool) -> tuple[bytes, bytes]:
    """Sends a request and returns head and body of its answer; raises BrokenError."""
    reader, writer = streams
    try:
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        return head, await reader.readexactly(_length(head))
    except (asyncio.IncompleteReadError, OSError) as exc:
        partial = getattr(exc, "partial", b"")
        raise BrokenError("stale" if reused and not partial else "reset") from exc


class Client:
    """One connection after the other, one request after the other on each."""

    def __init__(
        self, port: int, path: str, tally: Tally, *, new: bool, tls: ssl.SSLContext | None
    ) -> None:
        self._port = port
        self._tls = tls
        self._new = new
        close = "Connection: close\r\n" if new else ""
        self._request = f"GET {path} HTTP/1.1\r\nHost: localhost\r\n{close}\r\n".encode()
        self._tally = tally
        self._pid: str | None = None
        self._streams: Streams | None = None

    async def run(self, answered: asyncio.Semaphore, stop: asyncio.Event) -> None:
        """Asks until `stop`; release `answered` once, after the first answer."""
        await self._once()
        answered.release()
        while not stop.is_set():
            await self._once()
        self._hang_up()

    async def _once(self) -> None:
        began = time.monotonic()
        try:
            async with asyncio.timeout(TIMEOUT):
                await self._ask()
        except ConnectionRefusedError:
            self._failed("refused")
            await asyncio.sleep(0.01)
        except BrokenError as exc:
            self._failed(str(exc))
        except OSError:
            self._failed("reset")
        except TimeoutError:
            self._failed("timeout")
        self._tally.requests += 1
        self._tally.worst_ms = max(self._tally.worst_ms, (time.monotonic() - began) * 1000)

    async def _ask(self) -> None:
        if self._streams is not None and self._streams[0].at_eof():
            self._hang_up()
        reused = self._streams is not None
        if self._streams is None:
            self._streams = await asyncio.open_connection(
                "127.0.0.1", self._port, ssl=self._tls, server_hostname=self._tls and "localhost"
            )
        head, body = await answer(self._streams, self._request, reused=reused)
        self._take(head, body.decode().strip())

    def _take(self, head: bytes, body: str) -> None:
        if b" 200 " not in head.split(b"\r\n", 1)[0]:
            raise BrokenError("status")
        self._pid = body
        self._tally.pids[body] += 1
        if self._new or b"connection: close" in head.lower():
            self._hang_up()

    def _failed(self, kind: str) -> None:
        self._tally.failures.append({"kind": kind, "pid": self._pid, "at": time.monotonic()})
        self._hang_up()

    def _hang_up(self) -> None:
        if self._streams is not None:
            self._streams[1].close()
        self._streams = None
        self._pid = None


def _length(head: bytes) -> int:
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            return int(line.partition(b":")[2])
    raise BrokenError("reset")


def yield_cpu() -> None:
    """Lowers the priority of this session, if the kernel schedules sessions (sched(7)).

    There a nice value has no effect beyond its session, and each unit has a session of its own.
    """
    with suppress(OSError):
        Path("/proc/self/autogroup").write_text("5")


async def main(port: int, connections: int, path: str, *, new: bool, trust: str) -> None:
    """Runs until standard input ends, and prints the tally."""
    tally = Tally()
    tls = ssl.create_default_context(cafile=trust) if trust else None
    stop = asyncio.Event()
    answered = asyncio.Semaphore(0)
    loop = asyncio.get_running_loop()
    async with asyncio.TaskGroup() as group:
        for _ in range(connections):
            client = Client(port, path, tally, new=new, tls=tls)
            group.create_task(client.run(answered, stop))
        for _ in range(connections):
            await answered.acquire()
        print("running", flush=True)
        loop.add_reader(sys.stdin.fileno(), stop.set)
        await stop.wait()
        loop.remove_reader(sys.stdin.fileno())
    print(
        json.dumps(
            {
                "requests": tally.requests,
                "failures": tally.failures,
                "pids": tally.pids,
                "worst_ms": tally.worst_ms,
            }
        )
    )


if __name__ == "__main__":
    yield_cpu()
    options = sys.argv[4:]
    trusted = options[options.index("--trust") + 1] if "--trust" in options else ""
    asyncio.run(
        main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3], new="--new" in options, trust=trusted)
    )
