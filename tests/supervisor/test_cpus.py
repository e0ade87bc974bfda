"""The number of available processors: quotas of either version of control groups."""

import os
from pathlib import Path

import pytest

from eggd.supervisor.cpus import count

HERE = len(os.sched_getaffinity(0))


@pytest.mark.parametrize(
    ("files", "own", "expected"),
    [
        ({}, "0::/\n", HERE),
        ({"cpu.max": "max 100000\n"}, "0::/\n", HERE),
        ({"cpu.max": "100000 100000\n"}, "0::/\n", 1),
        ({"cpu.max": "50000 100000\n"}, "0::/\n", 1),
        ({"cpu.max": "110000 100000\n"}, "0::/\n", min(2, HERE)),
        ({"a/b/cpu.max": "max 100000\n", "a/cpu.max": "100000 100000\n"}, "0::/a/b\n", 1),
        ({"cpu.max": "nonsense\n"}, "0::/\n", HERE),
        ({"cpu.max": "100000 0\n"}, "0::/\n", HERE),
        ({"cpu/cpu.cfs_quota_us": "-1\n", "cpu/cpu.cfs_period_us": "100000\n"}, "", HERE),
        ({"cpu/cpu.cfs_quota_us": "100000\n", "cpu/cpu.cfs_period_us": "100000\n"}, "", 1),
        ({}, "4:cpu:/x\n", HERE),
    ],
)
def test_the_quota_of_a_control_group(
    tmp_path: Path, files: dict[str, str], own: str, expected: int
) -> None:
    """The default number of workers (process:CL-1, CL-3)."""
    for name, text in files.items():
        path = tmp_path / "cgroup" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    (tmp_path / "own").write_text(own)
    assert count(tmp_path / "cgroup", tmp_path / "own") == expected
