"""The spans of a start: what they are called, what they leave out, what is waited for."""

from __future__ import annotations

from pathlib import Path

from eggd.app.loading.timing import Timing
from eggd.importer import import_file, observed

KEYS = ["name", "start", "end", "duration", "pid", "index", "beside"]


def test_items_are_numbered_from_the_process_on(tmp_path: Path) -> None:
    # core:DUMP-10
    (tmp_path / "app.py").write_text("")
    timing = Timing("agent", tmp_path)
    with timing.span("Load Config"), observed(timing.require):
        import_file(tmp_path / "app.py", "shop")
    records = timing.records()
    names = ["Process Start", "agent Start", "Load Config", "Require(1) app.py"]
    assert [record["name"] for record in records] == names
    assert [list(record) for record in records] == [KEYS] * 4
    assert [record["index"] for record in records] == [0, 1, 2, 3]


def test_nothing_is_recorded_after_the_end() -> None:
    """Collection stops after the dump (core:DUMP-10)."""
    timing = Timing()
    timing.stop()
    with timing.span("late"):
        assert len(timing.items) == 2
    assert timing.items[1].end is not None


def test_a_start_waits_for_the_innermost_step_or_all_tasks() -> None:
    timing = Timing()
    assert timing.waiting == ""
    with timing.span("Load Config"):
        with timing.span("Require(1) app.py", "app.py"):
            assert timing.waiting == "app.py"
        assert timing.waiting == "Load Config"
    with timing.span("a", beside=True), timing.span("b", beside=True):
        assert timing.waiting == "a, b"


def test_a_slow_step_is_named() -> None:
    # core:DUMP-11
    timing = Timing()
    with timing.span("Load Config"):
        pass
    [line] = timing.slow(0)
    assert line.startswith("[egg] slow step of the start: #2 Load Config took ")
    assert line.endswith(" ms")
    assert timing.slow(60) == []


def test_the_timeline_has_a_line_per_item() -> None:
    timing = Timing()
    with timing.span("Load Config"):
        pass
    assert [line.split(" ms ")[-1] for line in timing.timeline()] == [
        *("Process Start", "application Start", "Load Config"),
    ]
