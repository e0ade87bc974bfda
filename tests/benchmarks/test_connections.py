"""The benchmarks of connections run, small, and their exit codes are their verdicts."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest

from benchmarks import idle
from benchmarks.listeners import Seen, Window, exceeded_limits, table
from benchmarks.spread import ratio
from tests.house.imports import ROOT

PYTHON = "/usr/bin/python3"
SMALL = ["--pairs", "1", "--window", "1", "--json"]


def run(name: str, *options: str) -> dict[str, Any]:
    """Returns the figures of a benchmark; its exit code must agree with the limits it reports."""
    argv = [PYTHON, str(ROOT / "benchmarks" / name), *SMALL, *options]
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    assert done.stdout, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    assert done.returncode == bool(found["exceeded_limits"]), done.stderr
    return found


@pytest.mark.slow
def test_idle_connections_are_weighed_and_hello_is_timed() -> None:
    """The verdict on p99 is the benchmark's: no test depends on the speed of its machine."""
    found = run("connections", "--count", "1500")
    assert 0 < max(found["memory"].values()) < found["limits"]["kib"]
    assert all(found["p99_ms"][kind] > 0 for kind in ("without_idle", "with_idle"))


@pytest.mark.slow
def test_both_kinds_of_listener_are_asked() -> None:
    sides = run("fairness")["sides"]
    for side in sides.values():
        assert [sum(counts) for counts in side["one_by_one"]] == [64]
        assert [sum(counts) for counts in side["at_once"]] == [200]
        assert sum(side["kept"][0]["counts"]) == 64


@pytest.mark.parametrize("name", ["connections", "fairness"])
def test_help_says_how(name: str) -> None:
    argv = [sys.executable, str(ROOT / "benchmarks" / name), "--help"]
    said = subprocess.run(argv, capture_output=True, text=True, check=True).stdout
    assert f"benchmarks/{name} --" in said


@pytest.mark.parametrize(
    ("counts", "expected"), [([16, 16], 1.0), ([18, 12], 1.5), ([4, 0], float("inf"))]
)
def test_the_spread_is_the_busiest_to_the_least_busy(counts: list[int], expected: float) -> None:
    assert ratio(counts) == expected


def test_no_source_address_has_more_connections_than_ports() -> None:
    first, last = map(int, idle._PORTS.read_text().split())
    found = idle.sources(3 * (last - first))
    assert max(found.count(address) for address in {*found}) < last - first


def seen(rate: float, counts: list[int], at_once: list[int]) -> Seen:
    return Seen(
        [Window(rate, 10.0, 1.0, counts)], [Window(1.0, 1.0, 1.0, [])], [[16, 16]], [at_once]
    )


@pytest.mark.parametrize(
    ("shared", "lines"),
    [
        (seen(90, [18, 12], [100, 100]), []),
        (seen(89, [16, 16], [100, 100]), ["requests/s 0.89 of SO_REUSEPORT's, promised 0.9"]),
        (seen(99, [19, 12], [9, 1]), ["spread of 64 connections 1.58 to 1, promised 1.5"]),
        (seen(99, [1, 1], [9, 0]), ["200 connections at once left a worker without one: [[9, 0]]"]),
    ],
)
def test_a_broken_promise_of_fairness_is_one_line_each(shared: Seen, lines: list[str]) -> None:
    sides = {"inherited": shared, "reuseport": seen(100, [30, 2], [200, 0])}
    assert exceeded_limits(sides) == lines
    assert table(sides)
