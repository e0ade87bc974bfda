"""The name of an open file, which nginx gets (`static.accel`)."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from eggd.plugins.static.roots import Root


def _replace(folder: Path) -> None:
    (folder / "new").write_text("new")
    (folder / "new").rename(folder / "a (deleted)")


def _move(folder: Path) -> None:
    (folder / "a (deleted)").rename(folder / "b")


def _move_out(folder: Path) -> None:
    (folder / "a (deleted)").rename(folder.parent / "b")


def _remove(folder: Path) -> None:
    (folder / "a (deleted)").unlink()


def _remove_one_of_two(folder: Path) -> None:
    (folder / "b").hardlink_to(folder / "a (deleted)")
    (folder / "a (deleted)").unlink()


@pytest.mark.parametrize(
    ("change", "name"),
    [
        (lambda _: None, b"a (deleted)"),
        (_replace, None),
        (_move, b"b"),
        (_move_out, None),
        (_remove, None),
        (_remove_one_of_two, None),
    ],
)
def test_the_name_of_an_open_file(
    tmp_path: Path, change: Callable[[Path], None], name: bytes | None
) -> None:
    """The kernel's mark of a removed file is never taken for a name, nor a name for the mark."""
    folder = tmp_path / "public"
    folder.mkdir()
    (folder / "a (deleted)").write_text("old")
    root = Root(folder)
    file = root.open(b"a (deleted)")
    assert file is not None
    with file:
        change(folder)
        assert root.real_name(file) == name
