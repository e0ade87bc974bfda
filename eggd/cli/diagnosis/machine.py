"""Disk space and the clock."""

from __future__ import annotations

import ctypes
import os
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from eggd.cli.diagnosis.finding import FAIL, OK, UNSEEN, WARN, Finding, Place

LEAST, LITTLE = 100 << 20, 1 << 30
"""Bytes below which logs will soon be lost, and below which somebody should look."""

FEW = 1000
"""Inodes, the same."""

UNSYNCHRONISED = 5
"""TIME_ERROR of adjtimex(2)."""

_TIMEX = 512
"""More bytes than any `struct timex` has."""


def disks(place: Place) -> Iterator[Finding]:
    """The room where logs and temporary files go, once per file system."""
    logs = "/var/log/eggd" if place.path("/var/log/eggd").is_dir() else "/var/log"
    folders = [place.path(logs), Path(tempfile.gettempdir())]
    if place.base_dir is not None:
        folders.append(place.base_dir)
    seen: set[int] = set()
    for folder in filter(Path.is_dir, folders):
        device = folder.stat().st_dev
        if device not in seen:
            seen.add(device)
            yield disk(folder, os.statvfs(folder))


def disk(folder: Path, space: os.statvfs_result) -> Finding:
    """Returns what is left on the file system of a folder, for those who are not root."""
    left = space.f_bavail * space.f_frsize
    # A file system without a table of inodes (btrfs) counts none.
    few = bool(space.f_files) and space.f_favail < FEW
    text = f"{left / (1 << 30):.1f} GiB free" + (f", {space.f_favail} inodes" if few else "")
    state = FAIL if left < LEAST or few else WARN if left < LITTLE else OK
    cure = "" if state == OK else "make room, or fewer logrotator.max_days of the config"
    return Finding(state, f"disk of {folder}", text, cure)


def clock(place: Place) -> Iterator[Finding]:
    """Whether the clock is kept right: log lines, sessions and certificates go by it."""
    now = time.strftime("%Y-%m-%d %H:%M:%S %Z")
    if time.time() < Path(__file__).stat().st_mtime - 86400:
        yield Finding(
            FAIL, "clock", f"{now} is before eggd was installed", "timedatectl set-ntp true"
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
            "apt install systemd-timesyncd",
        )
    else:
        yield Finding(UNSEEN if state < 0 else OK, "clock", now)
