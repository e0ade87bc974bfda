"""A folder becomes a dotted namespace: `service/user/profile.py` -> `service.user.profile`.

Names are the file stems with dashes as underscores; order is sorted, files before folders
(core:X-6). Names that begin with an underscore are private and never members (core:LD-2 PORT).
"""

from __future__ import annotations

import keyword
import os
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from operator import eq
from pathlib import Path
from typing import Any

from eggd.errors import LoadError
from eggd.loader.exports import find_export

_SEGMENT = re.compile(r"[a-z][a-z0-9_]*", re.IGNORECASE | re.ASCII)
_DEEPEST = 32

Tree = dict[str, Any]
"""Names to values, or to trees."""


@dataclass(frozen=True, slots=True)
class Member:
    """One file of a tree: its dotted path as a tuple, and the file."""

    path: tuple[str, ...]
    file: Path

    @property
    def dotted(self) -> str:
        """The path as users write it: `admin.user_log`."""
        return ".".join(self.path)


@dataclass(frozen=True, slots=True, kw_only=True)
class Files:
    """Which files of a folder are members, and how they are loaded (core:LD-1)."""

    match: str = "*.py"
    """Glob of file names; another file than Python is loaded as its bytes (core:LD-7)."""
    ignore: Sequence[str] = ()
    """Globs of paths below the folder that are left out."""
    override: bool = False
    """Whether a later folder's member may replace an earlier one's."""
    export: Callable[[Path, str], Any] = find_export
    """Returns what a file of a load unit exports; None is not a member."""
    filter: Callable[[Any], bool] | None = None
    """Leaves out the values for which it is false (core:LD-5)."""
    initializer: Callable[[Any, Member], Any] | None = None
    """Makes the member of what a file exports."""


PYTHON = Files()


def members(folder: Path, files: Files = PYTHON) -> list[Member]:
    """Returns the members of a folder in load order; raises LoadError for a wrong name."""
    by_path: dict[tuple[str, ...], Path] = {}
    for parts in _files(str(folder), (), files):
        file = folder.joinpath(*parts)
        path = _dotted(parts, file)
        if path in by_path:
            name = ".".join(path)
            raise LoadError(f"{file}: {name!r} is already defined by {by_path[path]}")
        by_path[path] = file
    _refuse_file_beside_folder(by_path)
    return [Member(path, file) for path, file in by_path.items()]


def load_tree(places: Sequence[tuple[str, Path]], files: Files = PYTHON) -> Tree:
    """Returns what the files of all `(unit, folder)` export, as one tree; later folders come last.

    Raises LoadError for two members of one name unless they may be overridden, and for a file
    where another has a folder (core:LD-4, LD-12).
    """
    tree: Tree = {}
    origins: dict[tuple[str, ...], Path] = {}
    for unit, folder in places:
        for member in members(folder, files):
            value = files.export(member.file, unit)
            if value is None or (files.filter is not None and not files.filter(value)):
                continue
            if files.initializer is not None:
                value = files.initializer(value, member)
            _node(tree, origins, member, override=files.override)[member.path[-1]] = value
    return tree


def _node(
    tree: Tree, origins: dict[tuple[str, ...], Path], member: Member, *, override: bool
) -> Tree:
    """Returns the dict that takes the member's last name."""
    path = member.path
    for part in path[:-1]:
        tree = tree.setdefault(part, {})
        if not isinstance(tree, dict):
            break
    if not isinstance(tree, dict) or (path[-1] in tree and not (override and path in origins)):
        taken = next(f for other, f in origins.items() if all(map(eq, other, path)))
        raise LoadError(
            f"{member.file}: cannot replace {member.dotted!r} of {taken}",
            hint="rename one of them",
        )
    origins[path] = member.file
    return tree


def _files(folder: str, above: tuple[str, ...], files: Files) -> Iterator[tuple[str, ...]]:
    """Yields the paths below `folder`, sorted, files before folders."""
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except (FileNotFoundError, NotADirectoryError):
        return
    except OSError as exc:
        raise LoadError(f"{folder}: cannot be read: {exc.strerror}") from exc
    if len(above) > _DEEPEST:
        raise LoadError(f"{folder}: more than {_DEEPEST} folders deep", hint="a link to itself?")
    folders = []
    for entry in entries:
        if entry.name[0] in "_.":
            continue
        path = (*above, entry.name)
        if any(fnmatchcase("/".join(path), glob) for glob in files.ignore):
            continue
        if _is_folder(entry):
            folders.append(path)
        elif fnmatchcase(entry.name, files.match):
            yield path
    for path in folders:
        yield from _files(os.path.join(folder, path[-1]), path, files)


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError as exc:  # a link to itself
        raise LoadError(f"{entry.path}: cannot be read: {exc.strerror}") from exc


def _dotted(parts: tuple[str, ...], file: Path) -> tuple[str, ...]:
    stem = parts[-1].rpartition(".")[0] or parts[-1]
    names = tuple(part.replace("-", "_") for part in (*parts[:-1], stem))
    for name in names:
        if not _SEGMENT.fullmatch(name):
            raise LoadError(
                f"{file}: {name!r} is not a valid member name",
                hint="letters, digits, - and _, beginning with a letter; _private.py is skipped",
            )
        if keyword.iskeyword(name):
            raise LoadError(
                f"{file}: {name!r} is a keyword of Python and cannot be a member name",
                hint="rename the file or folder",
            )
    return names


def _refuse_file_beside_folder(files: dict[tuple[str, ...], Path]) -> None:
    for path, file in files.items():
        for length in range(1, len(path)):
            if path[:length] in files:
                raise LoadError(f"{file}: lies below {files[path[:length]]}, which is a member too")
