"""Readings of the same bytes by eggd, two versions of httptools, and h11.

Each reads until the input ends, an error, or a request after which the connection does not persist.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

import h11

from eggd.errors import HttpError
from eggd.http.config import HttpConfig
from eggd.http.head import field_lines
from eggd.http.headers import Headers
from eggd.http.input import Input

CONFIG = HttpConfig(body_limit=10_000)
NEWEST = Path(__file__).parents[2] / os.environ.get("EGGD_HTTPTOOLS", ".cache/httptools-new")

INCOMPLETE, ERROR, LAST = "incomplete", "error", "last"


@dataclass
class Request:
    """One complete request."""

    method: bytes
    target: bytes
    version: str
    fields: list[tuple[bytes, bytes]]
    """Names in lower case, and values."""
    body: bytes = b""
    persists: bool = True


@dataclass
class Reading:
    """The requests that a parser reads in some bytes."""

    requests: list[Request] = field(default_factory=list)
    end: str = INCOMPLETE
    """The reason for the stop: the input is incomplete or empty, an error, or the last request."""
    error: str = ""
    ends: list[int] = field(default_factory=list)
    """The place after each request; of eggd only."""


Parser = Callable[[bytes], Reading]


def eggd(data: bytes) -> Reading:
    """Reads as a connection of eggd does."""
    reading, incoming, rest = Reading(), Input(CONFIG, (), lambda: None), data
    while rest and reading.end == INCOMPLETE:
        try:
            request, rest = _next(incoming, rest)
        except HttpError as exc:
            reading.end, reading.error = ERROR, f"{exc.status} {exc.message}"
            break
        if request is None:
            break
        reading.requests.append(request)
        reading.ends.append(len(data) - len(rest))
        if not request.persists:
            reading.end = LAST
    return reading


def _next(incoming: Input, data: bytes) -> tuple[Request | None, bytes]:
    head = incoming.request(data)
    if head is None:
        return None, b""
    content = incoming.content
    if incoming.body is not None:
        if not incoming.receive_body(incoming.take_buffer()):
            return None, b""
        content = content.data if content is not None and not isinstance(content, bytes) else b""
    headers = incoming.headers or Headers(field_lines(head))
    method, path, query, minor = head.group(1, 2, 3, 4)
    request = Request(
        method=method,
        target=path if query is None else b"%b?%b" % (path, query),
        version=f"1.{minor.decode()}",
        fields=[_pair(name, value) for name, value in headers.items()],
        body=content if isinstance(content, bytes) else b"",
        persists=incoming.persists,
    )
    return request, incoming.take_buffer()


def _pair(name: str, value: str) -> tuple[bytes, bytes]:
    return name.lower().encode("latin-1"), value.encode("latin-1")


class Httptools:
    """A version of httptools; called with bytes it returns a `Reading`."""

    def __init__(self, module: ModuleType) -> None:
        self._module: Any = module
        self.name = f"httptools {module.__version__}"

    def __call__(self, data: bytes) -> Reading:
        reading, rest = Reading(), data
        while rest and reading.end == INCOMPLETE:
            events = _Events(self._module, reading)
            try:
                events.parser.feed_data(rest)
            except self._module.HttpParserUpgrade as upgrade:
                # The offer is ignored: the rest are more requests.
                rest = rest[upgrade.args[0] :]
                continue
            except self._module.HttpParserError as exc:
                if reading.end == INCOMPLETE:
                    reading.end, reading.error = ERROR, f"{type(exc).__name__} {exc}"
            break
        return reading


class _Events:
    """The callbacks of httptools."""

    def __init__(self, module: Any, reading: Reading) -> None:
        self._reading = reading
        self._request = Request(b"", b"", "", [])
        self._trailers = False
        self.parser = module.HttpRequestParser(self)

    def on_message_begin(self) -> None:
        self._request = Request(b"", b"", "", [])
        self._trailers = False

    def on_url(self, url: bytes) -> None:
        self._request.target += url

    def on_header(self, name: bytes, value: bytes) -> None:
        if not self._trailers:
            self._request.fields.append((name.lower(), value.strip(b" \t")))

    def on_headers_complete(self) -> None:
        request, parser = self._request, self.parser
        request.method = parser.get_method()
        request.version = parser.get_http_version()
        request.persists = parser.should_keep_alive()
        self._trailers = True

    def on_body(self, body: bytes) -> None:
        self._request.body += body

    def on_message_complete(self) -> None:
        if self._reading.end == INCOMPLETE:
            self._reading.requests.append(self._request)
            if not self._request.persists:
                self._reading.end = LAST


def by_h11(data: bytes) -> Reading:
    """Reads with h11's server side, and answers each request so that it goes on."""
    reading = Reading()
    connection = h11.Connection(h11.SERVER, max_incomplete_event_size=CONFIG.head_limit)
    connection.receive_data(data)
    try:
        while reading.end == INCOMPLETE and _h11_event(connection, reading):
            pass
    except h11.RemoteProtocolError as exc:
        reading.end, reading.error = ERROR, str(exc)
        reading.requests = [each for each in reading.requests if each.version]
    return reading


def _h11_event(connection: h11.Connection, reading: Reading) -> bool:
    event = connection.next_event()
    if isinstance(event, h11.Request):
        fields = [(name, value) for name, value in event.headers]
        reading.requests.append(Request(event.method, event.target, "", fields))
    elif isinstance(event, h11.Data):
        reading.requests[-1].body += event.data
    elif isinstance(event, h11.EndOfMessage):
        _answer(connection, reading)
    else:
        if reading.requests and not reading.requests[-1].version:
            reading.requests.pop()
        return False
    return True


def _answer(connection: h11.Connection, reading: Reading) -> None:
    request = reading.requests[-1]
    request.version = (connection.their_http_version or b"").decode()
    status = 501 if request.method == b"CONNECT" else 200
    connection.send(h11.Response(status_code=status, headers=[("Content-Length", "0")]))
    connection.send(h11.EndOfMessage())
    request.persists = connection.our_state is not h11.MUST_CLOSE
    if request.persists:
        connection.start_next_cycle()
    else:
        reading.end = LAST


def httptools() -> list[Httptools]:
    """Returns Debian's httptools, which wraps http-parser, and the one in NEWEST, on llhttp."""
    both = [import_module("httptools")]
    known = {name: sys.modules.pop(name) for name in [*sys.modules] if _is_httptools(name)}
    sys.path.insert(0, str(NEWEST))
    try:
        both.append(import_module("httptools"))
    finally:
        sys.path.remove(str(NEWEST))
        for name in [*sys.modules]:
            if _is_httptools(name):
                del sys.modules[name]
        sys.modules.update(known)
    if not Path(both[1].__file__ or "").is_relative_to(NEWEST):
        raise RuntimeError(f"{NEWEST} holds no httptools: make .venv/ready")
    return [Httptools(module) for module in both]


def _is_httptools(name: str) -> bool:
    return name == "httptools" or name.startswith("httptools.")
