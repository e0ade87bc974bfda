"""The error for logs that the user of a command may not read."""

from __future__ import annotations

import stat
from pathlib import Path

from eggd.accounts import group_name, user_name
from eggd.errors import EggError


def unreadable(path: Path) -> EggError:
    """Returns the error for a file or folder without permission; its hint names those who have it.

    They are root, the owner, and the group if the mode lets it read.
    """
    return EggError(f"{path} may not be read", hint=f"run the command as {_readers(path)}")


def _readers(path: Path) -> str:
    readers = ["root"]
    for each in (path, *path.parents):
        try:
            about = each.stat()
        except OSError:  # a folder above it may not be entered
            continue
        if about.st_uid and about.st_mode & stat.S_IRUSR:
            readers.append(f"user {user_name(about.st_uid)}")
        if about.st_mode & stat.S_IRGRP and about.st_gid:
            readers.append(f"a member of group {group_name(about.st_gid)}")
        break
    *first, last = readers
    return f"{', '.join(first)} or {last}" if first else last
