"""Runs a program as the service user, as root runs the code of an app: without its terminal."""

from __future__ import annotations

import os
import pwd
import signal
import subprocess
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO

from eggd.errors import ProgramError

_TAIL = 20
"""Last lines that are kept of the output."""
_LONGEST = 4096
"""Bytes of one line."""


def run_as(
    user: pwd.struct_passwd,
    command: Sequence[str],
    *,
    cwd: Path,
    environ: Mapping[str, str],
    progress: Callable[[str], None],
) -> list[str]:
    """Runs a command as `user`; returns the last lines of its output, and shows each as progress.

    Raises ProgramError if it cannot be started or fails: with its last line that says `error`, or
    its last one.
    """
    try:
        child = _start(user, command, cwd, environ)
    except OSError as exc:
        raise ProgramError(f"{command[0]}: {exc.strerror}") from exc
    with child:
        try:
            assert child.stdout is not None
            lines = _lines(child.stdout, progress)
            code = child.wait()
        finally:
            with suppress(ProcessLookupError):
                os.killpg(child.pid, signal.SIGKILL)
    if code:
        raise ProgramError(_reason(lines) or f"{command[0]} exited with {code}")
    return lines


def _start(
    user: pwd.struct_passwd, command: Sequence[str], cwd: Path, environ: Mapping[str, str]
) -> subprocess.Popen[bytes]:
    is_root = os.geteuid() == 0
    return subprocess.Popen(
        command,
        cwd=cwd,
        env=environ,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
        umask=0o022,
        user=user.pw_uid if is_root else None,
        group=user.pw_gid if is_root else None,
        extra_groups=[] if is_root else None,
    )


def _lines(output: IO[bytes], progress: Callable[[str], None]) -> list[str]:
    kept: list[str] = []
    while line := output.readline(_LONGEST):
        if text := line.decode(errors="replace").strip():
            progress(text)
            kept = [*kept[-_TAIL:], text]
    return kept


def _reason(lines: list[str]) -> str:
    errors = [line for line in lines if line.lower().startswith("error")]
    return (errors or lines or [""])[-1]
