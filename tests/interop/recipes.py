"""The recipes of docs/nginx.md and docs/haproxy.md, run: a suite, a proxy, clients, and a tap.

The configurations are those of the pages; only addresses, paths and times are replaced.
"""

from __future__ import annotations

import http.client
import socket
import subprocess
import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from selectors import EVENT_READ, DefaultSelector

import pytest

from tests.cli.supervised import Here, here
from tests.docs.pages import steps
from tests.host.rootfs import TRIXIE, base
from tests.house.imports import ROOT
from tests.polling import await_server, is_open
from tests.program import Program

TIMEOUT = 30.0
HOST = "shop.example"
ROUTER = """
import asyncio
import eggd

async def show(ctx):
    ctx.body = f"{ctx.ip} {ctx.ips} {ctx.protocol} {ctx.host} {ctx.method}"


async def echo(ctx):
    ctx.body = str(len(await ctx.request.read()))


async def many(ctx, socket):
    async for message in socket:
        await socket.send(f"{ctx.ip} {message}")


async def forever():
    yield "first"
    await asyncio.Event().wait()


async def events(ctx):
    eggd.events(ctx, forever())


async def invoice(ctx):
    if ctx.get("x-key") != "secret":
        ctx.throw(403)
    ctx.set("X-Accel-Redirect", f"/files/{ctx.params['number']}.pdf")
    ctx.type = "application/pdf"
    ctx.body = ""


def router(app):
    app.get("/", show)
    app.post("/", show)
    app.post("/echo", echo)
    app.get("/events", events)
    app.get("/invoices/:number(\\\\d+)", invoice)
    app.router.ws("/many", many)
"""


DEFAULT = """
security = {
    "csrf": {"enable": False},
    "csp": {"enable": True, "policy": {"default-src": ["'self'"]}},
    "hsts": {"enable": True},
    "xss_protection": {"enable": True},
    "referrer_policy": {"enable": True},
    "coop": {"enable": True},
    "corp": {"enable": True},
    "coep": {"enable": True},
    "permissions_policy": {"enable": True, "policy": {"camera": []}},
}
cors = {"origin": "https://a.example", "credentials": True, "expose_headers": ["ETag"]}
"""
"""Every header field that a plugin adds to all responses."""


def block(page: str, name: str) -> str:
    """Returns the file of this name in a page, with what is appended to it."""
    parts = [each for each in steps(ROOT / "docs" / page) if each.what == name]
    assert [each.verb for each in parts] == ["file", *["append"] * (len(parts) - 1)], name
    return "".join(each.block for each in parts)


@dataclass(frozen=True)
class Proxy:
    """The program of a proxy: that of this machine, or that of Debian 13."""

    system: str
    command: Sequence[str]


SYSTEMS = ["", pytest.param("trixie", marks=pytest.mark.soak)]
"""Parameters of `installed`; the second one installs a Debian 13 once, in .cache/hosts."""


def installed(name: str, system: str) -> Proxy:
    """Returns a proxy. One of Debian 13 is run by its own loader and libraries, without a boot."""
    path = f"usr/sbin/{name}"
    if not system:
        return Proxy(system, [f"/{path}"])
    root = base(TRIXIE, "nginx, haproxy")
    loader = next(root.glob("usr/lib/*-linux-gnu/ld-linux-*.so.*"))
    return Proxy(system, [*map(str, (loader, "--library-path", loader.parent, root / path))])


@contextmanager
def suite(page: str, listen: str, group: str, **replaced: str) -> Iterator[Here]:
    """Runs two workers with the app's config of a page, on `{home}/{listen}` or a port."""
    with here() as it:
        it.home.chmod(0o755)
        if "/" in listen:
            (it.home / listen).parent.mkdir()
        config = block(page, "config/config_prod.py")
        for old, new in replaced.items():
            config = config.replace(old, new)
        it.write({"config/config_prod.py": config, "app/router.py": ROUTER})
        it.write({"config/config_default.py": DEFAULT, "app/public/app.css": "body {}"})
        it.write({"config/plugin.py": "cors = True\n"})
        where = f"unix:{it.home}/{listen}" if "/" in listen else listen
        owner = ("--owner", f":{group}") if "/" in listen else ()
        with it.foreground("--port", where, *owner, "--workers", "2") as running:
            running.wait("eggd started on")
            lines = threading.Thread(target=running.rest, daemon=True)
            lines.start()
            try:
                yield it
            finally:
                running.process.terminate()
                lines.join(TIMEOUT)


