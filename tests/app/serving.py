"""A real server on loopback around one app, in a thread of its own, and a real client."""

from __future__ import annotations

import asyncio
import http.client
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import uvloop

from eggd.app.application import Application
from eggd.app.assemble import assemble
from eggd.app.loading.host import Host
from eggd.loader.metadata import app_info
from eggd.log import setup_console
from eggd.testing.app_starter import AppStarter, StartOptions
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
    """Loads the app made of `files`, serve it, and stops it.

    The plugins security and onerror, which have tests of their own, are off unless `files` has a
    plugin.py or is empty, for an app that is on disk already.
    """
    if files:
        files = {"config/plugin.py": "security = False\nonerror = False\n", **files}
    stage = AppStarter(root / "stage", loop)
    try:
        running = stage.start(make_app(root, files), StartOptions(env=env))
        yield Client(urlsplit(running.url).port or 0, running.app.loggers.dir)
    finally:
        stage.close()
