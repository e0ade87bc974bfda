"""A suite in the background: python-daemon's context around the same main.

The command that started it waits at a pipe until the suite is ready or has failed, so what it
prints and its exit code are true. What is written to stderr has no meaning.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

import daemon

from eggd.errors import BootError, EggError
from eggd.supervisor.foreground import Run, run
from eggd.supervisor.journal import Journal, opened


@dataclass(frozen=True, slots=True, kw_only=True)
class Forked:
    """On which side of the fork this process is: exactly one of both is not None."""

    reader: int | None = None
    """In the command: the descriptor for `outcome`."""
    code: int | None = None
    """In the daemon, when it is over: the exit code."""


def daemonize(this: Run, stdout: Path, stderr: Path) -> Forked:
    """Runs the suite in a process of its own; returns twice, as fork(2) does.

    Both files are created with their folders, BootError where that cannot be; a file that is there
    already is renamed first (SCR-6). To be called with one thread alone: it forks.
    """
    paths = Path(os.path.abspath(stdout)), Path(os.path.abspath(stderr))
    files = opened(paths[0]), opened(paths[1])
    reader, writer = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(reader)
        journal = Journal(*files, files=dict(zip(files, paths, strict=True)))
        return Forked(code=_detached(replace(this, journal=journal), files, writer))
    for fd in (*files, writer):
        os.close(fd)
    this.pidfile.close()
    os.waitpid(pid, 0)
    return Forked(reader=reader)


def outcome(reader: int, say: Callable[[str], None]) -> str:
    """Returns the suite's line once it is ready; raises BootError: what it failed of.

    `say` takes what it is doing meanwhile.
    """
    with os.fdopen(reader, encoding="utf-8") as lines:
        for line in lines:
            answer = json.loads(line)
            if "error" in answer:
                lines.read()  # until the daemon has ended: then nothing of it is left
            if "say" not in answer:
                return _outcome(answer)
            say(answer["say"])
    raise BootError("the daemon ended without a word", hint="its stderr file may say why")


def _outcome(answer: dict[str, str]) -> str:
    if "error" in answer:
        raise BootError(answer["error"], hint=answer["hint"])
    return answer["ready"]


def _detached(this: Run, files: tuple[int, int], writer: int) -> int:
    context = daemon.DaemonContext(
        working_directory=str(this.settings.places.run),
        umask=0o022,
        detach_process=True,
        prevent_core=False,
        signal_map={},
        files_preserve=[this.pidfile.fd, writer, *files],
        stdout=os.fdopen(files[0], "wb", closefd=False),
        stderr=os.fdopen(files[1], "wb", closefd=False),
    )
    context.open()
    return run(_telling(this, writer))


def _telling(this: Run, writer: int) -> Run:
    def tell(**answer: str) -> None:
        with suppress(OSError):  # the command has gone
            os.write(writer, json.dumps(answer).encode() + b"\n")

    def failed(error: EggError) -> None:
        tell(error=error.message, hint=error.hint)

    def ready(line: str) -> None:
        tell(ready=line)
        os.close(writer)

    return replace(
        this,
        ready=ready,
        failed=failed,
        say=lambda text: tell(say=text),
    )
