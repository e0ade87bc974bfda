"""Finds the renamed log files that are too old, compressed or not."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from eggd.plugins.logrotator.rotated_name import parse_name


def expired_files(
    files: Iterable[Path], log_dir: Path, oldest: dt.date, log_error: Callable[..., None]
) -> list[Path]:
    """Returns the renamed files dated before `oldest` in the directories of `files`.

    A file that an administrator compressed (.gz, .bz2, .xz, .zst) expires as the plain one. In
    `log_dir`, every file with a dated name is returned; in other directories, only the renamed
    files of `files`. A directory that cannot be read is logged.
    """
    names: dict[Path, set[str]] = {}
    for file in files:
        names.setdefault(file.parent, set()).add(file.name)
    old: list[Path] = []
    for directory, known in names.items():
        try:
            old += _old(directory, None if directory == log_dir else known, oldest)
        except OSError as exc:
            log_error("[logrotator] cannot read %s: %s", directory, exc.strerror)
    return old


def _old(directory: Path, names: set[str] | None, oldest: dt.date) -> Iterator[Path]:
    """Yields the old files of these logs; None stands for every log."""
    with os.scandir(directory) as entries:
        for entry in entries:
            name = parse_name(entry.name)
            if name is None or name.is_part or (names is not None and name.log not in names):
                continue
            date = _date(name.date)
            if date is not None and date < oldest and entry.is_file(follow_symlinks=False):
                yield Path(entry.path)


def _date(text: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text) if text else None
    except ValueError:
        return None
