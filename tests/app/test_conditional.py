"""Conditional and range requests where a handler asks for them; events (core:REQ-14)."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import uvloop

from eggd.testing.app_starter import AppStarter, StartOptions
from eggd.testing.make_app import make_app
from tests.app.serving import Client, served

FILES = {
    "app/controller/home.py": """
        import asyncio
        from pathlib import Path
        from eggd import Event, conditional, events

        told = asyncio.Queue()

        async def file(ctx):
            ctx.body = Path(ctx.app.config.files, "a.txt")
            await conditional(ctx)

        async def text(ctx):
            ctx.body = "0123456789"
            await conditional(ctx)

        async def json(ctx):
            ctx.body = {"a": 1}
            await conditional(ctx)

        async def news(ctx):
            async def source():
                yield "one"
                yield {"two": 2}
                yield Event(event="bye", id="3", data="")
            events(ctx, source())

        async def quiet(ctx):
            async def source():
                try:
                    await asyncio.Event().wait()
                    yield "never"
                finally:
                    told.put_nowait("closed")
            events(ctx, source(), ping=0.01)

        async def next_word(ctx):
            async with asyncio.timeout(10):
                return await told.get()
        """,
    "app/router.py": """
        def router(app):
            for name in ("file", "text", "json", "news", "quiet", "next_word"):
                app.router.get("/" + name, getattr(app.controller.home, name))
        """,
}


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    folder = tmp_path_factory.mktemp("conditional")
    (folder / "a.txt").write_text("0123456789")
    config = {"config/config_default.py": f"files = {str(folder)!r}\n"}
    with served(folder / "shop", {**FILES, **config}) as made:
        yield made


@pytest.mark.parametrize("path", ["/file", "/text"])
@pytest.mark.parametrize(
    ("headers", "status", "body", "told"),
    [
        ({}, 200, "0123456789", None),
        ({"Range": "bytes=2-4"}, 206, "234", "bytes 2-4/10"),
        ({"Range": "bytes=-2"}, 206, "89", "bytes 8-9/10"),
        ({"Range": "bytes=0-3,3-4"}, 206, "01234", "bytes 0-4/10"),
        ({"Range": "bytes=" + ",".join(["0-0"] * 17)}, 200, "0123456789", None),
        ({"Range": "bytes=99-"}, 416, None, "bytes */10"),
        ({"Range": "bytes=2-4", "If-Range": '"other"'}, 200, "0123456789", None),
        ({"If-Match": '"other"'}, 412, None, None),
        ({"If-None-Match": "*"}, 304, "", None),
        ({"If-None-Match": '"other"'}, 200, "0123456789", None),
    ],
)
def test_conditions_and_ranges(
    client: Client, path: str, headers: dict[str, str], status: int, body: str, told: str | None
) -> None:
    # core:REQ-14, RES-6
    answer = client.get(path, **headers)
    assert (answer.status, answer.headers["Content-Range"]) == (status, told)
    assert body is None or answer.text == body
    assert status != 200 or answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert status == 304 or int(answer.headers["Content-Length"]) == len(answer.body)


@pytest.mark.parametrize("path", ["/file", "/text"])
def test_several_ranges(client: Client, path: str) -> None:
    """Each part has its own type and range (RFC 9110 section 14.6)."""
    answer = client.get(path, Range="bytes=0-1, 4-5,99-,-1")
    kind, _, boundary = answer.headers["Content-Type"].partition("; boundary=")
    assert (answer.status, kind) == (206, "multipart/byteranges")
    assert answer.headers["Content-Range"] is None
    parts = [part.split("\r\n\r\n") for part in answer.text.split(f"\r\n--{boundary}")[1:-1]]
    head = "\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Range: bytes "
    assert parts == [[f"{head}0-1/10", "01"], [f"{head}4-5/10", "45"], [f"{head}9-9/10", "9"]]
    assert answer.text.endswith(f"\r\n--{boundary}--\r\n")


@pytest.mark.parametrize("path", ["/file", "/text", "/json"])
def test_a_valid_cached_copy_is_answered_with_304(client: Client, path: str) -> None:
    # core:REQ-14
    first = client.get(path)
    again = client.get(path, **{"If-None-Match": first.headers["ETag"]})
    assert (again.status, again.body, again.headers["ETag"]) == (304, b"", first.headers["ETag"])
    part = client.get(path, Range="bytes=0-0", **{"If-Range": first.headers["ETag"]})
    assert (part.status, part.body) == (206, first.body[:1])
    head = client.ask("HEAD", path, headers={"Range": "bytes=0-0"})
    assert (head.status, int(head.headers["Content-Length"])) == (200, len(first.body))


def test_a_file_by_its_date(client: Client) -> None:
    # core:REQ-14, X-9
    date = client.get("/file").headers["Last-Modified"]
    assert date.endswith(" GMT")
    assert client.get("/file", **{"If-Modified-Since": date}).status == 304


def test_events(client: Client) -> None:
    answer = client.get("/news")
    sent = ':\n\ndata: one\n\ndata: {"two":2}\n\nevent: bye\nid: 3\ndata: \n\n'
    assert (answer.headers["Content-Type"], answer.text) == ("text/event-stream", sent)


def test_a_disconnect_ends_the_source_of_events(client: Client) -> None:
    # core:RES-16
    with socket.create_connection(("127.0.0.1", client.port), timeout=10) as connection:
        connection.sendall(b"GET /quiet HTTP/1.1\r\nHost: a\r\n\r\n")
        seen = b""
        while seen.count(b":\n\n") < 3:
            seen += connection.recv(4096)
    assert client.get("/next_word").text == "closed"


def test_a_worker_that_stops_ends_its_events(tmp_path: Path) -> None:
    """The client receives a complete response, and reconnects to another worker."""
    stage = AppStarter(tmp_path / "stage", uvloop.new_event_loop)
    running = stage.start(make_app(tmp_path / "shop", FILES), StartOptions(env="unittest"))
    with socket.create_connection(("127.0.0.1", urlsplit(running.url).port), 10) as connection:
        connection.sendall(b"GET /quiet HTTP/1.1\r\nHost: a\r\n\r\n")
        seen = connection.recv(4096)
        while b":\n\n" not in seen:
            seen += connection.recv(4096)
        assert running._server is not None
        running.run(running._server.drain(10))
        for more in iter(lambda: connection.recv(4096), b""):
            seen += more
    stage.close()
    assert seen.endswith(b"\r\n0\r\n\r\n")
