"""The files of a unit: which systemd reads, and a digest that differs after each change."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from eggd.host.unit_files import digest, files

ETC, RUN, LIB = "etc/systemd/system", "run/systemd/system", "usr/lib/systemd/system"
UNIT = "egg-agent.service"


def write(root: Path, *names: str) -> None:
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(f"[Service]\n# {name}\n")


def names(root: Path, unit: str) -> list[str]:
    return [str(each.relative_to(root)) for each in files(unit, root)]


def test_the_first_directory_wins_and_drop_ins_apply_by_name(tmp_path: Path) -> None:
    """Drop-ins of all units of a prefix, and of all services, count too (systemd.unit(5))."""
    write(tmp_path, f"{LIB}/{UNIT}", f"{RUN}/{UNIT}", f"{LIB}/{UNIT}.d/20.conf")
    write(tmp_path, f"{ETC}/{UNIT}.d/20.conf", f"{ETC}/{UNIT}.d/note", f"{RUN}/{UNIT}.d/10.conf")
    write(tmp_path, f"{ETC}/egg-.service.d/30.conf", f"{ETC}/service.d/20.conf")
    write(tmp_path, f"{LIB}/service.d/05.conf", f"{ETC}/egg-worker@.service.d/99.conf")
    assert names(tmp_path, UNIT) == [
        f"{RUN}/{UNIT}",
        f"{LIB}/service.d/05.conf",
        f"{RUN}/{UNIT}.d/10.conf",
        f"{ETC}/{UNIT}.d/20.conf",
        f"{ETC}/egg-.service.d/30.conf",
    ]


def test_an_instance_has_the_files_of_its_template(tmp_path: Path) -> None:
    write(tmp_path, f"{LIB}/egg-worker@.service", f"{ETC}/egg-worker@.service.d/a.conf")
    write(tmp_path, f"{ETC}/egg-worker@1.service.d/a.conf", f"{ETC}/egg-worker@2.service.d/b.conf")
    assert names(tmp_path, "egg-worker@1.service") == [
        f"{LIB}/egg-worker@.service",
        f"{ETC}/egg-worker@1.service.d/a.conf",
    ]
    assert names(tmp_path, "egg-worker@.service")[1:] == [f"{ETC}/egg-worker@.service.d/a.conf"]


def test_each_change_is_another_digest(tmp_path: Path) -> None:
    write(tmp_path, f"{LIB}/{UNIT}")
    drop_in = tmp_path / f"{ETC}/{UNIT}.d/limit.conf"
    digests = [digest(UNIT, tmp_path)]
    write(tmp_path, f"{ETC}/{UNIT}.d/limit.conf")
    digests.append(digest(UNIT, tmp_path))
    drop_in.write_text("[Service]\nLimitNOFILE=9000\n")
    digests.append(digest(UNIT, tmp_path))
    os.utime(drop_in, (1, 1))  # the same content, as a generator writes it again
    assert digest(UNIT, tmp_path) == digests[-1]
    drop_in.unlink()
    drop_in.parent.rmdir()
    assert digest(UNIT, tmp_path) == digests[0]
    assert len(set(digests)) == 3


def test_a_file_of_root_alone_counts_by_size_and_time(tmp_path: Path) -> None:
    """The agent cannot read it, and must have the same digest as root."""
    write(tmp_path, f"{LIB}/{UNIT}")
    (tmp_path / f"{LIB}/{UNIT}").chmod(0o600)
    before = digest(UNIT, tmp_path)
    assert before == digest(UNIT, tmp_path) != ""
    os.utime(tmp_path / f"{LIB}/{UNIT}", (1, 1))
    assert digest(UNIT, tmp_path) not in ("", before)


def test_what_cannot_be_examined_has_no_digest(tmp_path: Path) -> None:
    (tmp_path / ETC).mkdir(parents=True)
    (tmp_path / ETC / UNIT).symlink_to(UNIT)
    (tmp_path / f"{ETC}/{UNIT}.d").mkdir()
    (tmp_path / f"{ETC}/{UNIT}.d/x.conf").symlink_to("x.conf")
    assert digest(UNIT, tmp_path) == ""


@pytest.mark.parametrize("unit", [UNIT, "egg-worker@1.service", "egg.socket"])
def test_a_unit_without_files_has_none(unit: str, tmp_path: Path) -> None:
    assert files(unit, tmp_path) == []
