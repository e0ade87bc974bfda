"""A cable between a host and its Redis server, which a test cuts: a partition of the network."""

from __future__ import annotations

import shutil
import socket
import tempfile
from pathlib import Path
from threading import Event, Thread
from types import TracebackType
from typing import Self


class Cable:
    """`with Cable(server.socket) as cable`: `cable.url` reaches the server until `cable.cut()`.

    A cut cable passes nothing in either direction and closes nothing, as a network that drops all
    packets. What was sent meanwhile arrives after `mend`, as TCP would repeat it.
    """

    def __init__(self, server: Path) -> None:
        self._server = server
        self._folder = Path(tempfile.mkdtemp(prefix="egg-cable-"))  # a short path (unix(7))
        self._listener = socket.socket(socket.AF_UNIX)
        self._whole = Event()
        self._ends: list[socket.socket] = []
        self.url = f"unix://{self._folder / 'redis.sock'}?db=0"

    def cut(self) -> None:
        """Stops both directions of all connections, and of new ones."""
        self._whole.clear()

    def mend(self) -> None:
        """Passes on what has waited, and all that follows."""
        self._whole.set()

    def _accept(self) -> None:
        while True:
            try:
                near = self._listener.accept()[0]
            except OSError:
                return
            Thread(target=self._connect, args=(near,), daemon=True).start()

    def _connect(self, near: socket.socket) -> None:
        self._whole.wait()
        far = socket.socket(socket.AF_UNIX)
        self._ends += near, far
        try:
            far.connect(str(self._server))
        except OSError:
            near.close()
            return
        Thread(target=self._pass, args=(near, far), daemon=True).start()
        self._pass(far, near)

    def _pass(self, source: socket.socket, target: socket.socket) -> None:
        try:
            while data := source.recv(65536):
                self._whole.wait()
                target.sendall(data)
            self._whole.wait()
            target.shutdown(socket.SHUT_RDWR)
        except OSError:
            source.close()
            target.close()

    def __enter__(self) -> Self:
        self._listener.bind(str(self._folder / "redis.sock"))
        self._listener.listen(128)
        self._whole.set()
        Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, tb: TracebackType | None
    ) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._whole.set()
        for end in self._ends:
            end.close()
        shutil.rmtree(self._folder)
