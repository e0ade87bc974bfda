"""`agent.logrotator`: renames the files, has everybody open new ones, removes old ones."""

from __future__ import annotations

import asyncio
import datetime as dt
from itertools import count
from pathlib import Path
from typing import Any

from eggd import Agent, MessengerError
from eggd.plugins.logrotator.clean import expired
from eggd.plugins.logrotator.record import Record
from eggd.plugins.logrotator.reload import RELOAD, RELOADED

ACKNOWLEDGE_WITHIN = 5.0
"""Seconds every worker has to open its files anew."""

_DAY_IS_OVER = dt.timedelta(hours=23, minutes=58)


class Rotator:
    """Rotates and cleans the log files of the suite; one rotation at a time."""

    def __init__(self, agent: Agent) -> None:
        self._agent = agent
        self._record = Record(agent.state_dir / "logrotator.json", agent.core_logger.warn)
        self._lock = asyncio.Lock()
        self._ids = count(1)
        self._answers: dict[str, set[int]] = {}
        self._news = asyncio.Event()
        agent.messenger.on(RELOADED, self._reloaded)
        agent.messenger.on_members(lambda _: self._news.set())

    async def run(self, tick: dt.datetime) -> None:
        """Does what is due at `tick`: rotate, unless the config says no, and remove old files."""
        if not self._agent.config.logrotator.disable_rotate_by_day:
            await self.rotate(tick)
        await self.clean(tick)

    async def rotate(self, tick: dt.datetime) -> list[Path]:
        """Renames each log file F to F.YYYY-MM-DD and return the new names.

        The date is that of `tick` less 23:58 hours: the day before, for all but the day's last two
        minutes (process:ROT-2), however late the call comes. Returns when every worker that is
        ready writes to new files, or has had 5 seconds for it. A file that was renamed for that
        date already is left alone; where another file has the name, that is logged as an error.
        """
        async with self._lock:
            date = _day_before(tick)
            self._record.begin(date, self._agent.loggers.suite_files())
            renamed = [target for file in self._record.files() if (target := self._rename(file))]
            await self._reload()
            self._record.finish()
        if renamed:
            names = ", ".join(str(path) for path in renamed)
            self._log.info("[logrotator] rotate files success by DayRotator, files [%s]", names)
        return renamed

    async def clean(self, tick: dt.datetime) -> list[Path]:
        """Removes files renamed more than `max_days` days before `tick`; returns their names."""
        days = self._agent.config.logrotator.max_days
        if not days:
            return []
        loggers = self._agent.loggers
        oldest = _local(tick).date() - dt.timedelta(days=days)
        found = expired(loggers.suite_files(), loggers.dir, oldest, self._log.error)
        return [path for path in found if await asyncio.to_thread(self._remove, path)]

    def missed(self, last: dt.datetime) -> dt.datetime | None:
        """Returns `last`, the latest tick there was, if a former agent did not get done with it."""
        date = _day_before(last)
        self._record.note(date)
        return last if self._record.unfinished(date) else None

    @property
    def _log(self) -> Any:
        return self._agent.core_logger

    def _rename(self, file: Path) -> Path | None:
        target = file.with_name(f"{file.name}.{self._record.date}")
        if self._record.renamed(file, target):
            return None
        try:
            if target.exists():
                raise FileExistsError(f"targetFile {target} exists!!!")
            file.rename(target)
        except FileNotFoundError:
            return None
        except OSError as exc:
            self._log.error("[logrotator] rename %s, found exception: %s", file, exc)
            return None
        return target

    async def _reload(self) -> None:
        """Has every process open its files anew; log who does not say so in time."""
        identity = f"{self._record.date}/{next(self._ids)}"
        answers = self._answers[identity] = set()
        self._log.info("[logrotator] broadcast log-reload")
        try:
            self._agent.messenger.broadcast(RELOAD, {"id": identity})
            async with asyncio.timeout(ACKNOWLEDGE_WITHIN):
                while self._missing(answers):
                    self._news.clear()
                    await self._news.wait()
        except MessengerError as exc:
            self._log.error("[logrotator] log-reload: %s", exc.line)
        except TimeoutError:
            for name in self._missing(answers):
                self._log.warn("[logrotator] %s did not answer log-reload in time", name)
        finally:
            del self._answers[identity]

    def _missing(self, answers: set[int]) -> list[str]:
        """Who is to answer and did not; a worker that only starts or goes finds out by itself."""
        return [
            f"worker {member.slot} (pid {member.pid})"
            for member in self._agent.messenger.members
            if member.state == "ready" and member.pid not in answers
        ]

    def _reloaded(self, data: object, sender: Any) -> None:
        if isinstance(data, str) and data in self._answers:
            self._answers[data].add(sender.pid)
            self._news.set()

    def _remove(self, path: Path) -> bool:
        try:
            path.unlink()
        except OSError as exc:
            self._log.error("[logrotator] remove logFile %s error, %s", path, exc.strerror)
            return False
        self._log.info("[logrotator] removed %s", path)
        return True


def _local(tick: dt.datetime) -> dt.datetime:
    return tick.astimezone().replace(tzinfo=None) if tick.tzinfo else tick


def _day_before(tick: dt.datetime) -> str:
    return (_local(tick) - _DAY_IS_OVER).date().isoformat()
