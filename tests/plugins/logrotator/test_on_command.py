"""`eggd logs rotate` and `eggd logs reopen`, as the agent answers them."""

from __future__ import annotations

import asyncio
import datetime as dt
import re
from pathlib import Path

import pytest

from eggd import EggError
from eggd.messenger import Member
from eggd.plugins.logrotator import reload
from eggd.plugins.logrotator.on_command import REOPEN, ROTATE
from eggd.plugins.logrotator.section import LogrotatorConfig
from tests.plugins.logrotator.conftest import Host


def test_files_with_lines_are_renamed(host: Host, logs: Path) -> None:
    """By size to F.1, all others to date and time; an empty file stays."""
    host.config.logrotator = LogrotatorConfig(
        files_rotate_by_size=["a.log"], files_rotate_by_hour=["b.log"]
    )
    for name in ("a.log", "b.log", "shop-web.log"):
        (logs / name).write_text(f"{name}\n")
    answer = host.command(ROTATE)
    names = [Path(path).name for path in answer["renamed"]]
    stamped = [re.sub(r"2\d{3}-\d\d-\d\d-\d{6}$", "NOW", name) for name in names]
    assert sorted(stamped) == ["a.log.1", "b.log.NOW", "shop-web.log.NOW"]
    assert (answer["reopened"], answer["silent"]) == (1, [])
    host.loggers.flush()
    assert "renamed log files to" in (logs / "egg-agent.log").read_text()


def test_without_lines_nothing_is_rotated(host: Host) -> None:
    with pytest.raises(EggError, match="nothing was rotated"):
        host.command(ROTATE)
    assert not host.messenger.sent


def test_a_file_of_the_same_second_is_kept(host: Host, logs: Path) -> None:
    now = dt.datetime(2026, 11, 29, 13, 15, 1)
    taken = logs / "egg-agent.log.2026-11-29-131501"
    taken.write_text("another\n")
    host.core_logger.info("a line")
    host.loggers.flush()
    renamed, _ = asyncio.run(host.rotator().rotate_now(now))
    assert renamed == []
    assert taken.read_text() == "another\n"


def test_the_night_after_rotates_again(host: Host, logs: Path) -> None:
    host.core_logger.info("a line")
    host.loggers.flush()
    host.command(ROTATE)
    host.core_logger.info("another")
    assert "egg-agent.log.2026-11-20" in host.rotate(dt.datetime(2026, 11, 21, 0, 0, 1))
    assert len(list(logs.glob("egg-agent.log.*"))) == 2


def test_a_silent_worker_is_named(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reload, "ACKNOWLEDGE_WITHIN", 0.01)
    host.messenger.members = [Member(2, 70, "ready", 0.0, {})]
    assert host.command(REOPEN) == {"reopened": 1, "silent": ["worker 2 (pid 70)"]}


def test_files_that_an_administrator_renamed_are_left(host: Host, logs: Path) -> None:
    host.core_logger.info("before")
    (logs / "egg-agent.log").rename(logs / "egg-agent.log-20261129")
    assert host.command(REOPEN) == {"reopened": 1, "silent": []}
    host.loggers.flush()
    assert "before" in (logs / "egg-agent.log-20261129").read_text()
    assert "reopened its log files" in (logs / "egg-agent.log").read_text()
