"""Replacing files as a whole."""

from __future__ import annotations

from pathlib import Path

import pytest

from eggd.wholefile import write_whole


def test_a_file_is_replaced_with_its_mode(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"old")
    write_whole(path, b"new", 0o640)
    assert (path.read_bytes(), path.stat().st_mode & 0o777) == (b"new", 0o640)
    assert list(tmp_path.iterdir()) == [path]


def test_an_error_leaves_no_file_behind(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    with pytest.raises(IsADirectoryError) as error:
        write_whole(tmp_path / "a", b"new", 0o644)
    assert (error.value.filename, error.value.filename2) == (str(tmp_path / "a"), None)
    assert list(tmp_path.iterdir()) == [tmp_path / "a"]


def test_an_error_names_the_file_and_no_temporary_one(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError) as error:
        write_whole(tmp_path / "none" / "a", b"new", 0o644)
    assert error.value.filename == str(tmp_path / "none" / "a")
