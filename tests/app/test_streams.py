"""Bodies that are made while they are sent, and clients that leave (core:RES-16, X-4)."""

from __future__ import annotations

import http.client
import os
import socket
import stat
from collections.abc import Iterator
from contextlib import suppress

import pytest

from tests.app.serving import Client, served

NAMES = ("file", "opened", "early", "late", "waiting", "silent", "counting", "handler", "replaced")

FILES = {
    "app/controller/home.py": """
        import asyncio
        import io
        from pathlib import Path

        told = asyncio.Queue()

        def file(ctx):
            return Path(ctx.app.config.files, ctx.query["name"])

        def opened(ctx):
            return io.BytesIO(b"x" * 300_000)

        async def early(ctx):
            async def chunks():
                raise ValueError("before anything")
                yield b""
            return chunks()

        async def late(ctx):
            async def chunks():
                yield b"some"
                await asyncio.sleep(0)
                raise ValueError("in the middle")
            return chunks()

        async def waiting(ctx):
            async def chunks():
                try:
                    yield b"first"
                    await asyncio.Event().wait()
                finally:
                    told.put_nowait(f"closed {ctx.aborted}")
            return chunks()

        async def silent(ctx):
            async def chunks():
                try:
                    await asyncio.Event().wait()
                    yield b"never"
                finally:
                    told.put_nowait(f"closed {ctx.aborted}")
            return chunks()

        async def counting(ctx):
            left = asyncio.Event()
            ctx.on_abort(left.set)
            async def chunks():
                yield b"0"
                await left.wait()
                for number in range(1, 6):
                    await asyncio.sleep(0.01)
                    yield str(number).encode()
                told.put_nowait(f"writable {ctx.writable}")
            return chunks()

        async def handler(ctx):
            left = asyncio.Event()
            ctx.on_abort(left.set)
            told.put_nowait("began")
            await left.wait()
            ctx.body = "lost"
            told.put_nowait(f"aborted {ctx.aborted}, writable {ctx.writable}")

        async def replaced(ctx):
            class Source:
                def __aiter__(self): return self
                async def __anext__(self): raise StopAsyncIteration
                async def aclose(self): told.put_nowait("replaced")
            ctx.body = Source()
            ctx.body = "instead"

        async def next_word(ctx):
            async with asyncio.timeout(10):
                return await told.get()
        """,
    "app/router.py": f"""
        def router(app):
            home = app.controller.home
            for name in {(*NAMES, "next_word")!r}:
                app.router.get("/" + name, getattr(home, name))
        """,
}


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    folder = tmp_path_factory.mktemp("streams")
    (folder / "a.html").write_bytes(b"<p>" * 200_000)
    (folder / "empty").touch()
    (folder / "folder").mkdir()
    (folder / "loop").symlink_to("loop")
    os.mkfifo(folder / "fifo")
    os.mknod(folder / "socket", stat.S_IFSOCK | 0o600)
    config = {"config/config_default.py": f"files = {str(folder)!r}\n"}
    with served(folder / "shop", {**FILES, **config}) as made:
        yield made


@pytest.mark.parametrize(
    ("path", "status", "kind", "length"),
    [
        ("/file?name=a.html", 200, "text/html; charset=utf-8", 600_000),
        ("/file?name=empty", 200, "application/octet-stream", 0),
        ("/file?name=absent", 404, "text/html; charset=utf-8", None),
        ("/file?name=folder", 404, "text/html; charset=utf-8", None),
        # Names that lead to no regular file.
        ("/file?name=a%00b", 404, "text/html; charset=utf-8", None),
        (f"/file?name={'a' * 300}", 404, "text/html; charset=utf-8", None),
        (f"/file?name={'a/' * 3000}", 404, "text/html; charset=utf-8", None),
        ("/file?name=loop", 404, "text/html; charset=utf-8", None),
        ("/file?name=fifo", 404, "text/html; charset=utf-8", None),
        ("/file?name=socket", 404, "text/html; charset=utf-8", None),
        ("/file?name=a.html/x", 404, "text/html; charset=utf-8", None),
    ],
)
def test_files(client: Client, path: str, status: int, kind: str, length: int | None) -> None:
    # core:RES-2, RES-4, RES-16
    answer = client.get(path)
    assert (answer.status, answer.headers["Content-Type"]) == (status, kind)
    assert int(answer.headers["Content-Length"]) == len(answer.body)
    assert length is None or len(answer.body) == length


