"""A small server of pages that a process makes about itself, such as health and metrics.

Each request makes its page anew, so a page must take milliseconds at most. Only GET and HEAD are
answered; a client gets few bytes, little time and one of `MOST` connections.
"""

from __future__ import annotations

import json
import socket
from collections.abc import Callable
from dataclasses import dataclass

from eggd.http.config import HttpConfig
from eggd.http.exchange import Exchange
from eggd.http.server import HttpServer

MOST = 64
"""Connections at once; above it a new one is closed, which a client sees as an end without an
answer."""

_CONFIG = HttpConfig(
    head_limit=8 * 1024,
    body_limit=1024,
    header_timeout=5.0,
    body_timeout=5.0,
    write_timeout=10.0,
)


@dataclass(frozen=True, slots=True)
class Page:
    """One answer."""

    content: bytes
    media_type: str = "text/plain; charset=utf-8"
    status: int = 200


Make = Callable[[str], Page]
"""Makes a page for a client whose Accept field is given, "" without one."""


def json_page(value: object, status: int = 200) -> Page:
    """Returns a page of JSON with a line end, as people read it with curl."""
    return Page(json.dumps(value).encode() + b"\n", "application/json", status)


class PageServer:
    """Serves pages by their exact path."""

    def __init__(self, log: Callable[[str, str], None]) -> None:
        """Calls `log` with a level and a text; refused clients are not logged."""
        self._pages: dict[bytes, Make] = {}
        self._server = HttpServer(self._answer, _CONFIG, _errors(log), most=MOST)

    @property
    def connections(self) -> int:
        """The connections that are open now."""
        return self._server.stats.connections

    def add(self, path: str, make: Make) -> None:
        """Serves the page that `make` returns at a path, which begins with `/`."""
        self._pages[path.encode()] = make

    async def start(self, listener: socket.socket) -> None:
        """Accepts connections from a listening socket, which `close` closes."""
        await self._server.start(listener, None)

    async def close(self) -> None:
        """Closes the listener and all connections."""
        await self._server.drain(0)

    def _answer(self, exchange: Exchange) -> None:
        page = self._page(exchange)
        fields = f"Content-Type: {page.media_type}\r\nCache-Control: no-store\r\n"
        allow = "Allow: GET, HEAD\r\n" if page.status == 405 else ""
        exchange.send(page.status, f"{fields}{allow}".encode(), page.content)

    def _page(self, exchange: Exchange) -> Page:
        make = self._pages.get(exchange.path)
        if make is None:
            paths = b", ".join(sorted(self._pages))
            return Page(b"not found; the pages are " + paths + b"\n", status=404)
        if exchange.method not in ("GET", "HEAD"):
            return Page(b"only GET and HEAD\n", status=405)
        return make(exchange.headers.get("accept") or "")


def _errors(log: Callable[[str, str], None]) -> Callable[[str, str], None]:
    """Returns a log of errors only: any client could fill the log by malformed requests."""

    def write(level: str, text: str) -> None:
        if level == "error":
            log(level, text)

    return write
