from __future__ import annotations

import asyncio
import datetime as dt
from dataclasses import asdict
from pathlib import Path

import pytest

from eggd.log import CustomLogger, LoggerConfig, Loggers
from eggd.messenger import Member
from eggd.plugins.logrotator import reload as module
from eggd.plugins.logrotator.reopening import RELOADED
from eggd.plugins.logrotator.section import LogrotatorConfig
from tests.plugins.logrotator.conftest import Host

NIGHT = dt.datetime(2026, 11, 21, 0, 0, 1)


def worker(pid: int, state: str = "ready") -> Member:
    return Member(pid, pid, state, 0.0, {})


def texts(path: Path) -> list[str]:
    return [line.split(" ", 4)[4] for line in path.read_text().splitlines()]


def test_all_files_of_all_processes_are_renamed(host: Host, logs: Path) -> None:
    """The date is in the new name (process:ROT-2)."""
    (logs / "shop-web.log").write_text("a worker's\n")
    assert sorted(host.rotate(NIGHT)) == [
        "common-error.log.2026-11-20",
        "egg-agent.log.2026-11-20",
        "shop-web.log.2026-11-20",
    ]
    assert (logs / "shop-web.log.2026-11-20").read_text() == "a worker's\n"


def test_old_lines_stay_in_the_old_file(host: Host, logs: Path) -> None:
    """The file exists again, with later lines only (process:ROT-10)."""

    async def main() -> None:
        host.core_logger.info("before")
        await host.rotator().rotate(NIGHT)
        host.core_logger.info("after")
        host.loggers.flush()

    asyncio.run(main())
    assert texts(logs / "egg-agent.log.2026-11-20") == [
        "before",
        "[logrotator] sent log-reload to all processes",
    ]
    now = texts(logs / "egg-agent.log")
    assert now[0] == "[logrotator] the agent reopened its log files"
    assert now[1].startswith("[logrotator] renamed log files to /")
    assert now[2:] == ["after"]


@pytest.mark.parametrize(
    ("tick", "date"),
    [
        (dt.datetime(2026, 11, 21, 0, 0, 1), "2026-11-20"),
        (dt.datetime(2026, 11, 20, 23, 58, 1), "2026-11-20"),
        (dt.datetime(2026, 11, 20, 23, 59, 59), "2026-11-20"),
        (dt.datetime(2026, 11, 20, 12, 0), "2026-11-19"),
        (dt.datetime(2026, 3, 1, 0, 0, 1), "2026-02-28"),
        (dt.datetime(2027, 1, 1, 0, 0, 1), "2026-12-31"),
    ],
)
def test_the_date_is_that_of_the_tick(host: Host, tick: dt.datetime, date: str) -> None:
    """A late rotation has the right date (process:ROT-2)."""
    assert f"egg-agent.log.{date}" in host.rotate(tick)


def test_a_tick_with_a_zone_is_taken_as_local(host: Host) -> None:
    assert "egg-agent.log.2026-11-20" in host.rotate(NIGHT.astimezone(dt.UTC))


def test_an_existing_file_is_not_overwritten(host: Host, logs: Path) -> None:
    """Others are rotated (process:ROT-7)."""
    target = logs / "egg-agent.log.2026-11-20"
    target.write_text("somebody's\n")
    assert host.rotate(NIGHT) == ["common-error.log.2026-11-20"]
    assert target.read_text() == "somebody's\n"
    line = f"<3>[logrotator] cannot rename {logs}/egg-agent.log to {target}: File exists"
    assert line in host.lines


def test_the_same_date_twice_renames_nothing_more(host: Host, logs: Path) -> None:
    """A file that was renamed is left alone (process:ROT-7)."""
    host.rotate(NIGHT)
    host.core_logger.info("today's")
    assert host.rotate(NIGHT) == []
    assert "today's" in (logs / "egg-agent.log").read_text()
    assert not [line for line in host.lines if line.startswith("<3>")]


def test_an_agent_killed_in_between_is_finished_by_the_next(host: Host, logs: Path) -> None:
    first = host.rotator()
    first._days.begin("2026-11-20", host.loggers.suite_files())
    first._renaming(logs / "egg-agent.log", logs / "egg-agent.log.2026-11-20")  # and then SIGKILL
    second = host.rotator()
    assert second.missed(NIGHT) == NIGHT
    assert host.rotate(NIGHT) == ["common-error.log.2026-11-20"]
    assert host.rotator().missed(NIGHT) is None


@pytest.mark.parametrize(
    ("last", "missed"),
    [
        (dt.datetime(2026, 11, 21, 0, 0, 1), False),
        (dt.datetime(2026, 11, 22, 0, 0, 1), True),
        (dt.datetime(2026, 11, 20, 0, 0, 1), False),
    ],
)
def test_a_missed_night(host: Host, last: dt.datetime, missed: bool) -> None:
    host.rotate(NIGHT)
    assert (host.rotator().missed(last) is not None) == missed


