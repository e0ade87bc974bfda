"""A real server on loopback around one app, in a thread of its own, and a real client."""

from __future__ import annotations

import asyncio
import http.client
import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import uvloop

from eggd.app.application import Application
from eggd.app.assemble import assemble
from eggd.app.base import Host
from eggd.app.dispatch import Dispatcher
from eggd.http import HttpConfig, HttpServer
from eggd.loader.metadata import app_info
from eggd.log import setup_console
from eggd.messenger import Messenger, MessengerConfig
from eggd.testing.make_app import make_app

Loop = Callable[[], asyncio.AbstractEventLoop]
LOOPS: list[Loop] = [uvloop.new_event_loop, asyncio.new_event_loop]


@dataclass
class Answer:
    """One response as the client saw it."""

    status: int
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()


@dataclass
class Client:
    """Asks the served app; a new connection per request."""

    port: int
    log_dir: Path

    def ask(
        self,
        method: str,
        path: str,
        body: bytes | Iterator[bytes] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request(
                method, path, body, dict(headers or {}), encode_chunked=not isinstance(body, bytes)
            )
            response = connection.getresponse()
            return Answer(response.status, response.headers, response.read())
        finally:
            connection.close()

    def get(self, path: str, **headers: str) -> Answer:
        return self.ask("GET", path, headers=headers)


def application(root: Path, env: str = "unittest") -> Application:
    console = setup_console("NONE", "test")
    console.close()
    info = app_info(root, {}, env=env)
    return assemble(
        Application,
        Host(
            info=info,
            environ={},
            rundir=root / "run",
            log_dir=root / "logs",
            console=console,
        ),
    )


@contextmanager
def served(
    root: Path,
    files: Mapping[str, str],
    loop: Loop = uvloop.new_event_loop,
    env: str = "unittest",
) -> Iterator[Client]:
    """Load the app made of `files`, serve it, and stop it."""
    app = application(make_app(root, files), env)
    app.load_config()
    app.load_files()
    app.rundir.mkdir()
    messenger = Messenger("worker", 1, app.config[MessengerConfig], lambda level, text: None)
    app.messenger = messenger
    listener = socket.create_server(("127.0.0.1", 0))
    listener.setblocking(False)
    up, down = threading.Event(), asyncio.Event()

    async def main() -> None:
        await messenger.open()
        await app.lifecycle.load_hooks()
        await app.router.mounts.start(app)
        running = asyncio.get_running_loop()
        server = HttpServer(Dispatcher(app, running), HttpConfig(), lambda level, text: None)
        await server.start(listener, None)
        box.append(running)
        up.set()
        await down.wait()
        await server.drain(5)
        await app.close()
        messenger.close()

    box: list[asyncio.AbstractEventLoop] = []

    def run() -> None:
        try:
            with asyncio.Runner(loop_factory=loop) as runner:
                runner.run(main())
        finally:
            up.set()

    thread = threading.Thread(target=run)
    thread.start()
    up.wait(10)
    try:
        yield Client(listener.getsockname()[1], root / "logs")
    finally:
        if box:
            box[0].call_soon_threadsafe(down.set)
        thread.join(15)
        listener.close()
