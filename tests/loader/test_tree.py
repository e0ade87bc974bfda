"""Folders become namespaces; private files are skipped, clashes are errors (core:LD-*)."""

from __future__ import annotations

from pathlib import Path

import pytest

from eggd.errors import LoadError
from eggd.loader import members


def tree(root: Path, *names: str) -> Path:
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text("")
    return root


def test_files_come_sorted_before_folders(tmp_path: Path) -> None:
    """core:X-6."""
    root = tree(tmp_path, "b.py", "a/z.py", "c/d/e.py", "user-log.py")
    assert [member.dotted for member in members(root)] == ["b", "user_log", "a.z", "c.d.e"]


def test_private_and_foreign_files_are_no_members(tmp_path: Path) -> None:
    root = tree(tmp_path, "_base.py", "__init__.py", "__pycache__/a.py", ".git/x.py", "note.txt")
    assert members(root) == []


def test_no_folder_is_no_members(tmp_path: Path) -> None:
    assert members(tmp_path / "none") == []


@pytest.mark.parametrize(
    ("names", "line"),
    [
        (("1a.py",), "'1a' is no name for a member"),
        (("a b.py",), "'a b' is no name for a member"),
        (("user-log.py", "user_log.py"), "'user_log' is already defined by"),
        (("user.py", "user/log.py"), "lies below"),
    ],
)
def test_bad_names_are_one_line(tmp_path: Path, names: tuple[str, ...], line: str) -> None:
    with pytest.raises(LoadError, match=line):
        members(tree(tmp_path, *names))
