"""`agent.logrotator`: renames the log files, has all processes reopen them, removes old files."""

from __future__ import annotations

import asyncio
import datetime as dt
import errno
import os
from itertools import count
from pathlib import Path

from eggd import Agent, Logger, MessengerError, Sender
from eggd.plugins.logrotator.record import RotationRecord
from eggd.plugins.logrotator.reopening import RELOAD, RELOADED
from eggd.plugins.logrotator.retention import expired_files

ACKNOWLEDGE_WITHIN = 5.0
"""Seconds that a worker has to reopen its files and answer."""

_DAY_IS_OVER = dt.timedelta(hours=23, minutes=58)
"""A tick this long after midnight, or later, rotates its own day, not the day before."""


class Rotator:
    """Rotates and cleans the log files of the suite; one rotation at a time."""

    def __init__(self, agent: Agent) -> None:
        self._agent = agent
        self._record = RotationRecord(agent.state_dir / "logrotator.json", agent.core_logger.warn)
        self._lock = asyncio.Lock()
        """Held by the rotation in progress."""
        self._ids = count(1)
        """Distinguishes the messages of several rotations for one date."""
        self._answers: dict[str, set[int]] = {}
        """The pids of the workers that answered each message still waited for."""
        self._news = asyncio.Event()
        """Set when an answer arrives, or a worker starts or ends."""
        agent.messenger.on(RELOADED, self._on_reloaded)
        agent.messenger.on_members(lambda _: self._news.set())

    async def run(self, tick: dt.datetime) -> None:
        """Rotates, unless `disable_rotate_by_day` is set, and removes old files."""
        if not self._agent.config.logrotator.disable_rotate_by_day:
            await self.rotate(tick)
        await self.clean(tick)

    async def rotate(self, tick: dt.datetime) -> list[Path]:
        """Renames each log file F to F.YYYY-MM-DD and returns the new names.

        The date is that of `tick` less 23:58 hours: the day before, except in the last two minutes
        of a day (process:ROT-2), however late the call comes. Returns when every ready worker
        writes to new files, or after 5 seconds. A file already renamed for that date is skipped; if
        another file has the new name, an error is logged.
        """
        async with self._lock:
            date = _day_before(tick)
            self._record.begin(date, self._agent.loggers.suite_files())
            renamed = [target for file in self._record.files() if (target := self._rename(file))]
            await self._reload()
            self._record.finish()
        if renamed:
            names = ", ".join(str(path) for path in renamed)
            self._log.info("[logrotator] renamed log files to %s", names)
        return renamed

    async def clean(self, tick: dt.datetime) -> list[Path]:
        """Removes files dated more than `max_days` days before `tick`; returns their paths."""
        days = self._agent.config.logrotator.max_days
        if not days:
            return []
        loggers = self._agent.loggers
        oldest = _local(tick).date() - dt.timedelta(days=days)
        old = expired_files(loggers.suite_files(), loggers.dir, oldest, self._log.error)
        return [path for path in old if await asyncio.to_thread(self._remove, path)]

    def missed(self, last: dt.datetime) -> dt.datetime | None:
        """Returns `last`, the latest tick, if an earlier agent did not complete its rotation."""
        date = _day_before(last)
        self._record.initialize(date)
        return last if self._record.is_due(date) else None

    @property
    def _log(self) -> Logger:
        return self._agent.core_logger

    def _rename(self, file: Path) -> Path | None:
        target = file.with_name(f"{file.name}.{self._record.date}")
        if self._record.is_renamed(file, target):
            return None
        try:
            if target.exists():
                raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST))
            file.rename(target)
        except FileNotFoundError:
            return None
        except OSError as exc:
            self._log.error("[logrotator] cannot rename %s to %s: %s", file, target, exc.strerror)
            return None
        return target

    async def _reload(self) -> None:
        """Has every process reopen its files; logs the workers that do not answer in time."""
        identity = f"{self._record.date}/{next(self._ids)}"
        answers = self._answers[identity] = set()
        self._log.info("[logrotator] sent log-reload to all processes")
        try:
            self._agent.messenger.broadcast(RELOAD, {"id": identity})
            async with asyncio.timeout(ACKNOWLEDGE_WITHIN):
                while self._missing(answers):
                    self._news.clear()
                    await self._news.wait()
        except MessengerError as exc:
            self._log.error("[logrotator] cannot send log-reload: %s", exc.line)
        except TimeoutError:
            for name in self._missing(answers):
                self._log.warn("[logrotator] %s did not answer log-reload in time", name)
        finally:
            del self._answers[identity]

    def _missing(self, answers: set[int]) -> list[str]:
        """Returns the ready workers that have not answered; others open the new files anyway."""
        return [
            f"worker {member.slot} (pid {member.pid})"
            for member in self._agent.messenger.members
            if member.state == "ready" and member.pid not in answers
        ]

    def _on_reloaded(self, data: object, sender: Sender) -> None:
        if isinstance(data, str) and data in self._answers:
            self._answers[data].add(sender.pid)
            self._news.set()

    def _remove(self, path: Path) -> bool:
        try:
            path.unlink()
        except OSError as exc:
            self._log.error("[logrotator] cannot remove %s: %s", path, exc.strerror)
            return False
        self._log.info("[logrotator] removed %s", path)
        return True


def _local(tick: dt.datetime) -> dt.datetime:
    return tick.astimezone().replace(tzinfo=None) if tick.tzinfo else tick


def _day_before(tick: dt.datetime) -> str:
    return (_local(tick) - _DAY_IS_OVER).date().isoformat()
