"""Runs a suite in the background, in python-daemon's context.

The command that starts it reads a pipe until the suite is ready or has failed, and reports that.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

import daemon

from eggd.errors import EggError, NotReadyError, ReportedError
from eggd.supervisor.foreground import Run, run
from eggd.supervisor.merged_output import MergedOutput, open_log_file


@dataclass(frozen=True, slots=True, kw_only=True)
class Fork:
    """The side of the fork: exactly one of both fields is not None."""

    reader: int | None = None
    """In the command: the descriptor for `outcome`."""
    code: int | None = None
    """In the daemon, after its end: the exit code."""


def daemonize(this: Run, stdout: Path, stderr: Path) -> Fork:
    """Runs the suite in a process of its own; returns twice, as fork(2) does.

    Creates both files and their folders, or raises FileError; an existing file is renamed first
    (SCR-6). It forks, so there must be only one thread.
    """
    paths = Path(os.path.abspath(stdout)), Path(os.path.abspath(stderr))
    files = open_log_file(paths[0]), open_log_file(paths[1])
    reader, writer = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(reader)
        merged_output = MergedOutput(*files, files=dict(zip(files, paths, strict=True)))
        return Fork(code=_run_detached(replace(this, merged_output=merged_output), files, writer))
    for fd in (*files, writer):
        os.close(fd)
    this.pidfile.close()
    os.waitpid(pid, 0)
    return Fork(reader=reader)


def outcome(reader: int, say: Callable[[str], None]) -> str:
    """Returns the suite's line once it is ready; raises ReportedError if it fails.

    `say` takes progress.
    """
    with os.fdopen(reader, encoding="utf-8") as lines:
        for line in lines:
            answer = json.loads(line)
            if "error" in answer:
                lines.read()  # until the daemon has ended
            if "say" not in answer:
                return _outcome(answer)
            say(answer["say"])
    raise NotReadyError("the daemon ended without a message", hint="its stderr file may say why")


def _outcome(answer: dict[str, str]) -> str:
    if "error" in answer:
        raise ReportedError(answer["error"], hint=answer["hint"])
    return answer["ready"]


def _run_detached(this: Run, files: tuple[int, int], writer: int) -> int:
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
    return run(_reporting(this, writer))


def _reporting(this: Run, writer: int) -> Run:
    is_open = True

    def report(**answer: str) -> None:
        # Once it is closed, a socket or a file of the suite may have its number.
        if is_open:
            with suppress(OSError):  # the command has ended
                os.write(writer, json.dumps(answer).encode() + b"\n")

    def failed(error: EggError) -> None:
        report(error=error.message, hint=error.hint)

    def ready(line: str) -> None:
        nonlocal is_open
        report(ready=line)
        is_open = False
        os.close(writer)

    return replace(
        this,
        ready=ready,
        failed=failed,
        say=lambda text: report(say=text),
    )
