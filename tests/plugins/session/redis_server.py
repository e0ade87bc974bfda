"""A Redis server of our own, on a Unix socket in the folder of a test."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self


class RedisServer:
    """`with RedisServer() as redis`: `redis.url` reaches it until it is stopped."""

    def __init__(self) -> None:
        # A short path: the address of a Unix socket has room for 107 bytes.
        self._folder = Path(tempfile.mkdtemp(prefix="egg-redis-"))
        self.socket = self._folder / "redis.sock"
        self.url = f"unix://{self.socket}?db=0"
        self._process: subprocess.Popen[str] | None = None

    def start(self) -> None:
        """Starts the server; returns when it accepts connections."""
        command = ["redis-server", "--port", "0", "--unixsocket", str(self.socket)]
        options = [
            "--save",
            "",
            "--appendonly",
            "no",
            "--daemonize",
            "no",
            "--dir",
            str(self._folder),
        ]
        self._process = subprocess.Popen([*command, *options], stdout=subprocess.PIPE, text=True)
        assert self._process.stdout is not None
        said = []
        for line in self._process.stdout:
            said.append(line)
            if "is now ready to accept connections at" in line:
                return
        raise AssertionError("".join(said))

    def stop(self) -> None:
        """Ends the server as an outage would: at once."""
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._process = None

    @contextmanager
    def paused(self) -> Iterator[None]:
        """The server answers nothing meanwhile, and its connections stay open."""
        assert self._process is not None
        subprocess.run(["kill", "-STOP", str(self._process.pid)], check=True)
        try:
            yield
        finally:
            subprocess.run(["kill", "-CONT", str(self._process.pid)], check=True)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, tb: TracebackType | None
    ) -> None:
        self.stop()
        shutil.rmtree(self._folder)
