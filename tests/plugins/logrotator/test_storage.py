"""Renamed files are compressed, and no more than they may take (process:ROT-11, ROT-12)."""

from __future__ import annotations

import asyncio
import datetime as dt
import gzip
import os
from pathlib import Path
from typing import Any

import pytest
import zstandard

from eggd import ConfigError
from eggd.plugins.logrotator.compression import Compressor
from eggd.plugins.logrotator.section import LogrotatorConfig
from tests.plugins.logrotator.conftest import Host

NIGHT = dt.datetime(2026, 11, 21, 0, 0, 1)


def unpacked(path: Path) -> str:
    data = path.read_bytes()
    if path.suffix == ".gz":
        return gzip.decompress(data).decode()
    return zstandard.ZstdDecompressor().stream_reader(data).read().decode()


def tend(host: Host, **options: Any) -> None:
    host.config.logrotator = LogrotatorConfig(**options)
    asyncio.run(host.rotator().tend())


@pytest.mark.parametrize(("option", "suffix"), [("gzip", ".gz"), ("zstd", ".zst")])
def test_renamed_files_are_compressed(host: Host, logs: Path, option: str, suffix: str) -> None:
    """After all have reopened; mode and time stay (process:ROT-11)."""
    host.config.logrotator = LogrotatorConfig(gzip=option == "gzip", zstd=option == "zstd")
    file = logs / "shop-web.log"
    file.write_text("a line\n" * 100_000)
    os.utime(file, (1e9, 1e9))
    file.chmod(0o640)
    target = f"shop-web.log.2026-11-20{suffix}"
    assert target in host.rotate(NIGHT)
    assert unpacked(logs / target) == "a line\n" * 100_000
    status = (logs / target).stat()
    assert (status.st_mode & 0o777, status.st_mtime) == (0o640, 1e9)
    assert not (logs / "shop-web.log.2026-11-20").exists()
    assert not list(logs.glob("*.part"))


def test_a_file_that_a_process_writes_to_stays_plain(host: Host, logs: Path) -> None:
    """The next tick compresses it; there is one warning."""
    host.config.logrotator = LogrotatorConfig(gzip=True)
    plain = logs / "shop-web.log.2026-11-20"
    with (logs / "shop-web.log").open("a") as writer:
        rotator = host.rotator()

        async def main() -> None:
            assert plain in await rotator.rotate(NIGHT)
            writer.write("late\n")
            writer.flush()
            await rotator.tend()
            assert plain.exists()
            writer.close()
            await rotator.tend()

        asyncio.run(main())
    assert unpacked(logs / f"{plain.name}.gz") == "late\n"
    assert not plain.exists()
    text = f"{plain} is not compressed yet: a process writes to it"
    assert len([line for line in host.lines if text in line]) == 1


def test_a_reader_does_not_matter(tmp_path: Path) -> None:
    file = tmp_path / "a.log.1"
    file.write_text("x")
    with file.open():
        assert Compressor(".gz", lambda: False)(file) == tmp_path / "a.log.1.gz"


def test_a_stop_leaves_the_plain_file(tmp_path: Path) -> None:
    file = tmp_path / "a.log.1"
    file.write_text("x")
    assert Compressor(".gz", lambda: True)(file) is None
    assert [path.name for path in tmp_path.iterdir()] == ["a.log.1"]


def test_a_stop_is_no_warning(host: Host, logs: Path) -> None:
    host.config.logrotator = LogrotatorConfig(gzip=True)
    (logs / "shop-web.log.1").write_text("x")
    rotator = host.rotator()
    rotator.stop()
    asyncio.run(rotator.tend())
    assert (logs / "shop-web.log.1").exists()
    assert not [line for line in host.lines if "not compressed" in line]


