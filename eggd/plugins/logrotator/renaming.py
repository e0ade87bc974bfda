"""Renames log files; a file that cannot be renamed is logged, and the others go on."""

from __future__ import annotations

import errno
import os
from pathlib import Path

from eggd import Logger
from eggd.plugins.logrotator.record import RotationRecord
from eggd.plugins.logrotator.rotated import numbered, rotated_files
from eggd.plugins.logrotator.rotated_name import PACKED


class Renaming:
    """Renames files without replacing another."""

    def __init__(self, log: Logger) -> None:
        self._log = log

    def __call__(self, file: Path, target: Path) -> Path | None:
        """Renames a file; returns the new name, None if the file is missing or cannot be renamed.

        Errors are logged, also for a new name that exists, compressed or not (process:ROT-7).
        """
        try:
            for taken in (target, *(target.with_name(target.name + end) for end in PACKED)):
                if os.path.lexists(taken) and file.exists():
                    raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST))
            file.rename(target)
        except FileNotFoundError:
            return None
        except OSError as exc:
            self._log.error("[logrotator] cannot rename %s to %s: %s", file, target, exc.strerror)
            return None
        return target

    def recorded(self, record: RotationRecord) -> list[Path]:
        """Renames each file of a record to F.DATE unless that was done; returns the new names."""
        renamed = []
        for file in record.files():
            target = file.with_name(f"{file.name}.{record.date}")
            if not record.is_renamed(file, target) and (new := self(file, target)):
                renamed.append(new)
        return renamed

    def shift(self, file: Path, most: int) -> Path | None:
        """Renames F to F.1, before that F.1 to F.2 and so on; returns F.1, None after an error.

        Only the files below the first free number move, so that numbers never skip, also after a
        kill between two renames. Beyond `most` files the last is removed.
        """
        try:
            free = next((n for n in range(1, most) if not numbered(file, n)), most)
            for old in numbered(file, free):
                old.unlink()
            for each in rotated_files([file], self._log.error):
                if each.number > most:  # the limit was larger before
                    each.path.unlink()
            for number in range(free - 1, 0, -1):
                for path in numbered(file, number):
                    suffix = path.name.removeprefix(f"{file.name}.{number}")
                    path.rename(file.with_name(f"{file.name}.{number + 1}{suffix}"))
            target = file.with_name(f"{file.name}.1")
            file.rename(target)
        except OSError as exc:
            self._log.error("[logrotator] cannot rename %s: %s", file, exc.strerror)
            return None
        return target
