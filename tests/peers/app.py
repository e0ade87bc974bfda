"""The app that independent peers ask, and what each of them must have seen."""

from __future__ import annotations

from http import HTTPStatus
from pathlib import Path

HERE = Path(__file__).parent
NUMBERS = "".join(f"{number:04d}\n" for number in range(1000))

ROUTER = """
import asyncio
from pathlib import Path

from eggd import Event, conditional, events

HERE = Path(__file__).parent.parent / "files"
REPORTED = asyncio.Event()


async def hello(ctx):
    ctx.body = "hello"


async def echo(ctx):
    ctx.type = "text/plain"
    ctx.body = ctx.request.body


async def file(ctx):
    ctx.body = HERE / "numbers.txt"
    await conditional(ctx)


async def chunks(ctx):
    async def made():
        for number in range(3):
            yield f"piece {number};" * 1000

    ctx.type = "text/plain"
    ctx.body = made()


async def nothing(ctx):
    ctx.status = 204


async def news(ctx):
    async def made():
        yield Event(data="one", id="1")
        yield Event(data="two\\nlines", event="named", id="2")
        yield "three"

    events(ctx, made())


async def talk(ctx, socket):
    async for message in socket:
        await socket.send(message)


async def page(ctx):
    ctx.body = HERE / "page.html"


async def checks(ctx):
    ctx.type = "text/javascript"
    ctx.body = (HERE / "checks.mjs").read_text()


async def report(ctx):
    ctx.app.locals["report"] = ctx.request.body
    REPORTED.set()
    ctx.status = 204


async def reported(ctx):
    await REPORTED.wait()
    ctx.body = ctx.app.locals["report"]


def router(app):
    for path, handler in [
        ("/hello", hello), ("/file", file), ("/chunks", chunks), ("/nothing", nothing),
        ("/news", news), ("/page", page), ("/checks.mjs", checks), ("/report", reported),
    ]:
        app.router.get(path, handler)
    app.router.post("/echo", echo)
    app.router.post("/report", report)
    app.router.ws("/talk", talk)
"""

FILES = {
    "config/plugin.py": "security = False\nonerror = False\n",
    "app/router.py": ROUTER,
    "files/numbers.txt": NUMBERS,
    "files/page.html": (HERE / "page.html").read_text(),
    "files/checks.mjs": (HERE / "checks.mjs").read_text(),
}

HTML = "text/html; charset=utf-8"
PLAIN = "text/plain; charset=utf-8"
CHUNKS = "".join(f"piece {number};" * 1000 for number in range(3))
BEYOND = f"<h1>416 {HTTPStatus(416).phrase}</h1>"

FETCHED: dict[str, object] = {
    "hello": [200, PLAIN, "hello"],
    "again": [200, PLAIN, "hello"],
    "head": [200, PLAIN, ""],
    "nothing": [204, None, ""],
    "file": [200, PLAIN, NUMBERS],
    "unchanged": [304, None, ""],
    "range": [206, PLAIN, NUMBERS[5:9]],
    "beyond": [416, HTML, BEYOND],
    "echo": [
        200,
        "application/json; charset=utf-8",
        '{"text":"' + "\u00e4\u00f6\u00fc" * 20000 + '"}',
    ],
    "missing": [404, HTML, "<h1>404 Not Found</h1>"],
    "chunks": [200, PLAIN, CHUNKS],
    "parallel": "hello" * 30,
}
"""The results that `checks.mjs` must report, with Node's fetch and with a browser's."""

NEWS = [["message", "one", "1"], ["named", "two\nlines", "2"], ["message", "three", "2"]]
TALK = ["text \u00e4", [0, 255], "x" * 200000, 1000, True]
"""The messages that a browser's EventSource and WebSocket must receive."""
