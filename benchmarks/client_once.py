"""One process of `benchmarks/client`: sends GET requests by one HTTP client.

    client_once.py NAME URL CONCURRENCY SECONDS
    prints {"import_ms", "import_mib", "requests", "seconds", "cpu_us", "p50_ms", "p99_ms",
            "rss_mib"}

Each of CONCURRENCY tasks sends a request, reads its JSON, and sends the next. The import is
measured on top of eggd's own modules, as an app imports the client.
"""

from __future__ import annotations

import asyncio
import importlib
import json
import resource
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import uvloop

sys.path[0] = str(Path(__file__).resolve().parent.parent)

import eggd  # noqa: E402

Get = Callable[[str], Awaitable[object]]
"""Sends a GET request and returns the value of the JSON."""


@asynccontextmanager
async def tornado(module: str, name: str) -> AsyncIterator[Get]:
    """Yields one of Tornado's clients."""
    client_class = getattr(importlib.import_module(module), name)
    client = client_class(force_instance=True, max_clients=1000)

    async def get(url: str) -> object:
        return json.loads((await client.fetch(url)).body)

    yield get


@asynccontextmanager
async def aiohttp() -> AsyncIterator[Get]:
    """Yields aiohttp's session."""
    module = importlib.import_module("aiohttp")
    async with module.ClientSession() as session:

        async def get(url: str) -> object:
            async with session.get(url) as response:
                return json.loads(await response.read())

        yield get


@asynccontextmanager
async def httpx() -> AsyncIterator[Get]:
    """Yields httpx's client."""
    module = importlib.import_module("httpx")
    async with module.AsyncClient() as client:

        async def get(url: str) -> object:
            return json.loads((await client.get(url)).content)

        yield get


@asynccontextmanager
async def eggd_client() -> AsyncIterator[Get]:
    """Yields eggd's client as `app.curl` uses it, all defaults."""
    module = importlib.import_module("eggd.httpclient.client")
    client = module.HttpClient()

    async def get(url: str) -> object:
        return (await client.request(url, data_type="json")).data

    yield get
    await client.close()


CLIENTS = {
    "tornado simple": partial(tornado, "tornado.simple_httpclient", "SimpleAsyncHTTPClient"),
    "tornado curl": partial(tornado, "tornado.curl_httpclient", "CurlAsyncHTTPClient"),
    "aiohttp": aiohttp,
    "httpx": httpx,
    "eggd": eggd_client,
}


async def main(name: str, url: str, concurrency: int, seconds: float) -> dict[str, float]:
    """Returns the figures of one run."""
    for each, home in eggd._HOMES.items():
        if "httpclient" not in home:
            getattr(eggd, each)
    before, began = rss(), time.perf_counter()
    async with CLIENTS[name]() as get:
        await get(url)
        imported, memory = time.perf_counter() - began, rss() - before
        await asyncio.gather(*(get(url) for _ in range(concurrency)))
        return {
            "import_ms": imported * 1000,
            "import_mib": memory,
            **await load(get, url, concurrency, seconds),
            "rss_mib": rss(),
        }


async def load(get: Get, url: str, concurrency: int, seconds: float) -> dict[str, float]:
    """Sends requests for some seconds."""
    times: list[float] = []
    end = time.perf_counter() + seconds

    async def one() -> None:
        while (started := time.perf_counter()) < end:
            await get(url)
            times.append(time.perf_counter() - started)

    cpu, began = time.process_time(), time.perf_counter()
    await asyncio.gather(*(one() for _ in range(concurrency)))
    spent, cpu = time.perf_counter() - began, time.process_time() - cpu
    times.sort()
    return {
        "requests": len(times),
        "seconds": spent,
        "cpu_us": cpu / len(times) * 1e6,
        "p50_ms": times[len(times) // 2] * 1000,
        "p99_ms": times[len(times) * 99 // 100] * 1000,
    }


def rss() -> float:
    """Returns the highest resident memory so far, in MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    uvloop.install()
    _, name, url, concurrency, seconds = sys.argv
    print(json.dumps(asyncio.run(main(name, url, int(concurrency), float(seconds)))))
