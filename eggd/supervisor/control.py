"""The control socket for commands: `control.sock` (0600), for the suite's own user and root.

The request is one line of JSON. The answer is lines of JSON: any number of `{"say": TEXT}`, then
one of `{"done": VALUE}` and `{"error": TEXT, "hint": TEXT}`.

    {"command": "status"}  {"command": "stop", "timeout": 5.0}  {"command": "restart"}
    {"command": "reload"}  {"command": "scale", "workers": 4}

Every other request is rejected with one line; a client that sends nothing for five seconds is
disconnected.
"""

from __future__ import annotations

import asyncio
import json
import os
import socket
from collections.abc import Callable, Mapping
from pathlib import Path

from eggd.errors import ControlError, EggError, ReportedError
from eggd.supervisor.sockets import bind_socket, identity, unlink
from eggd.supervisor.supervisor import Supervisor
from eggd.supervisor.units import SocketPlan
from eggd.wire import ucred

FILE = "control.sock"
"""Its name in the runtime directory."""

LONGEST = 4096
"""Bytes of a request."""
LONGEST_ANSWER = 4 << 20
"""Most bytes of a line of an answer: enough for the units of 999 workers."""
MOST_LINES = 100_000
"""Most lines of progress before an answer; each process of a suite sends a few."""
PATIENCE = 5.0
"""Seconds within which a request must come."""
MOST = 16
"""Most connections at a time."""


class Control:
    """Serves `supervisor` from `open` to `close`."""

    name = "the control socket"

    def __init__(self, supervisor: Supervisor) -> None:
        self._supervisor = supervisor
        path = str(supervisor.settings.places.run / FILE)
        self._plan = SocketPlan(unit="control", listen=path, mode=0o600)
        self._server: asyncio.Server | None = None
        self._file: tuple[int, int] | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._serving: asyncio.Task[None] | None = None

    async def open(self) -> None:
        """Listens; raises BootError on failure."""
        await self._serve(self._bind())

    @property
    def paths(self) -> list[Path]:
        """The file of the socket."""
        return [Path(self._plan.listen)]

    @property
    def intact(self) -> bool:
        """Whether commands find the socket."""
        return identity(self._plan.listen) == self._file

    def restore(self) -> None:
        """Binds the path again; raises BootError on failure."""
        sock = self._bind()
        if self._server is not None:
            self._server.close()
        self._serving = asyncio.ensure_future(self._serve(sock))

    def _bind(self) -> socket.socket:
        sock = bind_socket(self._plan)
        self._file = identity(self._plan.listen)
        return sock

    async def _serve(self, sock: socket.socket) -> None:
        self._server = await asyncio.start_unix_server(
            self._handle_connection, sock=sock, limit=LONGEST
        )

    async def close(self) -> None:
        """Stops listening, and waits for the answers under way."""
        if self._serving is not None:
            await asyncio.wait([self._serving])
        if self._server is not None:
            self._server.close()
            unlink(self._plan)
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=PATIENCE)

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
        def say(text: str) -> None:
            _write(writer, {"say": text})

        try:
            _check_peer(writer.get_extra_info("socket"))
            async with asyncio.timeout(PATIENCE):
                line = await reader.readline()
            with self._supervisor.reporting_to(say):
                answer = await self._answer(_request(line))
            _write(writer, {"done": answer})
        except EggError as exc:
            _write(writer, {"error": exc.message, "hint": exc.hint})
        except (TimeoutError, ValueError, OSError):
            _write(writer, {"error": f"no request of up to {LONGEST} bytes came", "hint": ""})
        finally:
            writer.close()

    async def _answer(self, request: Mapping[str, object]) -> object:
        supervisor = self._supervisor
        name = request["command"]
        if name == "status":
            return {"url": supervisor.url, "units": supervisor.report()}
        if name == "stop":
            await supervisor.stop(_number(request, "timeout", 0))
        elif name == "scale":
            number = _number(request, "workers", 0)
            if number != int(number):
                raise ControlError(f"workers must be a whole number, not {number!r}")
            await supervisor.scale(int(number))
        elif name == "reload":
            await supervisor.reload()
        elif name == "restart":
            await supervisor.restart()
        else:
            raise ControlError(f"{FILE}: {name!r}: unknown command")
        return {"url": supervisor.url, "units": supervisor.report()}


def ask(
    run: Path,
    request: Mapping[str, object],
    say: Callable[[str], None],
    timeout: float | None = None,
) -> object:
    """Sends a command to the suite of a runtime directory; returns its answer. `say` takes
    progress.

    Raises ReportedError with the suite's error; ControlError if the suite cannot be reached, or if
    it is silent for `timeout` seconds.
    """
    path = str(run / FILE)
    try:
        with socket.socket(socket.AF_UNIX) as sock:
            sock.settimeout(timeout)
            sock.connect(path)
            _check_owner(sock, os.lstat(run).st_uid)
            sock.sendall(json.dumps(request).encode() + b"\n")
            with sock.makefile("rb") as lines:
                for _ in range(MOST_LINES):
                    answer = _answer(lines.readline(LONGEST_ANSWER))
                    if "say" not in answer:
                        return _done(answer)
                    say(str(answer["say"]))
    except (OSError, ValueError) as exc:
        raise ControlError(f"{path}: {exc}", hint="is this suite running, and yours?") from exc
    raise ControlError(f"{path}: the supervisor sent more than {MOST_LINES} lines of progress")


def _answer(line: bytes) -> Mapping[str, object]:
    """Returns a line of an answer; raises ValueError if it is too long or not a JSON object."""
    if not line:
        raise ValueError("the supervisor disconnected without an answer")
    try:
        answer = json.loads(line)
    except RecursionError:
        answer = None
    if not isinstance(answer, dict):
        raise ValueError("the answer is not a JSON object")
    return answer


def _done(answer: Mapping[str, object]) -> object:
    if "error" in answer:
        raise ReportedError(str(answer["error"]), hint=str(answer.get("hint", "")))
    return answer.get("done")


def _request(line: bytes) -> Mapping[str, object]:
    try:
        request = json.loads(line)
    except (ValueError, RecursionError):
        request = None
    if not isinstance(request, dict) or not isinstance(request.get("command"), str):
        raise ControlError('a request is a line such as {"command": "status"}')
    return request


def _number(request: Mapping[str, object], key: str, default: float) -> float:
    value = request.get(key, default)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 1e6:
        raise ControlError(f"{key} must be a number, not {value!r}")
    return value


def _check_peer(sock: socket.socket) -> None:
    if _peer(sock) not in (0, os.geteuid()):
        raise ControlError("only the suite's own user and root may send commands")


def _check_owner(sock: socket.socket, uid: int) -> None:
    if _peer(sock) != uid:
        raise ControlError(f"the control socket is not that of the suite's user (uid {uid})")


def _peer(sock: socket.socket) -> int:
    data = sock.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, ucred.SIZE)
    return ucred.decode(data).uid


def _write(writer: asyncio.StreamWriter, answer: Mapping[str, object]) -> None:
    if not writer.is_closing():
        writer.write(json.dumps(answer).encode() + b"\n")
