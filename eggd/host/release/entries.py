"""The files of a release before they are written; names and links come from outside.

A path stays below the release: relative, without `..`. A symbolic link leads to a place inside
the release, and its text shows that without a look at other links: any number of `..`, at most as
many as directories are above it, then names without `..`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import IO

from eggd.errors import ReleaseError

Parts = tuple[str, ...]
"""The names of a path below the release."""

EVERYWHERE = frozenset(
    {".git", ".hg", ".svn", "__pycache__", "node_modules"}
    | {".mypy_cache", ".pytest_cache", ".ruff_cache", ".tox"}
)
"""Names that are left out in every directory."""

AT_TOP = frozenset({".venv", "venv", "logs", "run", ".credentials", "coverage"})
"""Names that are left out at the top: what `eggd init` writes to .gitignore, secrets included."""


class Kind(Enum):
    """The kinds of files that a release may have."""

    FOLDER = "directory"
    FILE = "file"
    LINK = "symbolic link"
    COPY = "hard link"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One file of a release."""

    parts: Parts
    kind: Kind
    executable: bool = False
    target: str = ""
    """The text of a symbolic link, or the path of the file that a hard link repeats."""
    open: Callable[[], IO[bytes]] | None = None
    """Opens the content of a file."""


def parts_of(path: str) -> Parts:
    """Returns the names of a path; raises ReleaseError if it may leave the release."""
    parts = tuple(each for each in path.split("/") if each not in ("", "."))
    if path.startswith("/") or ".." in parts or "\0" in path:
        raise ReleaseError(f"{path!r}: the path leads out of the release")
    return parts


def is_left_out(parts: Parts) -> bool:
    """Returns whether a path, or a directory above it, is left out in every directory."""
    return bool(EVERYWHERE & {*parts})


def check_link(parts: Parts, target: str) -> None:
    """Raises ReleaseError for a symbolic link that may lead out of the release."""
    steps = [each for each in target.split("/") if each not in ("", ".")]
    up = next((n for n, each in enumerate(steps) if each != ".."), len(steps))
    inside = up < len(parts) and ".." not in steps[up:]
    if not inside or not target or target.startswith("/") or "\0" in target:
        raise ReleaseError(
            f"{'/'.join(parts)}: the link to {target!r} may lead out of the release",
            hint="use a relative link to a file of the application",
        )
