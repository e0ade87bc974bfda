"""Disk space and the clock."""

from __future__ import annotations

import ctypes
import os
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from eggd.cli.diagnosis.finding import FAIL, OK, UNSEEN, WARN, Finding, InspectedHost
from eggd.host.release.places import ROOT

LEAST, LITTLE = 100 << 20, 1 << 30
"""Bytes of free space: below the first logs will soon be lost, below the second is a warning."""

RUNTIME_LEAST, RUNTIME_LITTLE = 1 << 20, 4 << 20
"""The same for the runtime directory, which has sockets and small files."""

FEW = 1000
"""Free inodes below which files cannot be created for long."""

UNSYNCHRONISED = 5
"""TIME_ERROR of adjtimex(2)."""

_TIMEX = 512
"""Bytes, more than the size of any `struct timex`."""


def disks(host: InspectedHost) -> Iterator[Finding]:
    """Checks the free space for logs, state, releases, temporary files and the app.

    Each file system once; one of the runtime directory alone, such as /run, has lower limits.
    """
    names = host.names
    logs, runtime = host.path(names.logs), host.path(names.runtime)
    folders = [logs if logs.is_dir() else host.path("/var/log"), Path(tempfile.gettempdir())]
    folders += [host.path(names.state), host.path(str(ROOT))]
    if host.base_dir is not None:
        folders.append(host.base_dir)
    seen: set[int] = set()
    for folder in filter(Path.is_dir, folders):
        device = folder.stat().st_dev
        if device not in seen:
            seen.add(device)
            yield disk(folder, os.statvfs(folder))
    if runtime.is_dir() and runtime.stat().st_dev not in seen:
        yield disk(runtime, os.statvfs(runtime), RUNTIME_LEAST, RUNTIME_LITTLE)


def disk(
    folder: Path, space: os.statvfs_result, least: int = LEAST, little: int = LITTLE
) -> Finding:
    """Checks the space that unprivileged users have on the file system of a directory."""
    left = space.f_bavail * space.f_frsize
    # A file system without a table of inodes (btrfs) reports 0.
    few = bool(space.f_files) and space.f_favail < FEW
    size = f"{left / (1 << 30):.1f} GiB" if left >= 1 << 30 else f"{left / (1 << 20):.1f} MiB"
    text = f"{size} free" + (f", {space.f_favail} inodes" if few else "")
    state = FAIL if left < least or few else WARN if left < little else OK
    hint = "" if state == OK else "free some space; of logs, logrotator.max_days in the config"
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
