"""Finds the renamed log files that are too old."""

from __future__ import annotations

import datetime as dt
import os
import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

# The suffix of a rotated file, with anything that an administrator appended to the date.
_DATED = re.compile(r"\.(\d{4}-\d{2}-\d{2})[^.]*", re.ASCII)


def expired(
    files: Iterable[Path], own: Path, oldest: dt.date, complain: Callable[..., None]
) -> list[Path]:
    """Returns the renamed files dated before `oldest` in the directories of `files`.

    In eggd's own log directory `own` every dated name counts; in others only names that start with
    that of a log file. `complain` logs a directory that cannot be read.
    """
    names: dict[Path, list[str]] = {}
    for file in files:
        names.setdefault(file.parent, []).append(f"{file.name}.")
    old: list[Path] = []
    for directory, starts in names.items():
        try:
            old += _old(directory, ("",) if directory == own else tuple(starts), oldest)
        except OSError as exc:
            complain("[logrotator] cannot read %s: %s", directory, exc.strerror)
    return old


def _old(directory: Path, starts: tuple[str, ...], oldest: dt.date) -> Iterator[Path]:
    with os.scandir(directory) as entries:
        for entry in entries:
            date = _date(entry.name)
            if date is None or date >= oldest or not entry.name.startswith(starts):
                continue
            if entry.is_file(follow_symlinks=False):
                yield Path(entry.path)


def _date(name: str) -> dt.date | None:
    match = _DATED.fullmatch(os.path.splitext(name)[1])
    try:
        return dt.date.fromisoformat(match[1]) if match else None
    except ValueError:
        return None
