"""Files load by path; a failure names file and line."""

from __future__ import annotations

from pathlib import Path

import pytest

from eggd.errors import LoadError
from eggd.importer import import_file


def test_a_dashed_file_loads_once(tmp_path: Path) -> None:
    file = tmp_path / "user-log.py"
    file.write_text("value = []\n")
    assert import_file(file, "demo") is import_file(file, "demo")


def test_two_units_do_not_share_a_module(tmp_path: Path) -> None:
    file = tmp_path / "a.py"
    file.write_text("value = []\n")
    assert import_file(file, "one") is not import_file(file, "two")


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("def f(:\n", ":1: SyntaxError: invalid syntax"),
        ("import nothing_like_it\n", ":1: ModuleNotFoundError: No module named 'nothing_like_it'"),
        ("\n\nraise ValueError('two\\nlines')\n", ":3: ValueError: two lines"),
    ],
)
def test_a_failure_is_one_line_with_file_and_line(tmp_path: Path, text: str, line: str) -> None:
    """core:LD-9."""
    file = tmp_path / "home.py"
    file.write_text(text)
    with pytest.raises(LoadError) as caught:
        import_file(file, "demo")
    assert caught.value.line == f"{file}{line}"
