"""Rotation by hour, by size, and by rules of an app's own (process:ROT-3 to ROT-6, ROT-15)."""

from __future__ import annotations

import asyncio
import datetime as dt
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

import pytest

from eggd import Agent, ConfigError, EggError
from eggd.plugins.logrotator import LogRotator
from eggd.plugins.logrotator.section import LogrotatorConfig
from tests.plugins.logrotator.conftest import Host

TICK = dt.datetime(2026, 11, 29, 14, 1)


def configure(host: Host, **options: Any) -> None:
    host.config.logrotator = LogrotatorConfig(**options)


def by_hour(host: Host, tick: dt.datetime = TICK) -> list[str]:
    return [path.name for path in asyncio.run(host.rotator().rotate_by_hour(tick))]


def by_size(host: Host) -> list[str]:
    return [path.name for path in asyncio.run(host.rotator().rotate_by_size())]


def contents(logs: Path, name: str) -> dict[str, str]:
    """Returns the texts of the renamed files of a log file, by what was added to its name."""
    return {
        path.name.removeprefix(name): path.read_text()
        for path in sorted(logs.iterdir())
        if path.name.startswith(f"{name}.")
    }


def test_files_by_hour_are_renamed_to_the_hour_before(host: Host, logs: Path) -> None:
    """Relative and absolute entries of one file are one; missing files are ignored (process:ROT-4,
    ROT-8)."""
    configure(host, files_rotate_by_hour=["egg-agent.log", str(logs / "egg-agent.log"), "no.log"])
    assert by_hour(host) == ["egg-agent.log.2026-11-29-13"]
    assert by_hour(host) == []


@pytest.mark.parametrize(
    ("tick", "name"),
    [
        (dt.datetime(2026, 11, 29, 0, 1), "2026-11-28-23"),
        (dt.datetime(2026, 11, 29, 0, 59), "2026-11-28-23"),
        (dt.datetime(2026, 3, 1, 0, 1), "2026-02-28-23"),
    ],
)
def test_the_hour_is_that_of_the_tick(host: Host, tick: dt.datetime, name: str) -> None:
    """The hour before is in the new name (process:ROT-4)."""
    configure(host, files_rotate_by_hour=["egg-agent.log"])
    assert by_hour(host, tick) == [f"egg-agent.log.{name}"]


def test_the_delimiter_can_be_chosen(host: Host) -> None:
    configure(host, files_rotate_by_hour=["egg-agent.log"], hour_delimiter="_")
    assert by_hour(host) == ["egg-agent.log.2026-11-29_13"]


def test_files_by_hour_or_size_are_not_renamed_by_day(host: Host, logs: Path) -> None:
    """Entries are compared as absolute paths (process:ROT-3)."""
    configure(
        host,
        files_rotate_by_hour=["egg-agent.log"],
        files_rotate_by_size=[str(logs / "common-error.log")],
    )
    (logs / "shop-web.log").touch()
    assert host.rotate(TICK) == ["shop-web.log.2026-11-28"]


def test_a_missed_hour(host: Host) -> None:
    configure(host, files_rotate_by_hour=["egg-agent.log"])
    assert host.rotator().missed_hour(TICK) is None
    later = TICK + dt.timedelta(hours=3)
    assert host.rotator().missed_hour(later) == later
    assert by_hour(host, later) == ["egg-agent.log.2026-11-29-16"]
    assert host.rotator().missed_hour(later) is None


def test_a_file_that_is_too_large_is_renamed_to_1(host: Host, logs: Path) -> None:
    """At most `max_files` are kept, and numbers never skip (process:ROT-5)."""
    configure(host, files_rotate_by_size=["a.log"], max_file_size=3, max_files=2)
    for text in ("one", "two", "three", "4"):
        (logs / "a.log").write_text(text)
        assert by_size(host) == ([] if text == "4" else ["a.log.1"])
    assert contents(logs, "a.log") == {".1": "three", ".2": "two"}
    assert (logs / "a.log").read_text() == "4"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({}, {".1": "new"}),
        ({".1": "a"}, {".1": "new", ".2": "a"}),
        # Killed between two renames: the gap is filled.
        ({".1": "a", ".3": "c"}, {".1": "new", ".2": "a", ".3": "c"}),
        ({".2": "b", ".3": "c"}, {".1": "new", ".2": "b", ".3": "c"}),
        ({".1": "a", ".2": "b", ".3": "c"}, {".1": "new", ".2": "a", ".3": "b"}),
        # Compressed ones shift, too (process:ROT-12).
        ({".1.gz": "a", ".2.zst": "b"}, {".1": "new", ".2.gz": "a", ".3.zst": "b"}),
        ({".1.gz": "a", ".2": "b", ".3.gz": "c"}, {".1": "new", ".2.gz": "a", ".3": "b"}),
        # The limit was larger before.
        ({".1": "a", ".4": "d", ".9.gz": "i"}, {".1": "new", ".2": "a"}),
        ({".1.txt": "x", ".01": "y"}, {".01": "y", ".1": "new", ".1.txt": "x"}),
    ],
)
def test_numbers_shift(
    host: Host, logs: Path, before: dict[str, str], after: dict[str, str]
) -> None:
    configure(host, files_rotate_by_size=["a.log"], max_file_size=1, max_files=3)
    for suffix, text in before.items():
        (logs / f"a.log{suffix}").write_text(text)
    (logs / "a.log").write_text("new")
    assert by_size(host) == ["a.log.1"]
    assert contents(logs, "a.log") == after


