"""The sockets in the runtime directory."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from eggd.messenger.directory import Directory

OLD = 1_000_000_000


@pytest.fixture
def directory(tmp_path: Path) -> Directory:
    return Directory(str(tmp_path))


def test_only_workers_sockets_count(directory: Directory, tmp_path: Path) -> None:
    for name in ("0", "1", "999", "01", "1000", "x", "-1", "1.sock"):
        (tmp_path / f"worker-{name}.sock").touch()
    (tmp_path / "agent.sock").touch()
    assert directory.slots() == {0, 1, 999}


def test_a_young_listing_is_not_trusted(directory: Directory, tmp_path: Path) -> None:
    before = os.stat(tmp_path)
    assert directory.slots() == set()
    (tmp_path / "worker-1.sock").touch()
    os.utime(tmp_path, ns=(before.st_atime_ns, before.st_mtime_ns))  # within one clock tick
    assert directory.slots() == {1}


def test_a_forgotten_slot_stays_away_until_something_changes(
    directory: Directory, tmp_path: Path
) -> None:
    (tmp_path / "worker-1.sock").touch()
    os.utime(tmp_path, (OLD, OLD))
    assert directory.slots() == {1}
    directory.forget(1)
    assert directory.slots() == set()
    os.utime(tmp_path, (OLD + 1, OLD + 1))
    assert directory.slots() == {1}


def test_a_missing_directory_has_no_slots(tmp_path: Path) -> None:
    assert Directory(str(tmp_path / "gone")).slots() == set()
