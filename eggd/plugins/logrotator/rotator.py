"""`agent.logrotator`: renames the log files, has all processes reopen them, removes old files."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Iterable, Mapping
from pathlib import Path
from threading import Event

from eggd import Agent, Logger
from eggd.plugins.logrotator.record import RotationRecord
from eggd.plugins.logrotator.reload import Answers, Reload
from eggd.plugins.logrotator.renaming import Renaming
from eggd.plugins.logrotator.retention import expired_files
from eggd.plugins.logrotator.storage import Storage

_DAY_IS_OVER = dt.timedelta(hours=23, minutes=58)
"""A tick this long after midnight, or later, rotates its own day, not the day before."""
_HOUR = dt.timedelta(hours=1)


class Rotator:
    """Rotates, compresses and cleans the log files of the suite; one rotation at a time."""

    def __init__(self, agent: Agent) -> None:
        """Raises ConfigError for a file that is rotated in two ways, and for a compression that
        needs a missing module."""
        self._agent = agent
        options, log_dir = agent.config.logrotator, agent.loggers.dir
        self._options = options
        self._by_hour = options.by_hour(log_dir)
        self._by_size = options.by_size(log_dir)
        folder, warn = agent.state_dir, agent.core_logger.warn
        self._days = RotationRecord(folder / "logrotator.json", warn)
        self._hours = RotationRecord(folder / "logrotator-hour.json", warn)
        self._stopped = Event()
        self._storage = Storage(options, agent.core_logger, self._stopped.is_set)
        self._renaming = Renaming(agent.core_logger)
        self._reload = Reload(agent)
        self._lock = asyncio.Lock()
        """Held by the rotation in progress."""

    async def run(self, tick: dt.datetime) -> None:
        """Rotates, unless `disable_rotate_by_day` is set, and removes old files."""
        if not self._options.disable_rotate_by_day:
            await self.rotate(tick)
        await self.clean(tick)

    async def rotate(self, tick: dt.datetime) -> list[Path]:
        """Renames each log file F to F.YYYY-MM-DD and returns the new names (process:ROT-2).

        Files that are rotated by hour or by size are left. The date is that of `tick` less 23:58
        hours: the day before, except in the last two minutes of a day, however late the call comes.
        Returns when every ready worker writes to new files, or after 5 seconds, and with `gzip` or
        `zstd` when the files are compressed. A file already renamed for that date is skipped; if
        another file has the new name, an error is logged.
        """
        others = {*self._by_hour, *self._by_size}
        files = [file for file in self._agent.loggers.suite_files() if file not in others]
        return await self._rotate(self._days, _day_before(tick), files)

    async def rotate_by_hour(self, tick: dt.datetime) -> list[Path]:
        """Renames each F of `files_rotate_by_hour` to F.YYYY-MM-DD-HH, of an hour before `tick`.

        Otherwise like `rotate` (process:ROT-4). In the hour that comes twice when summer time ends,
        the second one's lines stay for the next file.
        """
        return await self._rotate(self._hours, self._hour_before(tick), self._by_hour)

    async def rotate_by_size(self) -> list[Path]:
        """Renames each F of `files_rotate_by_size` that is too large to F.1, F.1 to F.2 and so on.

        At most `max_files` renamed files are kept of each (process:ROT-5). Returns the new names,
        otherwise like `rotate`; without a file that is too large it does nothing.
        """
        options = self._options
        async with self._lock:
            large = [file for file in self._by_size if _size(file) >= options.max_file_size]
            moved = [self._renaming.shift(file, options.max_files) for file in large]
            return await self._finish([target for target in moved if target is not None])

    async def rename(self, files: Mapping[Path, Path]) -> list[Path]:
        """Renames files to given names; returns the new names, otherwise like `rotate`.

        A file that is missing is skipped; if its new name exists, an error is logged.
        """
        async with self._lock:
            pairs = [self._renaming(file, target) for file, target in files.items()]
            return await self._finish([target for target in pairs if target is not None])

    async def rotate_now(self, now: dt.datetime) -> tuple[list[Path], Answers]:
        """Renames each log file that has lines; returns the new names, and who has reopened.

        Those of `files_rotate_by_size` get the number 1, all others the date and time of `now`:
        F.2026-11-29-131501. With `gzip` or `zstd` the next check of the sizes compresses them.
        """
        async with self._lock:
            filled = [file for file in self._files() if _size(file)]
            moved = [self._rename_now(file, now) for file in filled]
            renamed = [target for target in moved if target is not None]
            answers = await self._reload() if renamed else Answers(0, [])
        self._report(renamed)
        return renamed, answers

    async def reopen(self) -> Answers:
        """Has all processes open their files by name again, as after logrotate(8) has renamed them.

        Returns when every ready worker has answered, or after 5 seconds.
        """
        async with self._lock:
            return await self._reload()

    async def clean(self, tick: dt.datetime) -> list[Path]:
        """Removes files dated more than `max_days` days before `tick`; returns their paths."""
        days = self._options.max_days
        if not days:
            return []
        oldest = _local(tick).date() - dt.timedelta(days=days)
        dir_ = self._agent.loggers.dir
        old = expired_files(self._files(), dir_, oldest, self._log.error)
        return [path for path in old if await asyncio.to_thread(self._storage.remove, path)]

    async def tend(self) -> None:
        """Rotates by size, compresses what could not be compressed before, and removes the oldest
        renamed files beyond `max_total_size`."""
        await self.rotate_by_size()
        async with self._lock:
            await self._storage.tend(self._files())

    def missed(self, last: dt.datetime) -> dt.datetime | None:
        """Returns `last`, the latest tick, if an earlier agent did not complete its rotation."""
        return _missed(self._days, _day_before(last), last)

    def missed_hour(self, last: dt.datetime) -> dt.datetime | None:
        """Returns the same for the rotation by hour."""
        return _missed(self._hours, self._hour_before(last), last)

    def strangers(self) -> list[Path]:
        """Returns files to rotate by hour or size that no logger writes and that do not exist."""
        known = set(self._agent.loggers.suite_files())
        return [
            file
            for file in (*self._by_hour, *self._by_size)
            if file not in known and not file.exists()
        ]

    def stop(self) -> None:
        """Ends a compression in progress; the plain file is left."""
        self._stopped.set()

    @property
    def _log(self) -> Logger:
        return self._agent.core_logger

    def _files(self) -> list[Path]:
        """Returns all files that may have been rotated."""
        files = (*self._agent.loggers.suite_files(), *self._by_hour, *self._by_size)
        return list(dict.fromkeys(files))

    async def _rotate(
        self, record: RotationRecord, stamp: str, files: Iterable[Path]
    ) -> list[Path]:
        async with self._lock:
            record.begin(stamp, files)
            renamed = self._renaming.recorded(record)
            await self._reload()
            record.finish()
            return await self._settle(renamed)

    async def _finish(self, renamed: list[Path]) -> list[Path]:
        if renamed:
            await self._reload()
        return await self._settle(renamed)

    async def _settle(self, renamed: list[Path]) -> list[Path]:
        """Compresses the renamed files, if that is on; logs and returns their names."""
        settled = [await self._storage.compress(path) for path in renamed]
        self._report(settled)
        return settled

    def _rename_now(self, file: Path, now: dt.datetime) -> Path | None:
        if file in self._by_size:
            return self._renaming.shift(file, self._options.max_files)
        return self._renaming(file, file.with_name(f"{file.name}.{now:%Y-%m-%d-%H%M%S}"))

    def _report(self, renamed: list[Path]) -> None:
        if renamed:
            names = ", ".join(str(path) for path in renamed)
            self._log.info("[logrotator] renamed log files to %s", names)

    def _hour_before(self, tick: dt.datetime) -> str:
        # An hour of elapsed time, whatever the clocks of the place show.
        at = dt.datetime.fromtimestamp(tick.timestamp() - _HOUR.total_seconds())
        return f"{at:%Y-%m-%d}{self._options.hour_delimiter}{at:%H}"


def _missed(record: RotationRecord, stamp: str, last: dt.datetime) -> dt.datetime | None:
    record.initialize(stamp)
    return last if record.is_due(stamp) else None


def _size(file: Path) -> int:
    try:
        return file.stat().st_size
    except OSError:
        return 0


def _local(tick: dt.datetime) -> dt.datetime:
    return tick.astimezone().replace(tzinfo=None) if tick.tzinfo else tick


def _day_before(tick: dt.datetime) -> str:
    return (_local(tick) - _DAY_IS_OVER).date().isoformat()
