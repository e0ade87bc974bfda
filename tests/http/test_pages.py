"""The server of a process's own pages: GET and HEAD by exact path, for few clients at once."""

from __future__ import annotations

import asyncio
import socket

import pytest

from eggd.http import pages
from eggd.http.pages import Page, PageServer, json_page
from tests.http.fake import until
from tests.http.serving import Talk


class Served:
    """A server with two pages and one that fails, and its clients."""

    def __init__(self) -> None:
        self.log: list[tuple[str, str]] = []
        self.server = PageServer(lambda level, text: self.log.append((level, text)))
        self.server.add("/live", lambda _: json_page({"state": "live"}))
        self.server.add("/ready", lambda _: Page(b"no", status=503))
        self.server.add("/broken", lambda _: Page(str(1 // 0).encode()))
        self.talks: list[Talk] = []

    async def connect(self) -> Talk:
        """Opens a connection."""
        talk = Talk(*await asyncio.open_connection("127.0.0.1", self.port))
        self.talks.append(talk)
        return talk

    async def __aenter__(self) -> Served:
        listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = listener.getsockname()[1]
        await self.server.start(listener)
        return self

    async def __aexit__(self, *_: object) -> None:
        for talk in self.talks:
            await talk.close()
        await self.server.close()


LIVE = b"GET /live HTTP/1.1\r\nHost: a\r\n\r\n"


@pytest.mark.parametrize(
    ("method", "path", "status", "text"),
    [
        ("GET", "/live", 200, '{"state": "live"}\n'),
        ("GET", "/live?verbose", 200, '{"state": "live"}\n'),
        ("GET", "/ready", 503, "no"),
        ("GET", "/", 404, "not found; the pages are /broken, /live, /ready\n"),
        ("POST", "/live", 405, "only GET and HEAD\n"),
        ("DELETE", "/live", 405, "only GET and HEAD\n"),
    ],
)
def test_a_request_gets_its_page(method: str, path: str, status: int, text: str) -> None:
    async def scene() -> None:
        async with Served() as served:
            client = await served.connect()
            request = f"{method} {path} HTTP/1.1\r\nHost: a\r\n\r\n"
            for _ in range(2):  # the connection is kept
                answer = await client.ask(request.encode())
                assert (answer.status, answer.body.decode()) == (status, text)
                assert answer.headers["cache-control"] == "no-store"
                assert ("allow" in answer.headers) is (status == 405)

    asyncio.run(scene())


def test_head_has_no_content() -> None:
    async def scene() -> None:
        async with Served() as served:
            client = await served.connect()
            client.writer.write(b"HEAD /live HTTP/1.0\r\n\r\n")
            head = await client.rest()
            assert head.startswith(b"HTTP/1.1 200 OK\r\n")
            assert head.endswith(b"\r\n\r\n")

    asyncio.run(scene())


def test_a_page_that_fails_is_500_and_logged() -> None:
    async def scene() -> None:
        async with Served() as served:
            answer = await (await served.connect()).ask(b"GET /broken HTTP/1.1\r\nHost: a\r\n\r\n")
            assert answer.status == 500
        [(level, text)] = served.log
        assert level == "error"
        assert "ZeroDivisionError" in text

    asyncio.run(scene())


def test_garbage_is_refused_and_not_logged() -> None:
    async def scene() -> None:
        async with Served() as served:
            for data in (b"\0\r\n\r\n", b"GET /live HTTP/1.1\r\n\r\n", b"x" * 9000 + b"\r\n"):
                client = await served.connect()
                client.writer.write(data)
                assert (await client.rest()).startswith(b"HTTP/1.1 4")
        assert served.log == []

    asyncio.run(scene())


def test_more_connections_than_allowed_are_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "MOST", 2)

    async def scene() -> None:
        async with Served() as served:
            first, second = await served.connect(), await served.connect()
            for each in (first, second):
                assert (await each.ask(LIVE)).status == 200
            assert await (await served.connect()).rest() == b""
            await first.close()
            await until(lambda: served.server.connections == 1)
            assert (await (await served.connect()).ask(LIVE)).status == 200

    asyncio.run(scene())
