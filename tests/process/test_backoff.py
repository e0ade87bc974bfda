import json
import time
from pathlib import Path

import pytest

from eggd.process.backoff import Backoff
from eggd.suite.backoff import Sleep


def record(directory: Path, failures: int, *, ago: float) -> Backoff:
    at = time.clock_gettime(time.CLOCK_BOOTTIME) - ago
    fields = {"failures": failures, "at": at, "reason": "no such app"}
    (directory / "worker-3.boot").write_text(json.dumps(fields))
    return Backoff(directory, 3)


@pytest.mark.parametrize(
    ("failures", "seconds"), [(1, 1), (2, 2), (3, 4), (4, 8), (5, 16), (6, 30), (9**9, 30)]
)
def test_the_delay_doubles_up_to_half_a_minute(tmp_path: Path, failures: int, seconds: int) -> None:
    text = f"Boot {failures} failed: no such app; next try in {seconds} s"
    wait = record(tmp_path, failures, ago=1.2).delay()
    assert wait == Sleep(seconds, failures, "no such app")
    assert wait.text == text


@pytest.mark.parametrize("ago", [0.1, 10.0, -5.0])
def test_a_start_that_somebody_asks_for_is_immediate(tmp_path: Path, ago: float) -> None:
    backoff = record(tmp_path, 4, ago=ago)
    assert backoff.delay() is None
    assert list(tmp_path.iterdir()) == []


def test_failures_add_up_and_clear_forgets_them(tmp_path: Path) -> None:
    backoff = Backoff(tmp_path, 3)
    backoff.failed("first")
    backoff.failed("second\nline")
    file = tmp_path / "worker-3.boot"
    kept = json.loads(file.read_text())
    assert (kept["failures"], kept["reason"]) == (2, "second line")
    assert list(tmp_path.iterdir()) == [file]
    backoff.clear()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "garbage",
    [
        b"",
        b"\xff\x00",
        b"[]",
        b"7",
        b"{}",
        b"[" * 100_000,
        b'{"failures": "4", "at": 1.0, "reason": ""}',
        b'{"failures": -1, "at": 1.0, "reason": ""}',
        b'{"failures": true, "at": 1.0, "reason": ""}',
        b'{"failures": 1, "at": null, "reason": ""}',
        b'{"failures": 1, "at": NaN, "reason": "x"}',
    ],
)
def test_garbage_counts_as_no_failure(tmp_path: Path, garbage: bytes) -> None:
    (tmp_path / "worker-1.boot").write_bytes(garbage)
    assert Backoff(tmp_path, 1).delay() is None


def test_without_its_directory_it_counts_nothing(tmp_path: Path) -> None:
    backoff = Backoff(tmp_path / "gone", 1)
    backoff.failed("reason")
    backoff.clear()
    assert backoff.delay() is None
