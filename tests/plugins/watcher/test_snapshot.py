from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from eggd.plugins.watcher.snapshot import Change, Snapshot


@pytest.fixture
def config(tmp_path: Path) -> Path:
    config = tmp_path / "config"
    config.mkdir()
    (config / "config_default.py").write_text("a = 1\n")
    return config


def by_rename(config: Path) -> None:
    (config / "new.tmp").write_text("a = 22\n")
    (config / "new.tmp").rename(config / "config_default.py")


def by_backup(config: Path) -> None:
    (config / "config_default.py").rename(config / "config_default.py~")
    (config / "config_default.py").write_text("a = 22\n")


def in_place(config: Path) -> None:
    (config / "config_default.py").write_text("a = 22\n")


def a_folder(config: Path) -> None:
    (config / "keys").mkdir()
    (config / "keys" / "a.pem").touch()


def noise(config: Path) -> None:
    (config / "__pycache__").mkdir()
    for name in ("__pycache__/a.pyc", ".config_default.py.swp", "config_default.py~", "4913.tmp"):
        (config / name).touch()
    (config / "config_default.py").chmod(0o600)


@pytest.mark.parametrize(
    ("happens", "changes"),
    [
        (in_place, ["config_default.py changed"]),
        (by_rename, ["config_default.py changed"]),
        (by_backup, ["config_default.py changed"]),
        (a_folder, ["keys/a.pem added"]),
        (lambda config: os.unlink(config / "config_default.py"), ["config_default.py removed"]),
        (noise, []),
        (lambda config: None, []),
    ],
)
def test_the_changes_are_reported(
    config: Path, happens: Callable[[Path], None], changes: list[str]
) -> None:
    snapshot = Snapshot(config)
    happens(config)
    found = [f"{each.path.relative_to(config)} {each.kind}" for each in snapshot.changes()]
    assert found == changes
    assert snapshot.changes() == []


def test_a_directory_that_comes_later(tmp_path: Path) -> None:
    snapshot = Snapshot(tmp_path / "config")
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "plugin.py").touch()
    assert snapshot.changes() == [Change(tmp_path / "config" / "plugin.py", "added")]