def test_a_kill_in_between_is_made_up_for(host: Host, logs: Path) -> None:
    """A part is removed; a plain file beside its compressed one is compressed again."""
    (logs / "shop-web.log.2026-11-20").write_text("whole")
    (logs / "shop-web.log.2026-11-20.gz").write_bytes(gzip.compress(b"whole"))
    (logs / "egg-web.log.1").write_text("other")
    (logs / "egg-web.log.1.gz.part").write_text("tor")
    tend(host, gzip=True)
    names = {path.name for path in logs.iterdir()} - {"egg-agent.log", "common-error.log"}
    assert names == {"shop-web.log.2026-11-20.gz", "egg-web.log.1.gz"}
    assert unpacked(logs / "egg-web.log.1.gz") == "other"


@pytest.mark.parametrize(
    "name",
    [
        *("shop-web.log", "shop-web.log.bak", "shop-web.log.0", "shop-web.log.2026-11-20.gz"),
        *("stranger.log.1", "shop-web.log.1.txt", "shop-web.log.20261120x", "xshop-web.log.1"),
    ],
)
def test_other_files_are_left(host: Host, logs: Path, name: str) -> None:
    (logs / name).write_text("x")
    tend(host, gzip=True, max_total_size=1)
    assert (logs / name).read_text() == "x"


def test_a_link_is_left(host: Host, logs: Path, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("x" * 100)
    (logs / "shop-web.log.1").symlink_to(tmp_path / "secret")
    tend(host, gzip=True, max_total_size=1)
    assert (logs / "shop-web.log.1").is_symlink()
    assert (tmp_path / "secret").exists()


def test_a_file_that_cannot_be_compressed_is_logged(host: Host, logs: Path) -> None:
    host.config.logrotator = LogrotatorConfig(gzip=True)
    part = logs / "egg-agent.log.2026-11-20.gz.part"
    part.mkdir()
    names = host.rotate(NIGHT)
    assert sorted(names) == ["common-error.log.2026-11-20.gz", "egg-agent.log.2026-11-20"]
    target = logs / "egg-agent.log.2026-11-20"
    assert f"<3>[logrotator] cannot compress {target}: Is a directory" in host.lines


def test_the_oldest_go_first(host: Host, logs: Path) -> None:
    """The files that are written are not counted."""
    for age, name in enumerate(("shop-web.log.1", "shop-web.log.2026-01-01", "egg-web.log.2.gz")):
        (logs / name).write_bytes(b"x" * 100)
        os.utime(logs / name, (1e9 - age, 1e9 - age))
    (logs / "shop-web.log").write_bytes(b"x" * 1000)
    tend(host, max_total_size=250)
    assert not (logs / "egg-web.log.2.gz").exists()
    assert (logs / "shop-web.log.1").exists()
    assert (logs / "shop-web.log.2026-01-01").exists()
    assert f"<6>[logrotator] removed {logs}/egg-web.log.2.gz" in host.lines


def test_compressed_files_expire(host: Host, logs: Path) -> None:
    """Also those with an hour (process:ROT-12, ROT-13)."""
    for name in ("a.log.2026-01-01-13.gz", "a.log.2026-01-01.zst", "a.log.2026-11-19.gz"):
        (logs / name).touch()
    removed = asyncio.run(host.rotator().clean(NIGHT))
    assert sorted(path.name for path in removed) == [
        "a.log.2026-01-01-13.gz",
        "a.log.2026-01-01.zst",
    ]


def test_an_existing_compressed_file_is_not_replaced(host: Host, logs: Path) -> None:
    (logs / "egg-agent.log.2026-11-20.gz").write_text("somebody's")
    assert host.rotate(NIGHT) == ["common-error.log.2026-11-20"]
    assert (logs / "egg-agent.log.2026-11-20.gz").read_text() == "somebody's"


def test_zstd_needs_its_module(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "zstandard", None)
    host.config.logrotator = LogrotatorConfig(zstd=True)
    with pytest.raises(ConfigError) as caught:
        host.rotator()
    assert caught.value.line == (
        "logrotator.zstd needs the module zstandard (apt install python3-zstandard)"
    )
