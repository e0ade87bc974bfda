"""The peers: each starts on a port of 127.0.0.1, names the roots of its processes, and ends.

All serve the same routes (`route.py`), each as its own documentation would write and start
it for production.
"""

from __future__ import annotations

import http.client
import os
import re
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from benchmarks import install, procfs
from benchmarks.install import APPS, CACHE, PYTHON, PeerError
from benchmarks.route import ROUTES, ask
from eggd.errors import EggError
from eggd.testing.suite import Suite

START_LIMIT = 60.0
_TROUBLE = re.compile(r"error", re.IGNORECASE)
FULL = {
    "EGG_PLUGINS": '{"security": true}',
    "EGG_APP_CONFIG": '{"security": {"csrf": {"ignore": "/echo"}}}',
}
"""Variables with which the app of eggd has all default plugins, CSRF ignored for /echo as in the
app of Egg."""
EGGD_PATH = str(APPS.parent.parent)


@dataclass(frozen=True)
class Running:
    """A peer that answers."""

    port: int
    """The TCP port on which it listens."""
    roots: list[int]
    """The pids from which all its processes descend."""
    started: float = 0.0
    """Seconds from the first spawn to the first answer."""

    @property
    def url(self) -> str:
        """The URL of the server, without a path."""
        return f"http://127.0.0.1:{self.port}"


Start = Callable[[Path, int], AbstractContextManager[Running]]
"""Starts a peer, given where it was installed and how many workers it shall have."""


@dataclass(frozen=True)
class Kind:
    """A compared server: how to install and start it."""

    install: Callable[[], Path]
    """Brings what it needs, once, and returns where."""
    start: Start
    """Starts it."""
    warm_up: float
    """Seconds of load before a window."""
    compiles: bool = False
    """Whether it gets faster under load: the warm-up is then repeated until it does not."""
    most_workers: int = 64
    """More than these it cannot have."""


@dataclass(frozen=True)
class Peer:
    """One line of the comparison."""

    name: str
    """A key of KINDS."""
    workers: int
    """The number of worker processes."""

    def __str__(self) -> str:
        return f"{self.name}, {self.workers} worker{'s' * (self.workers > 1)}"

    @contextmanager
    def running(self, home: Path) -> Iterator[Running]:
        """Starts it, waits for its first answer, and ends all its processes afterwards.

        Raises PeerError where it does not come up.
        """
        begun = time.monotonic()
        try:
            with KINDS[self.name].start(home, self.workers) as running:
                first_answer(running)
                yield Running(running.port, running.roots, time.monotonic() - begun)
        except EggError as exc:
            raise PeerError(exc.line.replace("\n", "; ")) from exc


@contextmanager
def eggd_suite(
    orjson: Path | None,
    workers: int,
    app: Path = APPS / "eggd",
    variables: Mapping[str, str] | None = None,
) -> Iterator[Suite]:
    """Runs the suite as its units start it: agent and workers, in prod, with the watchdog."""
    path = os.pathsep.join([EGGD_PATH, *([str(orjson)] if orjson is not None else [])])
    environ = {"WATCHDOG_USEC": "10000000", "PYTHONPATH": path, **(variables or {})}
    with Suite(app_dir=app, workers=workers, python=PYTHON, environ=environ) as suite:
        yield suite


@contextmanager
def eggd(
    home: Path, workers: int, *, orjson: bool, variables: Mapping[str, str] | None = None
) -> Iterator[Running]:
    """Runs eggd with environment variables; `home` is the folder of orjson, if that is used."""
    with eggd_suite(home if orjson else None, workers, variables=variables) as suite:
        yield Running(suite.port, [child.pid for child in suite.children])


Argv = Callable[[Path, int, int], list[str]]
"""Returns the command line for folder of the peer, port and number of workers."""


@contextmanager
def program(argv: Argv, home: Path, workers: int) -> Iterator[Running]:
    """Runs a program that takes its port as an argument."""
    port = free_port()
    with process(argv(home, port, workers), home) as child:
        yield Running(port, [child.pid])


def python(script: str) -> Start:
    """Returns how an app of `apps/python` is started: `SCRIPT PORT WORKERS`."""

    def argv(_home: Path, port: int, workers: int) -> list[str]:
        return [PYTHON, str(APPS / "python" / script), str(port), str(workers)]

    return partial(program, argv)


