"""The line of a key, however the file writes it."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from eggd.config.lines import Lines, line_of

NAMES = """\
port = 1
cache = {
    "size": 5,
    "peers": {"one": 1,
              "two": 2},
}
typed: int = 3
made = dict(a=1,
            b=2)
cache["peers"]["three"] = 3
"""
FUNCTION = """\
def config(app_info):
    values = {"port": 1}
    values["cache"] = {"size": 5}
    return {
        **values,
        "deep": {"port": 2},
    }
"""


@pytest.mark.parametrize(
    ("text", "key", "line"),
    [
        (NAMES, "port", 1),
        (NAMES, "cache", 2),
        (NAMES, "cache.size", 3),
        (NAMES, "cache.peers.two", 5),
        (NAMES, "cache.peers.three", 10),
        (NAMES, "cache.gone", 2),
        (NAMES, "typed", 7),
        (NAMES, "made.b", 9),
        (NAMES, "gone", 0),
        (f"{NAMES}cache = {{'size': 6}}\n", "cache.size", 11),  # the last assignment counts
        (FUNCTION, "port", 2),
        (FUNCTION, "cache.size", 3),
        (FUNCTION, "deep.port", 6),
    ],
)
def test_the_line_that_sets_a_key(text: str, key: str, line: int) -> None:
    assert line_of(ast.parse(text), key.split(".")) == line


def test_a_file_that_cannot_be_read_has_no_lines(tmp_path: Path) -> None:
    broken = tmp_path / "config_prod.py"
    broken.write_text("(")
    for file in (str(broken), "/nowhere/config_prod.py", "EGG_APP_CONFIG", "eggd"):
        assert Lines().locate(file, ["port"]) == file
