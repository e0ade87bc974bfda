"""The names of system calls, and of their groups, that SystemCallFilter= knows."""

from __future__ import annotations

import subprocess

from eggd.errors import ProgramError

_COMMAND = ("systemd-analyze", "--no-pager", "syscall-filter")


def system_calls() -> frozenset[str]:
    """Returns all names: `mount`, `@mount`. Raises ProgramError without systemd-analyze(1)."""
    try:
        done = subprocess.run(_COMMAND, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError) as exc:
        raise ProgramError(f"{' '.join(_COMMAND)}: {exc}", hint="install systemd") from exc
    lines = (line.strip() for line in done.stdout.splitlines())
    return frozenset(line for line in lines if line and not line.startswith("#"))
