"""Finds the renamed log files that are too old, compressed or not."""

from __future__ import annotations

import datetime as dt
import os
import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

# The end of a rotated file's name: the date, text without dots that an administrator appended, and
# the suffix of a compressed file.
_DATED = re.compile(r"[^/]+\.(\d{4}-\d{2}-\d{2})[^.]*(?:\.(?:gz|bz2|xz|zst))?", re.ASCII)


def expired_files(
    files: Iterable[Path], log_dir: Path, oldest: dt.date, log_error: Callable[..., None]
) -> list[Path]:
    """Returns the renamed files dated before `oldest` in the directories of `files`.

    A file that an administrator compressed (.gz, .bz2, .xz, .zst) expires as the plain one. In
    `log_dir`, every file with a dated name is returned; in other directories, only a file whose
    name begins with the name of a file in `files`. A directory that cannot be read is logged.
    """
    names: dict[Path, list[str]] = {}
    for file in files:
        names.setdefault(file.parent, []).append(f"{file.name}.")
    old: list[Path] = []
    for directory, prefixes in names.items():
        # Every name begins with "".
        accepted = ("",) if directory == log_dir else tuple(prefixes)
        try:
            old += _old(directory, accepted, oldest)
        except OSError as exc:
            log_error("[logrotator] cannot read %s: %s", directory, exc.strerror)
    return old


def _old(directory: Path, prefixes: tuple[str, ...], oldest: dt.date) -> Iterator[Path]:
    with os.scandir(directory) as entries:
        for entry in entries:
            date = _date(entry.name)
            if date is None or date >= oldest or not entry.name.startswith(prefixes):
                continue
            if entry.is_file(follow_symlinks=False):
                yield Path(entry.path)


def _date(name: str) -> dt.date | None:
    match = _DATED.fullmatch(name)
    try:
        return dt.date.fromisoformat(match[1]) if match else None
    except ValueError:
        return None
