"""The number of processors for this process: affinity, and the quota of its control group."""

from __future__ import annotations

import math
import os
from pathlib import Path

CGROUPS = Path("/sys/fs/cgroup")


def count(cgroups: Path = CGROUPS, own: Path = Path("/proc/self/cgroup")) -> int:
    """Returns the number of processors, rounded up, at least 1."""
    processors = len(os.sched_getaffinity(0))
    quotas = [quota for quota in (_version_2(cgroups, own), _version_1(cgroups)) if quota]
    return max(1, min([processors, *(math.ceil(quota) for quota in quotas)]))


def _version_2(cgroups: Path, own: Path) -> float:
    """Returns the smallest `cpu.max` from this group up to the root; 0 without one."""
    try:
        lines = own.read_text(encoding="ascii").split("\n")
    except (OSError, ValueError):
        lines = []
    path = next((line[3:] for line in lines if line.startswith("0::/")), "/")
    folder = cgroups / path.strip("/")
    folders = [folder, *(each for each in folder.parents if each.is_relative_to(cgroups))]
    quotas = [_quota(each / "cpu.max") for each in folders]
    return min(filter(None, quotas), default=0.0)


def _quota(file: Path) -> float:
    try:
        quota, period = file.read_text(encoding="ascii").split()
        return 0.0 if quota == "max" else int(quota) / int(period)
    except (OSError, ValueError, ZeroDivisionError):
        return 0.0


def _version_1(cgroups: Path) -> float:
    try:
        quota = int((cgroups / "cpu" / "cpu.cfs_quota_us").read_text(encoding="ascii"))
        period = int((cgroups / "cpu" / "cpu.cfs_period_us").read_text(encoding="ascii"))
    except (OSError, ValueError):
        return 0.0
    return quota / period if quota > 0 < period else 0.0
