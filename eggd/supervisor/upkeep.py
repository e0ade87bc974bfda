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
from eggd.suite.slots import AGENT, INBOX, LISTENER
from eggd.supervisor.inotify import Inotify
from eggd.supervisor.journal import ERR, WARNING
from eggd.supervisor.renewal import Renewal
from eggd.supervisor.supervisor import Supervisor

SETTLE = 0.2
"""Seconds to wait after the first removal: `rm -rf` removes many files one by one."""
RETRY = 10.0
"""Seconds until a file that could not be created is tried again."""


class Part(Protocol):
    """One thing in the runtime directory."""

    @property
    def name(self) -> str:
        """Its name in messages."""

    @property
    def paths(self) -> Sequence[Path]:
        """Its files."""

    @property
    def intact(self) -> bool:
        """Whether its files exist and are still this suite's."""

    def restore(self) -> None:
        """Creates its files again; raises OSError or BootError."""


class Upkeep:
    """Watches the parts of a suite from `open` to `close`; the first part creates the directory."""

    def __init__(self, supervisor: Supervisor, run: Path, *parts: Part) -> None:
        self._supervisor = supervisor
        self._run = run
        self._own = parts
        self._loop = asyncio.get_running_loop()
        self._inotify: Inotify | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._told: set[str] = set()
        self._lost: set[str] = set()
        supervisor.opened = self.open
        self._renewal = Renewal(self._replace, lambda exc: supervisor.say(exc.line, ERR))

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
        await self._renewal.end()
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
        parts = [*self._own, *self._supervisor.parts()]
        lost = [each for each in parts if not each.intact]
        failed = [each for each in lost if not self._restored(each)]
        if failed:
            self._timer = self._loop.call_later(RETRY, self._repair)
        self._watch(parts)
        self._renew({each.name for each in lost if each not in failed})

    def _restored(self, part: Part) -> bool:
        try:
            part.restore()
        except (OSError, BootError) as exc:
            if part.name not in self._told:
                self._told.add(part.name)
                self._supervisor.say(f"{part.name} was removed and cannot be created: {exc}", ERR)
            return False
        self._told.discard(part.name)
        return True

    def _watch(self, parts: Sequence[Part]) -> None:
        if self._inotify is not None:
            self._inotify.watch([self._run, *(path for each in parts for path in each.paths)])

    def _renew(self, names: set[str]) -> None:
        if names:
            text = f"{self._run}: removed and created again: {', '.join(sorted(names))}"
            self._supervisor.say(text, WARNING)
            with suppress(OSError):
                os.chdir(self._run)
        if names & {INBOX, LISTENER}:
            self._lost |= names
            self._renewal.asked()

    async def _replace(self) -> None:
        """Replaces the agent, and the workers if more than the agent's inbox was removed."""
        await self._supervisor.idle()
        names, self._lost = self._lost, set()
        if INBOX in names:
            await self._supervisor.alone("repair", self._supervisor.service(AGENT).restart())
        if names != {INBOX}:
            self._supervisor.reload_asked("sockets were removed")
