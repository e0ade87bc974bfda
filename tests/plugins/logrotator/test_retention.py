from __future__ import annotations

import asyncio
import datetime as dt
from pathlib import Path

import pytest

from eggd.plugins.logrotator.retention import expired_files
from eggd.plugins.logrotator.section import LogrotatorConfig
from tests.plugins.logrotator.conftest import Host

TICK = dt.datetime(2026, 12, 31, 0, 0, 1)


def clean(host: Host, days: int = 31) -> list[str]:
    host.config.logrotator = LogrotatorConfig(max_days=days)
    return [path.name for path in asyncio.run(host.rotator().clean(TICK))]


@pytest.mark.parametrize(
    ("name", "removed"),
    [
        ("egg-web.log.2026-11-30", False),
        ("egg-web.log.2026-11-29", True),
        ("egg-web.log.2026-11-29-13", True),
        ("other.log.2020-01-01", True),
        ("egg-web.log.2026-12-30", False),
        ("egg-web.log.0000-00-00", False),
        ("egg-web.log.2020-02-30", False),
        ("egg-web.log.20200101", False),
        ("egg-web.log.2020-01-01.gz", True),
        ("egg-web.log.2020-01-01-13.xz", True),
        ("egg-web.log.2026-12-30.gz", False),
        ("egg-web.log.2020-01-01.txt", False),
        ("egg-web.log.gz", False),
        ("egg-web.log.\u0662\u0660\u0662\u0660-01-01", False),
        ("egg-web.log.1", False),
        ("2020-01-01", False),
    ],
)
def test_files_older_than_max_days_are_removed(
    host: Host, logs: Path, name: str, removed: bool
) -> None:
    (logs / name).touch()
    assert clean(host) == ([name] if removed else [])
    assert (logs / name).exists() != removed


def test_without_max_days_all_is_kept(host: Host, logs: Path) -> None:
    """0 keeps all files (process:ROT-14)."""
    (logs / "a.log.2020-01-01").touch()
    assert clean(host, days=0) == []


def test_only_files_are_removed(host: Host, logs: Path) -> None:
    (logs / "a.log.2020-01-01").mkdir()
    (logs / "b.log.2020-01-01").symlink_to("/etc/hostname")
    assert clean(host) == []


def test_elsewhere_only_what_is_ours(tmp_path: Path) -> None:
    for name in ("audit.log.2020-01-01", "nginx.log.2020-01-01"):
        (tmp_path / name).touch()
    files = [tmp_path / "audit.log"]
    found = expired_files(files, tmp_path / "logs", dt.date(2026, 1, 1), print)
    assert [path.name for path in found] == ["audit.log.2020-01-01"]


def test_a_directory_that_is_not_there(tmp_path: Path) -> None:
    """A directory that cannot be read is logged (process:ROT-14)."""
    said: list[str] = []
    gone = tmp_path / "gone"
    expired_files(
        [gone / "a.log"], gone, dt.date(2026, 1, 1), lambda text, *a: said.append(text % a)
    )
    assert said == [f"[logrotator] cannot read {gone}: No such file or directory"]
