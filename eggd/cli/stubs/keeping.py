"""Keeps `typings/eggd` current while `eggd dev` runs."""

from __future__ import annotations

import asyncio
import os
import pwd
import sys
from collections.abc import Callable
from pathlib import Path

from eggd.cli.confinement import NAME
from eggd.cli.stubs.folder import exists


class Keeper:
    """Runs `eggd types` in a child process, one at a time; `failed` gets the reason of a failure.

    It does nothing for an app without the folder: running `eggd types` once turns it on. The child
    runs the app's code as this user, as `eggd dev` does.
    """

    def __init__(self, base_dir: Path, failed: Callable[[str], None]) -> None:
        self._base_dir = base_dir
        self._failed = failed
        # The loop holds tasks weakly, so the one that runs is kept here.
        self._task: asyncio.Task[None] | None = None
        # Whether code was saved while a child was running: it may have read the old files.
        self._again = False

    def refresh(self) -> None:
        """Starts a run, or another one after the current one."""
        if self._task is not None and not self._task.done():
            self._again = True
        elif exists(self._base_dir):
            self._task = asyncio.ensure_future(self._run())

    async def _run(self) -> None:
        self._again = True
        while self._again:
            self._again = False
            child = await asyncio.create_subprocess_exec(
                *(sys.executable, "-P", "-m", "eggd", "types", str(self._base_dir)),
                env={**os.environ, NAME: pwd.getpwuid(os.geteuid()).pw_name},
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.DEVNULL,
                stderr=asyncio.subprocess.PIPE,
            )
            _, errors = await child.communicate()
            if child.returncode:
                text = errors.decode(errors="replace").strip()
                self._failed(text.rpartition("\n")[2] or "eggd types failed")