@contextmanager
def process(port: int, errors: Path, *command: object) -> Iterator[subprocess.Popen[bytes]]:
    """Runs a proxy until the end of the block; it listens on `port` when the block begins."""
    with errors.open("ab") as log:
        running = Program[bytes](list(map(str, command)), stderr=log, stdout=log)
    try:
        await_server(running, lambda: is_open(port))
        yield running
    finally:
        running.terminate()
        running.wait()


@dataclass
class Tap:
    """A relay that records which side closes a connection first, and what the proxy sends."""

    target: str
    """The path of eggd's Unix socket."""
    closed: list[str] = field(default_factory=list)
    sent: list[bytearray] = field(default_factory=list)
    changed: threading.Condition = field(default_factory=threading.Condition)

    @contextmanager
    def running(self) -> Iterator[int]:
        """Relays to the target; yields its own TCP port."""
        with ExitStack() as stack, socket.create_server(("127.0.0.1", 0)) as listener:
            arguments = (listener, stack)
            accepting = threading.Thread(target=self._accept, args=arguments, daemon=True)
            accepting.start()
            yield int(listener.getsockname()[1])
            listener.shutdown(socket.SHUT_RDWR)
            accepting.join(TIMEOUT)

    def wait_closed(self) -> str:
        """Returns the side, "proxy" or "eggd", that closed the first connection that was closed."""
        with self.changed:
            assert self.changed.wait_for(lambda: self.closed, TIMEOUT)
            return self.closed[0]

    def _accept(self, listener: socket.socket, stack: ExitStack) -> None:
        while True:
            try:
                proxy = stack.enter_context(listener.accept()[0])
            except OSError:
                return
            eggd = stack.enter_context(socket.socket(socket.AF_UNIX))
            eggd.connect(self.target)
            self.sent.append(bytearray())
            pair = (proxy, eggd, self.sent[-1])
            threading.Thread(target=self._relay, args=pair, daemon=True).start()

    def _relay(self, proxy: socket.socket, eggd: socket.socket, sent: bytearray) -> None:
        others = {proxy: eggd, eggd: proxy}
        with DefaultSelector() as selector:
            for sock in others:
                selector.register(sock, EVENT_READ)
            while True:
                for key, _ in selector.select():
                    sock = proxy if key.fileobj is proxy else eggd
                    try:
                        data = sock.recv(65536)
                        others[sock].sendall(data)
                    except OSError:
                        data = b""
                    if sock is proxy:
                        sent += data
                    if not data:
                        self._close("proxy" if sock is proxy else "eggd", proxy, eggd)
                        return

    def _close(self, side: str, *socks: socket.socket) -> None:
        for sock in socks:
            sock.close()
        with self.changed:
            self.closed.append(side)
            self.changed.notify_all()


