"""The corpus of requests with an application's answers: `requests/app`, in the form of
`test_corpus`. First lines are `# STATUS content` (text, or its beginning) and `# close`."""

from __future__ import annotations

import http.client
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.app.serving import Client, served
from tests.http.test_corpus import REQUESTS, read, request_name

FILES = {
    "app/router.py": """
        import tornado.web

        def cookie(ctx):
            return ctx.get("cookie")

        async def numbers(ctx):
            from eggd import conditional
            ctx.body = "abcdef"
            await conditional(ctx)

        async def dated(ctx):
            from eggd import conditional
            ctx.set("Last-Modified", "Sun, 06 Nov 1994 08:49:37 GMT")
            ctx.body = "dated"
            await conditional(ctx)

        def close(ctx):
            ctx.set("Connection", ctx.query.get("in", "close"))
            return "bye"

        async def stream(ctx):
            async def chunks():
                yield b"bye"
            ctx.set("Connection", "close")
            ctx.length = 3
            return chunks()

        def error(ctx):
            ctx.set("Connection", "close")
            ctx.status = 400
            ctx.body = "no"

        async def ban(ctx):
            ctx.type = "text/plain"
            ctx.body = f"{ctx.method} {await ctx.exchange.body.read()!r}"

        async def asgi(scope, receive, send):
            if scope["type"] != "http":
                raise RuntimeError
            fields = [(b"Connection", b"Close")] if scope["query_string"] else []
            cookies = [value for name, value in scope["headers"] if name == b"cookie"]
            await send({"type": "http.response.start", "status": 200, "headers": fields})
            await send({"type": "http.response.body", "body": b"|".join(cookies)})

        class Guest(tornado.web.RequestHandler):
            def get(self):
                if self.request.query:
                    self.set_header("Connection", "close")
                self.write(self.request.headers.get("Cookie", ""))

        def router(app):
            for handler in (cookie, numbers, dated, close, stream, error):
                app.router.get(f"/{handler.__name__}", handler)
            app.router.register(["BAN", "announce", "G-T"], "/ban", ban)
            app.router.mount("/asgi", asgi)
            app.router.mount("/tornado", tornado.web.Application([("/.*", Guest)]))
        """,
}


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    with served(tmp_path_factory.mktemp("corpus") / "shop", FILES) as client:
        yield client


@pytest.mark.parametrize("path", sorted((REQUESTS / "app").glob("*.http")), ids=request_name)
def test_an_application_answers(client: Client, path: Path) -> None:
    """Every file gets the answer in its first lines (RFC 9110; core:RT-10, X-9)."""
    expected, data = read(path)
    with socket.create_connection(("127.0.0.1", client.port), timeout=20) as connection:
        connection.sendall(data)
        answer = http.client.HTTPResponse(connection)
        answer.begin()
        content = answer.read().decode()
        closes = answer.getheader("Connection") == "close"
        assert not closes or connection.recv(1) == b""
    status, _, text = expected[0].partition(" ")
    assert (answer.status, content[: len(text)]) == (int(status), text)
    assert closes == ("close" in expected)
    assert len(answer.msg.get_all("Connection", [])) == 1
