"""Disk space and the clock."""

from __future__ import annotations

import ctypes
import os
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from eggd.cli.diagnosis.finding import FAIL, OK, UNSEEN, WARN, Finding, InspectedHost

LEAST, LITTLE = 100 << 20, 1 << 30
"""Bytes of free space: below the first logs will soon be lost, below the second is a warning."""

FEW = 1000
"""Free inodes below which files cannot be created for long."""

UNSYNCHRONISED = 5
"""TIME_ERROR of adjtimex(2)."""

_TIMEX = 512
"""Bytes, more than the size of any `struct timex`."""


def disks(host: InspectedHost) -> Iterator[Finding]:
    """Checks the free space for logs, temporary files and the app, once per file system."""
    logs = host.path(host.names.logs)
    folders = [logs if logs.is_dir() else host.path("/var/log"), Path(tempfile.gettempdir())]
    if host.base_dir is not None:
        folders.append(host.base_dir)
    seen: set[int] = set()
    for folder in filter(Path.is_dir, folders):
        device = folder.stat().st_dev
        if device not in seen:
            seen.add(device)
            yield disk(folder, os.statvfs(folder))


def disk(folder: Path, space: os.statvfs_result) -> Finding:
    """Checks the space that unprivileged users have on the file system of a directory."""
    left = space.f_bavail * space.f_frsize
    # A file system without a table of inodes (btrfs) reports 0.
    few = bool(space.f_files) and space.f_favail < FEW
    text = f"{left / (1 << 30):.1f} GiB free" + (f", {space.f_favail} inodes" if few else "")
    state = FAIL if left < LEAST or few else WARN if left < LITTLE else OK
    hint = "" if state == OK else "free some space, or lower logrotator.max_days in the config"
    return Finding(state, f"disk of {folder}", text, hint)


def clock(host: InspectedHost) -> Iterator[Finding]:
    """Checks that the clock is synchronised: logs, sessions and certificates depend on it."""
    now = time.strftime("%Y-%m-%d %H:%M:%S %Z")
    if time.time() < Path(__file__).stat().st_mtime - 86400:
        yield Finding(
            FAIL, "clock", f"{now} is before eggd was installed", "run timedatectl set-ntp true"
        )
        return
    try:
        state = ctypes.CDLL(None).adjtimex(ctypes.create_string_buffer(_TIMEX))
    except (OSError, AttributeError):
        state = -1
    if state == UNSYNCHRONISED:
        yield Finding(
            WARN,
            "clock",
            f"{now}, not synchronised with a time server",
            "run apt install systemd-timesyncd",
        )
    else:
        yield Finding(UNSEEN if state < 0 else OK, "clock", now)