@dataclass
class Client:
    """Asks the proxy on one port of loopback."""

    port: int
    source: str = "127.0.0.2"

    def connect(self) -> socket.socket:
        """Returns a connection from an address that is not the proxy's."""
        sock = socket.create_connection(("127.0.0.1", self.port), TIMEOUT, (self.source, 0))
        sock.settimeout(TIMEOUT)
        return sock

    def connection(self) -> http.client.HTTPConnection:
        """Returns a connection for several requests."""
        source = (self.source, 0)
        return http.client.HTTPConnection("127.0.0.1", self.port, TIMEOUT, source)

    def ask(
        self, method: str, path: str, body: bytes | None = None, **headers: str
    ) -> tuple[int, bytes]:
        """Returns status and body of a request for HOST."""
        connection = self.connection()
        fields = {"Host": HOST, **{key.replace("__", "-"): each for key, each in headers.items()}}
        try:
            connection.request(method, path, body, fields)
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def get(self, path: str = "/", **headers: str) -> str:
        """Returns the text of an answer with status 200; `__` in a name of a field is `-`."""
        status, body = self.ask("GET", path, None, **headers)
        assert status == 200, (status, body)
        return body.decode()

    def raw(self, data: bytes) -> bytes:
        """Sends bytes and returns all that comes back."""
        with self.connect() as sock:
            sock.sendall(data)
            with sock.makefile("rb") as stream:
                try:
                    return stream.read()
                except ConnectionResetError:
                    return b""

    @contextmanager
    def load(self, clients: int = 8) -> Iterator[Counter[object]]:
        """Sends GET and POST in turn on kept connections; counts statuses and errors."""
        counts: Counter[object] = Counter()
        done, ready = threading.Event(), threading.Barrier(clients + 1)
        arguments = (counts, done, ready)
        threads = [threading.Thread(target=self._ask_on, args=arguments) for _ in range(clients)]
        for thread in threads:
            thread.start()
        ready.wait(TIMEOUT)
        try:
            yield counts
        finally:
            done.set()
            for thread in threads:
                thread.join()

    def _ask_on(
        self, counts: Counter[object], done: threading.Event, ready: threading.Barrier
    ) -> None:
        connection, first = self.connection(), True
        while first or not done.is_set():
            for method in ("GET", "POST"):
                try:
                    connection.request(
                        method, "/", b"" if method == "GET" else b"x", {"Host": HOST}
                    )
                    answer = connection.getresponse()
                    answer.read()
                    counts[answer.status] += 1
                except (OSError, http.client.HTTPException) as exc:
                    counts[repr(exc)] += 1
                    connection.close()
            if first:
                ready.wait(TIMEOUT)
            first = False
        connection.close()


def first_event(client: Client) -> bytes:
    """Returns the first event of a stream that does not end."""
    with client.connect() as sock:
        sock.sendall(f"GET /events HTTP/1.1\r\nHost: {HOST}\r\n\r\n".encode())
        with sock.makefile("rb") as stream:
            return next(line for line in stream if line.startswith(b"data:"))


def websocket(client: Client, message: bytes) -> tuple[bytes, bytes]:
    """Returns the status line of a handshake, and the answer to a message (RFC 6455)."""
    head = (
        f"GET /many HTTP/1.1\r\nHost: {HOST}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    )
    with client.connect() as sock, sock.makefile("rb") as stream:
        sock.sendall(head.encode())
        status = stream.readline()
        while stream.readline().strip():
            pass
        sock.sendall(bytes([0x81, 0x80 | len(message), 0, 0, 0, 0]) + message)
        _, length = stream.read(2)
        return status, stream.read(length)


FORGED = {
    "X-Forwarded-For": "6.6.6.6",
    "X_Forwarded_For": "6.6.6.6",
    "Forwarded": "for=6.6.6.6;host=evil.example;proto=https",
    "X-Forwarded-Proto": "https",
    "X-Forwarded-Host": "evil.example",
    "X-Real-IP": "6.6.6.6",
}
"""Fields by which a client would choose its address, protocol or host if a proxy kept them."""

SMUGGLED = [
    "Content-Length: 40\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n",
    "Transfer-Encoding: \x0bchunked\r\n\r\n0\r\n\r\n",
    "Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n",
    "Transfer-Encoding: x\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "Content-Length: +4\r\n\r\n0\r\n\r\n",
    "Content-Length: 4\r\nContent-Length: 40\r\n\r\n0\r\n\r\n",
    "Content-Length : 4\r\n\r\n0\r\n\r\n",
    "Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
    "Transfer-Encoding: chunked\r\n\r\n0;\n\r\n\r\n",
    "Transfer-Encoding: chunked\r\n\r\n5\r\nAAAAAXX0\r\n\r\n",
    "Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff0\r\n\r\n",
]
"""Ends of requests about whose length a proxy and a server may disagree."""


def smuggle(client: Client, end: str) -> list[bytes]:
    """Sends such a request with another one behind it; returns the status lines that come back."""
    evil = f"GET /evil HTTP/1.1\r\nHost: {HOST}\r\nConnection: close\r\n\r\n"
    answer = client.raw(f"POST / HTTP/1.1\r\nHost: {HOST}\r\n{end}{evil}".encode("latin-1"))
    return [line for line in answer.split(b"\r\n") if line.startswith(b"HTTP/1.1 ")]
