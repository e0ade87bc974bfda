"""A folder becomes a dotted namespace: `service/user/profile.py` -> `service.user.profile`.

Names are the file stems with dashes as underscores; order is sorted, files before folders
(core:X-6). Names that begin with an underscore are private and never members (core:LD-2 PORT).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from eggd.errors import LoadError

_SEGMENT = re.compile(r"[a-z][a-z0-9_]*", re.IGNORECASE | re.ASCII)


@dataclass(frozen=True, slots=True)
class Member:
    """One file of a tree: its dotted path as a tuple, and the file."""

    path: tuple[str, ...]
    file: Path

    @property
    def dotted(self) -> str:
        """The path as users write it: `admin.user_log`."""
        return ".".join(self.path)


def members(folder: Path) -> list[Member]:
    """Return the members of a folder in load order; raise LoadError for a bad or doubled name."""
    if not folder.is_dir():
        return []
    found: dict[tuple[str, ...], Path] = {}
    for file in _files(folder):
        path = _dotted(file.relative_to(folder), file)
        if path in found:
            name = ".".join(path)
            raise LoadError(f"{file}: {name!r} is already defined by {found[path]}")
        found[path] = file
    _refuse_file_beside_folder(found)
    return [Member(path, file) for path, file in found.items()]


def _files(folder: Path) -> Iterator[Path]:
    entries = sorted(folder.iterdir(), key=lambda entry: (entry.is_dir(), entry.name))
    for entry in entries:
        if entry.name.startswith(("_", ".")):
            continue
        if entry.is_dir():
            yield from _files(entry)
        elif entry.suffix == ".py":
            yield entry


def _dotted(relative: Path, file: Path) -> tuple[str, ...]:
    parts = tuple(part.replace("-", "_") for part in relative.with_suffix("").parts)
    for part in parts:
        if not _SEGMENT.fullmatch(part):
            raise LoadError(
                f"{file}: {part!r} is no name for a member",
                hint="letters, digits, - and _, beginning with a letter; _private.py is skipped",
            )
    return parts


def _refuse_file_beside_folder(found: dict[tuple[str, ...], Path]) -> None:
    for path, file in found.items():
        for length in range(1, len(path)):
            if path[:length] in found:
                raise LoadError(f"{file}: lies below {found[path[:length]]}, which is a member too")
