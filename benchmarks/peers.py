"""The peers: each starts on a port of 127.0.0.1, names the roots of its processes, and ends.

`eggd` is the suite as its units start it; `egg` is egg 4 as its own scripts start it (script,
master, agent, workers); `floor` is one process that answers fixed bytes.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks import procfs
from benchmarks.install import CACHE, HERE
from eggd.testing.suite import Suite

PYTHON = "/usr/bin/python3"
START_LIMIT = 60.0


@dataclass(frozen=True)
class Answer:
    """What a peer says to GET /."""

    type: str
    """The Content-Type."""
    body: str
    """The payload."""


@dataclass(frozen=True)
class Running:
    """A peer that answers."""

    url: str
    """Where it answers."""
    roots: list[int]
    """The pids from which all its processes descend."""
    started: float
    """Seconds from the first spawn to the first answer."""
    answer: Answer
    """That first answer."""


@dataclass(frozen=True)
class Peer:
    """One column of the comparison."""

    name: str
    """eggd, egg or floor."""
    workers: int
    """How many worker processes."""

    def __str__(self) -> str:
        return f"{self.name}, {self.workers} worker{'s' * (self.workers > 1)}"

    @contextmanager
    def running(self, egg_home: Path, answer: Path) -> Iterator[Running]:
        """Start it, wait for its first answer, and end all its processes afterwards."""
        with ExitStack() as ended:
            begun = time.monotonic()
            if self.name == "eggd":
                suite = ended.enter_context(eggd_suite(self.workers))
                port, roots = suite.port, [child.pid for child in suite.children]
            else:
                port = free_port()
                argv = (
                    egg_argv(self.workers, port) if self.name == "egg" else floor_argv(port, answer)
                )
                home = egg_home if self.name == "egg" else CACHE
                roots = [ended.enter_context(process(argv, home, answer)).pid]
            url = f"http://127.0.0.1:{port}/"
            first = first_answer(url)
            yield Running(url, roots, time.monotonic() - begun, first)


def eggd_suite(workers: int) -> Suite:
    """Return the suite on the app that the package ships, in prod, with the unit's watchdog."""
    welcome = HERE.parent / "eggd" / "welcome"
    environ = {"WATCHDOG_USEC": "10000000"}
    return Suite(app_dir=welcome, workers=workers, python=PYTHON, environ=environ)


def egg_argv(workers: int, port: int) -> list[str]:
    """Return how egg's own documentation starts it for production, but in the foreground."""
    script = "node_modules/.bin/egg-scripts"
    return [script, "start", f"--workers={workers}", f"--port={port}", "--env=prod"]


def floor_argv(port: int, answer: Path) -> list[str]:
    """Return how to start the floor."""
    return [PYTHON, str(HERE / "floor.py"), str(port), str(answer)]


@contextmanager
def process(argv: list[str], home: Path, answer: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Run `argv` in `home`; afterwards SIGTERM, then SIGKILL for what is left of its tree."""
    environ = {"PATH": os.environ["PATH"], "HOME": str(home), "BENCH_ANSWER": str(answer)}
    with (CACHE / "peer.log").open("wb") as log:
        child = subprocess.Popen(argv, cwd=home, env=environ, stdout=log, stderr=log)
    try:
        yield child
    finally:
        left = {pid: os.pidfd_open(pid) for pid in procfs.trees([child.pid]) if pid != child.pid}
        child.terminate()
        try:
            child.wait(10)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
        for pidfd in left.values():
            try:
                signal.pidfd_send_signal(pidfd, signal.SIGKILL)
            except ProcessLookupError:
                pass
            os.close(pidfd)


def free_port() -> int:
    """Return a port that is free now."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


def first_answer(url: str) -> Answer:
    """Return the first 200, asked for every 5 ms while the connection is refused."""
    until = time.monotonic() + START_LIMIT
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    while True:
        try:
            with opener.open(url, timeout=START_LIMIT) as response:
                return Answer(response.headers["content-type"], response.read().decode())
        except OSError as exc:
            if time.monotonic() > until:
                sys.exit(f"bench: no answer from {url}: {exc} (see {CACHE / 'peer.log'})")
            time.sleep(0.005)


def write_answer(answer: Answer, path: Path) -> None:
    """Keep the answer where the other peers read what they are to say."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"type": answer.type, "body": answer.body}))
