"""Recreates files that are removed from the runtime directory of a running suite.

Lock, pid file and control socket are just created again. If the agent's inbox or a Unix listener
was removed, the running processes hold the old socket: the agent is restarted, and after it the
workers, as in a reload.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Protocol

from eggd.errors import BootError
from eggd.suite.names import DEFAULT
from eggd.supervisor.coalescer import Coalescer
from eggd.supervisor.inotify import Inotify
from eggd.supervisor.merged_output import ERR, WARNING
from eggd.supervisor.supervisor import Supervisor

SETTLE = 0.2
"""Seconds to wait after the first removal: `rm -rf` removes many files one by one."""
RETRY = 10.0
"""Seconds until a file that could not be created is tried again."""


class RuntimeFile(Protocol):
    """One file, or several, that must exist while the suite runs."""

    @property
    def name(self) -> str:
        """Its name in messages."""
        ...

    @property
    def paths(self) -> Sequence[Path]:
        """Its files."""
        ...

    @property
    def intact(self) -> bool:
        """Whether its files exist and are still this suite's."""
        ...

    def restore(self) -> None:
        """Creates its files again; raises OSError or BootError."""


class RuntimeFiles:
    """Watches the files from `open` to `close`; the first of `files` creates the directory."""

    def __init__(self, supervisor: Supervisor, run: Path, *files: RuntimeFile) -> None:
        self._supervisor = supervisor
        self._run = run
        # The files that do not belong to the supervisor itself.
        self._own = files
        self._loop = asyncio.get_running_loop()
        self._inotify: Inotify | None = None
        self._timer: asyncio.TimerHandle | None = None
        # The names of files whose failure is logged already: a failure is retried silently.
        self._reported: set[str] = set()
        # The names of lost sockets whose processes are not replaced yet.
        self._lost: set[str] = set()
        supervisor.on_open = self.open
        self._replacements = Coalescer(self._replace, lambda exc: supervisor.say(exc.line, ERR))

    def open(self) -> None:
        """Starts watching; if the kernel refuses, logs a warning, and nothing is recreated."""
        try:
            self._inotify = Inotify(self._changed)
        except OSError as exc:
            self._supervisor.say(f"{self._run} is not watched: {exc.strerror}", WARNING)
            return
        self._repair()

    async def close(self) -> None:
        """Stops watching."""
        await self._replacements.end()
        if self._timer is not None:
            self._timer.cancel()
        if self._inotify is not None:
            self._inotify.close()

    def _changed(self) -> None:
        if self._timer is None:
            self._timer = self._loop.call_later(SETTLE, self._repair)

    def _repair(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = None
        if self._supervisor.stopping:
            return
        files = [*self._own, *self._supervisor.files()]
        lost = [each for each in files if not each.intact]
        failed = [each for each in lost if not self._restored(each)]
        if failed:
            self._timer = self._loop.call_later(RETRY, self._repair)
        self._watch(files)
        self._renew({each.name for each in lost if each not in failed})

    def _restored(self, file: RuntimeFile) -> bool:
        try:
            file.restore()
        except (OSError, BootError) as exc:
            if file.name not in self._reported:
                self._reported.add(file.name)
                self._supervisor.say(f"{file.name} was removed and cannot be created: {exc}", ERR)
            return False
        self._reported.discard(file.name)
        return True

    def _watch(self, files: Sequence[RuntimeFile]) -> None:
        if self._inotify is not None:
            self._inotify.watch([self._run, *(path for each in files for path in each.paths)])

    def _renew(self, names: set[str]) -> None:
        if names:
            text = f"{self._run}: removed and created again: {', '.join(sorted(names))}"
            self._supervisor.say(text, WARNING)
            with suppress(OSError):
                os.chdir(self._run)
        if names & {DEFAULT.inbox, DEFAULT.listener}:
            self._lost |= names
            self._replacements.request()

    async def _replace(self) -> None:
        """Replaces the agent, and the workers if more than the agent's inbox was removed."""
        await self._supervisor.idle()
        names, self._lost = self._lost, set()
        if DEFAULT.inbox in names:
            await self._supervisor.exclusively(
                "repair", self._supervisor.service(DEFAULT.agent).restart()
            )
        if names != {DEFAULT.inbox}:
            self._supervisor.on_reload_request("sockets were removed")
