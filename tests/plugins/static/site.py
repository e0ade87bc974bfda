"""An app with files, as each test configures it, and requests as bytes."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import uvloop

from tests.app.serving import Client, Loop, served

ROUTER = """
    def router(app):
        app.get("/", lambda ctx: "home")
        app.get("/asset/:name", lambda ctx: ctx.helper.asset(ctx.params["name"]))
        app.get("/public/route", lambda ctx: f"route {getattr(ctx, 'csrf', '')}")
        app.get("/public/app.css", lambda ctx: "hidden")
"""
OLD = 1_700_000_000
"""Seconds since the epoch of the last change of every file: long ago, so that it may be kept."""
FILES = {
    "app.css": b"body { color: red }\n",
    "data.bin": bytes(range(256)) * 4,
    "empty.txt": b"",
    "img/logo.svg": b"<svg/>",
    "twenty.txt": b"0123456789abcdefghij",
}


def write(folder: Path, files: Mapping[str, bytes], modified: float = OLD) -> None:
    """Writes files below a folder."""
    for name, content in files.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
        os.utime(file, (modified, modified))


@contextmanager
def site(
    root: Path,
    files: Mapping[str, bytes] = FILES,
    config: str = "",
    *,
    env: str = "unittest",
    security: bool = False,
    plugins: str = "",
    router: str = ROUTER,
    loop: Loop = uvloop.new_event_loop,
) -> Iterator[Client]:
    """Serves an app with these files in app/public, which is `root / "shop/app/public"`."""
    write(root / "shop/app/public", files)
    parts = {
        "config/plugin.py": f"security = {security}\n{plugins}\n",
        "config/config_default.py": f"import re\nkeys = 'k' * 40\n{config}\n",
        "app/router.py": router,
    }
    with served(root / "shop", parts, loop, env) as client:
        yield client


def raw(client: Client, request: bytes) -> bytes:
    """Returns all that the server sends for some bytes, until it closes the connection."""
    with socket.create_connection(("127.0.0.1", client.port), timeout=10) as connection:
        connection.sendall(request)
        return b"".join(iter(lambda: connection.recv(65536), b""))


def get_raw(client: Client, path: bytes, *lines: bytes) -> bytes:
    """Returns the answer to a GET of a path sent without a change, with header lines."""
    head = b"".join(line + b"\r\n" for line in lines)
    return raw(client, b"GET %b HTTP/1.1\r\nHost: a\r\nConnection: close\r\n%b\r\n" % (path, head))
