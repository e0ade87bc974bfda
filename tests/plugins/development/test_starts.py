"""The files of the last starts: which are read, and which are gone."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from eggd.plugins.development.starts import clean, read

GONE = 2**22 + 1
"""No pid can be this (proc(5): pid_max)."""
ITEM = {"name": "a", "start": 1.0, "end": 3.0, "duration": 2.0, "beside": False, "index": 0}


def write(folder: Path, name: str, pid: int = 7, **change: object) -> Path:
    file = folder / name
    file.write_text(json.dumps([{**ITEM, "pid": pid, **change}]))
    return file


def test_the_agent_comes_first_and_workers_by_number(tmp_path: Path) -> None:
    for name in ("application_timing_10", "application_timing_2", "agent_timing_0"):
        write(tmp_path, f"{name}.json")
    write(tmp_path, "agent_timing_x.json")
    starts, broken = read(tmp_path)
    assert ([start.title for start in starts], broken) == (["agent", "worker 2", "worker 10"], [])


def test_unfinished_steps_end_with_the_record(tmp_path: Path) -> None:
    # core:DUMP-12
    write(tmp_path, "application_timing_1.json", end=None, duration=9.5)
    (start,), _ = read(tmp_path)
    assert (start.begin, start.end, start.unfinished) == (1.0, 10.5, True)


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "{}", "null", "[1]", '[{"name": 1}]', '[{"start": "x"}]', "\x80", "[[]]"],
)
def test_a_broken_file_is_named_and_the_others_are_shown(tmp_path: Path, text: str) -> None:
    write(tmp_path, "agent_timing_0.json")
    (tmp_path / "application_timing_1.json").write_text(text, encoding="latin-1")
    starts, broken = read(tmp_path)
    assert [start.title for start in starts] == ["agent"]
    assert len(broken) == 1
    assert broken[0].startswith("application_timing_1.json cannot be read: ")


def test_files_of_processes_that_ended_are_deleted(tmp_path: Path) -> None:
    """The agent removes them at its start, but not those of running processes (core:DEV-4)."""
    kept = write(tmp_path, "application_timing_1.json", os.getpid())
    other = write(tmp_path, "agent_config.json", GONE)
    for name in ("application_timing_2.json", "agent_timing_0.json"):
        write(tmp_path, name, GONE)
    (tmp_path / "application_timing_3.json").write_text("broken")
    clean(tmp_path)
    assert set(tmp_path.iterdir()) == {kept, other}