def node(script: str) -> Start:
    """Returns how an app of `apps/node` is started: `SCRIPT PORT WORKERS`."""
    return partial(program, lambda _, port, workers: ["node", script, str(port), str(workers)])


def uvicorn(home: Path, port: int, workers: int) -> list[str]:
    """Returns uvicorn's command line, with what it names as its fastest parts."""
    parts = ["--loop=uvloop", "--http=httptools", "--no-access-log", "--log-level=warning"]
    where = ["--app-dir", str(APPS / "python"), f"--port={port}", f"--workers={workers}"]
    return [str(home / "bin" / "uvicorn"), *parts, *where, "starlette_app:app"]


def granian(home: Path, port: int, workers: int) -> list[str]:
    """Returns Granian's command line for its own interface, RSGI."""
    where = ["--working-dir", str(APPS / "python"), f"--port={port}", f"--workers={workers}"]
    parts = ["--interface=rsgi", "--loop=uvloop", "--no-ws", "--log-level=warning"]
    return [str(home / "bin" / "granian"), *parts, *where, "granian_app:app"]


def egg(_home: Path, port: int, workers: int) -> list[str]:
    """Returns how egg's own documentation starts it for production, but in the foreground."""
    script = "node_modules/.bin/egg-scripts"
    return [script, "start", f"--workers={workers}", f"--port={port}", "--env=prod"]


KINDS: dict[str, Kind] = {
    "floor": Kind(install.own, python("floor.py"), 1, most_workers=1),
    "eggd": Kind(install.own, partial(eggd, orjson=False), 1),
    "eggd-full": Kind(install.own, partial(eggd, orjson=False, variables=FULL), 1),
    "eggd+orjson": Kind(install.orjson, partial(eggd, orjson=True), 1),
    "eggd-full+orjson": Kind(install.orjson, partial(eggd, orjson=True, variables=FULL), 1),
    "egg": Kind(install.egg, partial(program, egg), 4, compiles=True),
    "koa": Kind(install.node, node("koa.js"), 2, compiles=True),
    "koa-full": Kind(install.node, node("koa_full.js"), 2, compiles=True),
    "fastify": Kind(install.node, node("fastify.js"), 2, compiles=True),
    "starlette": Kind(install.starlette, partial(program, uvicorn), 1),
    "granian": Kind(install.granian, partial(program, granian), 1),
    "tornado": Kind(install.own, python("tornado_app.py"), 1),
}
"""In the order of the table."""


@contextmanager
def process(argv: list[str], home: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Runs `argv` in `home`; afterwards SIGTERM, then SIGKILL for what is left of its tree."""
    environ = {"PATH": os.environ["PATH"], "HOME": str(home)}
    CACHE.mkdir(parents=True, exist_ok=True)
    with (CACHE / "peer.log").open("wb") as log:
        child = subprocess.Popen(argv, cwd=home, env=environ, stdout=log, stderr=log)
    try:
        yield child
    finally:
        left = {
            pid: os.pidfd_open(pid)
            for pid in procfs.with_descendants([child.pid])
            if pid != child.pid
        }
        child.terminate()
        try:
            child.wait(10)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
        for pidfd in left.values():
            with suppress(ProcessLookupError):
                signal.pidfd_send_signal(pidfd, signal.SIGKILL)
            os.close(pidfd)


def free_port() -> int:
    """Returns a port that is free now."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


def first_answer(running: Running) -> None:
    """Sends a request every 5 ms until there is an answer; raises PeerError after a limit."""
    until = time.monotonic() + START_LIMIT
    while True:
        try:
            ask(running.port, ROUTES[0])
        except (OSError, http.client.HTTPException) as exc:
            if time.monotonic() > until:
                raise PeerError(f"no answer in {START_LIMIT:g} s: {exc}{_last_words()}") from exc
            if any(map(procfs.has_ended, running.roots)):
                raise PeerError(f"it ended before it answered{_last_words()}") from exc
            time.sleep(0.005)
        else:
            return


def _last_words() -> str:
    """Returns the first line of the peer's own log that reports an error."""
    lines = (CACHE / "peer.log").read_text(errors="replace").splitlines()
    troubles = [line.strip() for line in lines if _TROUBLE.search(line) and " INFO " not in line]
    return f"; it said: {troubles[0][:300]}" if troubles else ""
