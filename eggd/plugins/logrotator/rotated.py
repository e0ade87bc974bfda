"""The renamed files of log files, as they are on the disk."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from eggd.plugins.logrotator.rotated_name import PACKED, parse_name


@dataclass(frozen=True, slots=True)
class RotatedFile:
    """A file that was a log file once."""

    path: Path
    number: int
    """1 for the newest of the files that are renamed by size; 0 for a file with a date."""
    is_packed: bool
    """Whether it is compressed."""
    is_part: bool
    """Whether a compression was interrupted; the plain file is still there then."""
    size: int
    """In bytes."""
    modified: float
    """Unix time of the last line."""


def rotated_files(files: Iterable[Path], log_error: Callable[..., None]) -> list[RotatedFile]:
    """Returns the renamed files of these log files; logs a directory that cannot be read."""
    names: dict[Path, list[str]] = {}
    for file in files:
        names.setdefault(file.parent, []).append(file.name)
    rotated: list[RotatedFile] = []
    for directory, known in names.items():
        try:
            rotated += _in_directory(directory, known)
        except FileNotFoundError:
            continue
        except OSError as exc:
            log_error("[logrotator] cannot read %s: %s", directory, exc.strerror)
    return rotated


def numbered(file: Path, number: int) -> list[Path]:
    """Returns the existing files of that number: `F.1`, `F.1.gz`."""
    base = file.with_name(f"{file.name}.{number}")
    paths = (base, *(base.with_name(base.name + suffix) for suffix in PACKED))
    return [path for path in paths if os.path.lexists(path)]


def _in_directory(directory: Path, names: list[str]) -> Iterator[RotatedFile]:
    with os.scandir(directory) as entries:
        for entry in entries:
            name = parse_name(entry.name)
            if name is None or name.log not in names or not entry.is_file(follow_symlinks=False):
                continue
            status = entry.stat(follow_symlinks=False)
            yield RotatedFile(
                path=Path(entry.path),
                number=name.number,
                is_packed=bool(name.packed),
                is_part=name.is_part,
                size=status.st_size,
                modified=status.st_mtime,
            )
