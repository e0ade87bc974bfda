"""Serves one control socket, open to the process's own user and root.

A request that is not one line with a command is rejected with one line. A client that sends nothing
for five seconds is disconnected, and so is one above the limit of connections.
"""

from __future__ import annotations

import asyncio
import json
import os
import socket
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path

from eggd.control import LONGEST
from eggd.control.peer import peer_uid
from eggd.errors import ControlError, EggError
from eggd.socketfile import identity

PATIENCE = 5.0
"""Seconds within which a request must come."""
MOST = 16
"""Most connections at a time."""

Say = Callable[[str], None]
"""Sends a line of progress."""


class ControlServer:
    """Serves the socket at `path` from `open` to `close`; a subclass answers."""

    def __init__(self, path: str, bind: Callable[[], socket.socket]) -> None:
        """`bind` returns the listening socket, and raises BootError."""
        self._path = path
        self._bind_socket = bind
        # None until `open`.
        self._server: asyncio.Server | None = None
        # Device and inode of the socket's file.
        self._file: tuple[int, int] | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        # Opens the server again after `restore`.
        self._serving: asyncio.Task[None] | None = None

    async def answer(self, request: Mapping[str, object], say: Say) -> object:
        """Returns the answer to a request, a JSON value. Raises EggError."""
        raise NotImplementedError

    async def open(self) -> None:
        """Listens; raises BootError on failure."""
        await self._serve(self._bind())

    @property
    def paths(self) -> list[Path]:
        """The file of the socket."""
        return [Path(self._path)]

    @property
    def intact(self) -> bool:
        """Whether commands find the socket."""
        return identity(self._path) == self._file

    def restore(self) -> None:
        """Binds the path again; raises BootError on failure."""
        sock = self._bind()
        if self._server is not None:
            self._server.close()
        self._serving = asyncio.ensure_future(self._serve(sock))

    async def close(self) -> None:
        """Stops listening, and waits for the answers under way."""
        if self._serving is not None:
            await asyncio.wait([self._serving])
        if self._server is not None:
            self._server.close()
            if self.intact:
                with suppress(OSError):
                    os.unlink(self._path)
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=PATIENCE)

    def _bind(self) -> socket.socket:
        sock = self._bind_socket()
        self._file = identity(self._path)
        return sock

    async def _serve(self, sock: socket.socket) -> None:
        self._server = await asyncio.start_unix_server(
            self._handle_connection, sock=sock, limit=LONGEST
        )

    def _handle_connection(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        if len(self._tasks) >= MOST:
            writer.close()
            return
        task = asyncio.ensure_future(self._talk(reader, writer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            if peer_uid(writer.get_extra_info("socket")) not in (0, os.geteuid()):
                raise ControlError("only the suite's own user and root may send commands")
            async with asyncio.timeout(PATIENCE):
                line = await reader.readline()
            answer = await self.answer(_request(line), lambda text: _write(writer, {"say": text}))
            _write(writer, {"done": answer})
        except EggError as exc:
            _write(writer, {"error": exc.message, "hint": exc.hint})
        except (TimeoutError, ValueError, OSError):
            _write(writer, {"error": f"no request of up to {LONGEST} bytes came", "hint": ""})
        finally:
            writer.close()


def _request(line: bytes) -> Mapping[str, object]:
    try:
        request = json.loads(line)
    except (ValueError, RecursionError):
        request = None
    if not isinstance(request, dict) or not isinstance(request.get("command"), str):
        raise ControlError('a request is a line such as {"command": "status"}')
    return request


def _write(writer: asyncio.StreamWriter, answer: Mapping[str, object]) -> None:
    if not writer.is_closing():
        writer.write(json.dumps(answer).encode() + b"\n")