def test_the_head_of_a_file(client: Client) -> None:
    # core:RES-6
    answer = client.ask("HEAD", "/file?name=a.html")
    assert (answer.headers["Content-Length"], answer.body) == ("600000", b"")


def test_an_open_file(client: Client) -> None:
    # core:RES-2, RES-4
    answer = client.get("/opened")
    assert (answer.headers["Content-Length"], len(answer.body)) == (None, 300_000)
    assert answer.headers["Content-Type"] == "application/octet-stream"


def test_an_error_before_the_first_chunk_is_answered(client: Client) -> None:
    # core:RES-16
    answer = client.get("/early")
    assert (answer.status, answer.text) == (500, "<h1>500 Internal Server Error</h1>")


def test_an_error_after_the_first_chunk_cuts_the_response_off(client: Client) -> None:
    """The client can tell that it is not whole (core:RES-16)."""
    with pytest.raises((http.client.IncompleteRead, ConnectionResetError)):
        client.get("/late")


@pytest.mark.parametrize(
    ("path", "before", "after"),
    [
        ("/waiting", b"first", "closed True"),
        ("/handler", b"", "aborted True, writable False"),
    ],
)
def test_a_client_that_disconnects(client: Client, path: str, before: bytes, after: str) -> None:
    """A stream ends; a handler gets `on_abort`, and keeps running (core:RES-16, X-4)."""
    with socket.create_connection(("127.0.0.1", client.port), timeout=10) as connection:
        connection.sendall(b"GET %b HTTP/1.1\r\nHost: a\r\n\r\n" % path.encode())
        seen = b""
        while before not in seen:
            seen += connection.recv(4096)
        if not before:
            assert client.get("/next_word").text == "began"
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    assert client.get("/next_word").text == after


@pytest.mark.parametrize(("path", "before"), [("/waiting", b"first\r\n"), ("/silent", b"")])
def test_a_silent_stream_ends_after_a_fin(client: Client, path: str, before: bytes) -> None:
    """Within `_PATIENCE`; its connection is closed (core:RES-16)."""
    with socket.create_connection(("127.0.0.1", client.port), timeout=10) as connection:
        ask(connection, path, before)
        connection.shutdown(socket.SHUT_WR)
        assert client.get("/next_word").text == "closed True"
        with suppress(ConnectionResetError):
            assert connection.recv(4096) == b""


def test_a_half_closed_client_receives_the_rest_of_a_stream(client: Client) -> None:
    # core:RES-16, X-4
    with socket.create_connection(("127.0.0.1", client.port), timeout=10) as connection:
        ask(connection, "/counting", b"1\r\n0\r\n")
        connection.shutdown(socket.SHUT_WR)
        rest = b"".join(iter(lambda: connection.recv(4096), b""))
    assert rest == b"".join(b"1\r\n%d\r\n" % number for number in range(1, 6)) + b"0\r\n\r\n"
    assert client.get("/next_word").text == "writable True"


def ask(connection: socket.socket, path: str, until: bytes) -> None:
    connection.sendall(b"GET %b HTTP/1.1\r\nHost: a\r\n\r\n" % path.encode())
    seen = b""
    while until not in seen:
        seen += connection.recv(4096)


def test_a_stream_that_is_replaced_is_closed(client: Client) -> None:
    # core:RES-16
    assert client.get("/replaced").text == "instead"
    assert client.get("/next_word").text == "replaced"
