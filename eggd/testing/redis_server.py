"""A real server of Redis or Valkey on a Unix socket, for one test (docs/testing.md)."""

from __future__ import annotations

import re
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread, Timer
from types import TracebackType
from typing import Self

from eggd.errors import EggError

PROGRAMS = ("redis-server", "valkey-server")
"""The servers; the first that is installed is started."""
_READY = re.compile("ready to accept connections (?:at /|unix)", re.IGNORECASE)
"""The line about the socket: of Redis up to 7.0, and of later ones and Valkey."""
LONGEST = 30.0
"""Seconds until the line of a started server; then it is killed."""
_OPTIONS = ("--port", "0", "--save", "", "--appendonly", "no", "--daemonize", "no")


class RedisServer:
    """`with RedisServer() as redis:` the server runs, and `redis.url` is its address.

    `options` are further arguments of redis-server, such as `"--requirepass", "secret"`. Its
    files are removed at the end. Raises EggError if no server is installed, or if it does not
    start.
    """

    def __init__(self, *options: str, program: str = "") -> None:
        """Prepares; `program` is the server to start, by default the first that is installed."""
        self._options = options
        self._program = program or _installed()
        # A short path: the address of a Unix socket has room for 107 bytes.
        self.folder = Path(tempfile.mkdtemp(prefix="egg-redis-"))
        """The folder of its socket and files."""
        self.socket = self.folder / "redis.sock"
        self.url = f"unix://{self.socket}?db=0"
        self._process: subprocess.Popen[str] | None = None

    def start(self) -> None:
        """Starts the server; returns when it accepts connections."""
        place = ("--unixsocket", str(self.socket), "--dir", str(self.folder))
        command = [self._program, *_OPTIONS, *place, *self._options]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        late = Timer(LONGEST, self._process.kill)
        late.start()
        try:
            last = self._await_ready(self._process)
        finally:
            late.cancel()
        if last:
            self.stop()
            raise EggError(f"{self._program} did not start: {last}")

    def _await_ready(self, process: subprocess.Popen[str]) -> str:
        """Returns "" when the server accepts connections, its last lines if it ends before."""
        lines: list[str] = []
        for line in process.stdout or ():
            lines.append(line)
            if _READY.search(line):
                # A full pipe would block the server.
                Thread(target=_drain, args=[process], daemon=True).start()
                return ""
        if process.stdout is not None:
            process.stdout.close()
        return "".join(lines[-3:]).strip() or "it printed nothing"

    def stop(self) -> None:
        """Kills the server, as a crash of its host would: it saves nothing."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Makes the server hang: it answers nothing, and its connections stay open."""
        if self._process is None:
            raise EggError("the server does not run", hint="call start()")
        self._process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self._process.send_signal(signal.SIGCONT)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, tb: TracebackType | None
    ) -> None:
        self.stop()
        shutil.rmtree(self.folder)


def _installed() -> str:
    for program in PROGRAMS:
        if path := shutil.which(program):
            return path
    raise EggError(f"{PROGRAMS[0]} is not installed", hint="apt install redis-server")


def _drain(process: subprocess.Popen[str]) -> None:
    for _ in process.stdout or ():
        pass
    if process.stdout is not None:
        process.stdout.close()
