"""EGG_BASE_DIR is set in the file of settings, and every other line is kept."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from eggd.errors import VariableError
from eggd.host import defaults
from eggd.host.release.base_dir import set_base_dir

NEW = "/srv/eggd/default/current"


@pytest.mark.parametrize(
    ("text", "value", "after"),
    [
        ("", NEW, f"EGG_BASE_DIR={NEW}\n"),
        ("A=1\n", NEW, f"A=1\nEGG_BASE_DIR={NEW}\n"),
        ("A=1", NEW, f"A=1\nEGG_BASE_DIR={NEW}\n"),
        ("#EGG_BASE_DIR=/x\nA=1\n", NEW, f"#EGG_BASE_DIR=/x\nEGG_BASE_DIR={NEW}\nA=1\n"),
        ("EGG_BASE_DIR=/old\nA='1\n2'\n", NEW, f"A='1\n2'\nEGG_BASE_DIR={NEW}\n"),
        ("EGG_BASE_DIR=/one\nA=1\nEGG_BASE_DIR=/two\n", None, "A=1\n"),
        (f"EGG_BASE_DIR={NEW}\nA=1\n", NEW, f"EGG_BASE_DIR={NEW}\nA=1\n"),
        ("A=1\n", None, "A=1\n"),
        ("", '/srv/a "b" $c', 'EGG_BASE_DIR="/srv/a \\"b\\" \\$c"\n'),
    ],
)
def test_one_line_is_set_or_removed(
    tmp_path: Path, text: str, value: str | None, after: str
) -> None:
    file = tmp_path / "eggd"
    file.write_text(text)
    file.chmod(0o640)
    set_base_dir(file, value)
    assert (file.read_text(), stat.S_IMODE(file.stat().st_mode)) == (after, 0o640)
    assert defaults.check(file).get("EGG_BASE_DIR") == value


def test_a_missing_file_is_created_for_all_to_read(tmp_path: Path) -> None:
    set_base_dir(tmp_path / "eggd", NEW)
    assert stat.S_IMODE((tmp_path / "eggd").stat().st_mode) == 0o644


@pytest.mark.parametrize("text", ["EGG_BASE_DIR=/a\\\nb\n", "EGG_BASE_DIR='/a\nb'\n"])
def test_a_setting_in_several_lines_is_an_error_and_changes_nothing(
    tmp_path: Path, text: str
) -> None:
    file = tmp_path / "eggd"
    file.write_text(text)
    with pytest.raises(VariableError, match="eggd:1: EGG_BASE_DIR takes several lines"):
        set_base_dir(file, NEW)
    assert file.read_text() == text


def test_a_link_to_the_settings_is_kept(tmp_path: Path) -> None:
    (tmp_path / "real").write_text("A=1\n")
    (tmp_path / "eggd").symlink_to("real")
    set_base_dir(tmp_path / "eggd", NEW)
    assert (tmp_path / "eggd").is_symlink()
    assert (tmp_path / "real").read_text() == f"A=1\nEGG_BASE_DIR={NEW}\n"