def test_the_first_night_may_be_missed_too(host: Host) -> None:
    """Without a record the last night counts as complete, and is recorded."""
    assert host.rotator().missed(NIGHT) is None
    following = NIGHT + dt.timedelta(days=1)
    assert host.rotator().missed(following) == following


def test_a_record_that_cannot_be_written_is_a_warning(host: Host) -> None:
    (host.state_dir / "logrotator.new").mkdir()
    assert len(host.rotate(NIGHT)) == 2
    [warning, *_] = [line for line in host.lines if line.startswith("<4>")]
    assert "logrotator.json: Is a directory; an interrupted rotation" in warning


@pytest.mark.parametrize("text", ["", "nonsense", "[]", '{"date": 1, "files": {"a": "b"}}'])
def test_a_damaged_record_is_ignored(host: Host, text: str) -> None:
    (host.state_dir / "logrotator.json").write_text(text)
    assert host.rotator().missed(NIGHT) is None
    assert len(host.rotate(NIGHT)) == 2


def test_it_waits_for_every_worker_that_is_ready(host: Host) -> None:
    """Each process answers log-reload (process:ROT-9)."""

    async def main() -> None:
        host.messenger.members = [worker(2), worker(3), worker(4, "starting"), worker(5, "left")]
        rotation = asyncio.ensure_future(host.rotator().rotate(NIGHT))
        await asyncio.sleep(0)
        identity = host.messenger.sent[-1][1]["id"]
        host.messenger.answer(RELOADED, "another", 3)
        host.messenger.answer(RELOADED, identity, 2)
        await asyncio.sleep(0)
        assert not rotation.done()
        host.messenger.answer(RELOADED, identity, 3)
        await rotation

    asyncio.run(main())


def test_a_worker_that_ends_meanwhile_is_not_waited_for(host: Host) -> None:
    async def main() -> None:
        host.messenger.members = [worker(2)]
        rotation = asyncio.ensure_future(host.rotator().rotate(NIGHT))
        await asyncio.sleep(0)
        host.messenger.members = [worker(2, "left")]
        host.messenger.on_member[-1](host.messenger.members)
        await rotation

    asyncio.run(main())
    assert not [line for line in host.lines if "did not answer" in line]


def test_a_worker_that_does_not_answer_is_named(
    host: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A warning names it (process:ROT-9)."""
    monkeypatch.setattr(module, "ACKNOWLEDGE_WITHIN", 0.01)
    host.messenger.members = [worker(2)]
    host.rotate(NIGHT)
    assert "<4>[logrotator] worker 2 (pid 2) did not answer log-reload in time" in host.lines


def test_a_reload_without_an_id_is_not_answered(host: Host, logs: Path) -> None:
    (logs / "egg-agent.log").rename(logs / "moved")
    host.messenger.broadcast("log-reload")
    assert "reopened its log files" in (logs / "egg-agent.log").read_text()


def test_switched_off_it_only_cleans(host: Host, logs: Path) -> None:
    """Without rotation by day old files are still removed (process:ROT-6)."""
    host.config.logrotator = type(host.config.logrotator)(disable_rotate_by_day=True)
    (logs / "a.log.2026-01-01").touch()
    asyncio.run(host.rotator().run(NIGHT))
    assert sorted(path.name for path in logs.iterdir()) == ["common-error.log", "egg-agent.log"]


def test_the_defaults() -> None:
    """The defaults are those of Egg: sizes in bytes and times in seconds (process:ROT-1)."""
    assert asdict(LogrotatorConfig()) == {
        "disable_rotate_by_day": False,
        "files_rotate_by_hour": (),
        "hour_delimiter": "-",
        "files_rotate_by_size": (),
        "max_file_size": 52_428_800,
        "max_files": 10,
        "rotate_duration": 60,
        "max_days": 31,
        "max_total_size": 0,
        "gzip": False,
        "zstd": False,
    }


def test_a_file_elsewhere_is_rotated_in_place(host: Host, tmp_path: Path) -> None:
    """A custom logger may have an absolute path (process:ROT-16)."""
    audit = tmp_path / "audit" / "audit.log"
    config = LoggerConfig(
        dir=str(host.loggers.dir), custom_logger={"audit": CustomLogger(file=str(audit))}
    )
    host.loggers.close()
    host.loggers = Loggers(config, "shop", "agent", "prod", host.console)
    logger = host.loggers.get("audit")
    assert logger is not None
    logger.info("before")
    assert "audit.log.2026-11-20" in host.rotate(NIGHT)
    assert (tmp_path / "audit" / "audit.log.2026-11-20").read_text().endswith(" before\n")