def test_one_renamed_file_is_replaced(host: Host, logs: Path) -> None:
    configure(host, files_rotate_by_size=["a.log"], max_file_size=1, max_files=1)
    for text in ("one", "two"):
        (logs / "a.log").write_text(text)
        by_size(host)
    assert contents(logs, "a.log") == {".1": "two"}


def test_a_file_that_cannot_be_shifted_is_logged(host: Host, logs: Path) -> None:
    configure(host, files_rotate_by_size=["a.log", "b.log"], max_file_size=1, max_files=1)
    (logs / "a.log").write_text("x")
    (logs / "b.log").write_text("x")
    (logs / "a.log.1").mkdir()
    assert by_size(host) == ["b.log.1"]
    assert f"<3>[logrotator] cannot rename {logs}/a.log: Is a directory" in host.lines


def test_the_suite_reopens_only_after_a_rename(host: Host, logs: Path) -> None:
    configure(host, files_rotate_by_size=["a.log"], max_file_size=5)
    (logs / "a.log").write_text("abcd")
    assert by_size(host) == []
    assert not host.messenger.sent


class Mine(LogRotator):
    """A rotation by rules of the app."""

    files: object = {}

    def get_rotate_files(self) -> Any:
        return self.files


class Later(Mine):
    async def get_rotate_files(self) -> Any:
        return self.files


@pytest.mark.parametrize("kind", [Mine, Later])
def test_an_app_has_its_own_rotation(host: Host, logs: Path, kind: type[Mine]) -> None:
    """Files are renamed as it says, and reopened; what is missing is skipped (process:ROT-15)."""
    host.logrotator = host.rotator()
    rotator = kind(cast("Agent", host))
    rotator.files = {logs / "egg-agent.log": logs / "old.log", logs / "no.log": logs / "x.log"}
    assert asyncio.run(rotator.rotate()) == [logs / "old.log"]
    host.loggers.flush()
    assert "reopened its log files" in (logs / "egg-agent.log").read_text()


@pytest.mark.parametrize(
    "files", [None, [], {"a": "b"}, {Path("a"): Path("b")}, {Path("/a"): "/b"}]
)
def test_another_answer_is_an_error(host: Host, files: object) -> None:
    host.logrotator = host.rotator()
    rotator = Mine(cast("Agent", host))
    rotator.files = files
    with pytest.raises(EggError, match=r"^Mine.get_rotate_files returned "):
        asyncio.run(rotator.rotate())


def test_a_class_without_rules_is_an_error(host: Host) -> None:
    with pytest.raises(NotImplementedError):
        asyncio.run(LogRotator(cast("Agent", host)).rotate())


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"hour_delimiter": ""}, "hour_delimiter must be text without / and dots, not ''"),
        ({"hour_delimiter": "/"}, "hour_delimiter must be text without / and dots, not '/'"),
        ({"gzip": True, "zstd": True}, "logrotator.gzip and logrotator.zstd are both on"),
    ],
)
def test_a_wrong_option_is_an_error(options: Mapping[str, Any], text: str) -> None:
    with pytest.raises(ConfigError) as caught:
        LogrotatorConfig(**options)
    assert text in caught.value.message


def test_a_file_in_both_lists_is_an_error(host: Host, logs: Path) -> None:
    configure(host, files_rotate_by_hour=["a.log"], files_rotate_by_size=[str(logs / "a.log")])
    with pytest.raises(ConfigError, match=r"a\.log is in files_rotate_by_hour and in"):
        host.rotator()


def test_a_file_that_no_logger_writes_is_named(host: Host, logs: Path) -> None:
    configure(host, files_rotate_by_size=["egg-agnet.log", "egg-agent.log", "other.log"])
    (logs / "other.log").touch()
    assert host.rotator().strangers() == [logs / "egg-agnet.log"]
