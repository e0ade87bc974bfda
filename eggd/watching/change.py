"""One change of a file or directory."""

from __future__ import annotations

import os
from stat import S_ISDIR
from typing import NamedTuple


class FileChange(NamedTuple):
    """The state of an entry after a change, or of the deleted one."""

    path: str
    """The absolute path, through the links by which it is watched."""
    event: str
    """`created`, `modified` or `deleted`; `fuzzy`: anything at or below the path, of a source
    that does not know more."""
    is_directory: bool
    """Whether the entry is, or was, a directory or a link to one."""
    size: int | None = None
    """Bytes of the file; None for a deleted entry or an unknown size."""
    mtime: float | None = None
    """Unix time of the last write; None for a deleted entry or an unknown time."""


def change_of(path: str, event: str, status: os.stat_result) -> FileChange:
    """Returns the change of an entry that exists."""
    return FileChange(path, event, S_ISDIR(status.st_mode), status.st_size, status.st_mtime)
