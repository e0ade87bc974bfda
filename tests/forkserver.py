"""Runs commands of eggd in processes that are forked, as to start Python takes longer than most.

A server imports eggd and runs no command. For each command it forks a process, which gets the
arguments, environment, folder, umask and descriptors of a new program, and runs the module as
`python -P -m MODULE` does. So each command has a process, whose state starts anew, and takes a
third of the time. Tests of the start itself run the real program.
"""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import selectors
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

from tests.program import Program

LONGEST = 120.0
"""Seconds for a command and all that writes to its output; then it is killed."""
ROOT = Path(__file__).resolve().parents[1]
OF_INTERPRETER = ("PYTHON", "LC_", "LANG")
"""Prefixes of the variables that an interpreter reads as it starts: each choice has a server."""


def eggd(
    *arguments: str, environ: Mapping[str, str], folder: Path, given: Path = Path(os.devnull)
) -> subprocess.CompletedProcess[str]:
    """Runs `eggd ARGUMENTS`."""
    return run("eggd", *arguments, environ=environ, folder=folder, given=given)


def run(
    module: str,
    *arguments: str,
    environ: Mapping[str, str],
    folder: Path,
    given: Path = Path(os.devnull),
) -> subprocess.CompletedProcess[str]:
    """Runs a module to its end, with a file as its input; returns its output and exit code."""
    chosen = {key: environ[key] for key in sorted(environ) if key.startswith(OF_INTERPRETER)}
    if {key for key in chosen if key.startswith("PYTHON")} != {"PYTHONPATH"} or (
        chosen["PYTHONPATH"] != str(ROOT)
    ):
        return _started([module, *arguments], environ, folder, given)
    request = {
        "argv": ["-m", *arguments],
        "module": module,
        "environ": dict(environ),
        "folder": str(folder),
        "umask": _umask(),
    }
    code, out, err = _server(tuple(chosen.items())).run(json.dumps(request).encode(), given)
    return subprocess.CompletedProcess([module, *arguments], code, out, err)


def _started(
    command: Sequence[str], environ: Mapping[str, str], folder: Path, given: Path
) -> subprocess.CompletedProcess[str]:
    """Runs the real program, whose interpreter an environment changes."""
    with given.open("rb") as stdin:
        return subprocess.run(
            [sys.executable, "-P", "-m", *command],
            env=environ,
            cwd=folder,
            stdin=stdin,
            capture_output=True,
            text=True,
            check=False,
            timeout=LONGEST,
        )


class Server:
    """A process that forks one for each command (tests/forked.py)."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._socket, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self._process = Program[bytes](
                [sys.executable, "-P", "-m", "tests.forked", str(theirs.fileno())],
                env=dict(environ),
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
            )
        atexit.register(self.close)

    def run(self, request: bytes, given: Path) -> tuple[int, str, str]:
        """Returns exit code (negative: a signal), output and errors of a command."""
        ends = [os.pipe() for _ in range(3)]
        try:
            with given.open("rb") as stdin:
                theirs = [stdin.fileno(), *(write for _, write in ends)]
                socket.send_fds(self._socket, [request], theirs)
        finally:
            for _, write in ends:
                os.close(write)
        (out, err, status), is_late = _read_all([read for read, _ in ends])
        pid, _, code = status.decode().partition(" ")
        if code and not is_late:
            return int(code), _text(out), _text(err)
        if pid and not code:
            _kill(int(pid))
        reason = f"not over after {LONGEST:g} s" if is_late else "no exit code"
        raise RuntimeError(f"{request!r}: {reason}; output {out!r}, errors {err!r}")

    def close(self) -> None:
        """Ends the server."""
        self._socket.close()
        self._process.wait()


@cache
def _server(environ: tuple[tuple[str, str], ...]) -> Server:
    return Server(dict(environ))


def _umask() -> int:
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1], 8) for line in lines if line.startswith("Umask:"))


def _read_all(ends: list[int]) -> tuple[list[bytes], bool]:
    """Reads pipes until all their writers have closed them; returns whether that took too long."""
    data, limit = dict.fromkeys(ends, b""), time.monotonic() + LONGEST
    with selectors.DefaultSelector() as selector:
        for end in ends:
            selector.register(end, selectors.EVENT_READ)
        while selector.get_map() and (left := limit - time.monotonic()) > 0:
            for key, _ in selector.select(left):
                piece = os.read(key.fd, 65536)
                data[key.fd] += piece
                if not piece:
                    selector.unregister(key.fd)
        is_late = bool(selector.get_map())
    for end in ends:
        os.close(end)
    return [data[end] for end in ends], is_late


def _kill(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def _text(data: bytes) -> str:
    return data.decode().replace("\r\n", "\n").replace("\r", "\n")
