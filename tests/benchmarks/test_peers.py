"""Peers are asked before they are measured; one that fails is a line, not the end of the run."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.install import PeerError
from benchmarks.measure import Plan, Run
from benchmarks.peers import KINDS, Kind, Peer, program
from benchmarks.route import ECHO_BYTES, ROUTES, answer
from tests.house.imports import ROOT

TEXT = "text/plain; charset=utf-8"


@pytest.mark.parametrize(
    ("mine", "other", "same"),
    [
        ((200, TEXT, b"hi"), (200, "Text/Plain;charset=UTF-8", b"hi"), True),
        ((200, TEXT, b"hi"), (200, TEXT, b"hello"), False),
        ((200, TEXT, b"hi"), (404, TEXT, b"hi"), False),
        ((200, TEXT, b"hi"), (200, "text/html", b"hi"), False),
        ((200, "application/json", b'{"a":1}'), (200, "application/json; q=1", b'{"a": 1}'), True),
        ((200, "application/json", b'{"a":1}'), (200, "application/json", b'{"a":2}'), False),
        ((200, "application/json", b"}"), (200, "application/json", b"{}"), False),
    ],
)
def test_answers_are_the_same_where_they_mean_the_same(
    mine: tuple[int, str, bytes], other: tuple[int, str, bytes], same: bool
) -> None:
    assert (answer(*mine) == answer(*other)) is same


def test_the_echoed_body_has_its_stated_size() -> None:
    echo = next(route for route in ROUTES if route.name == "echo")
    assert len(echo.body.encode()) == ECHO_BYTES
    assert json.loads(echo.body) == echo.expected.body


def run() -> tuple[Run, list[str]]:
    told: list[str] = []
    return Run(Plan(1, 1.0, 0.0), ROUTES, told.append, {}, {}, []), told


def refused() -> Path:
    raise PeerError("`npm ci` said: no network")


@pytest.mark.parametrize(
    ("kind", "line"),
    [
        (
            Kind(refused, KINDS["floor"].start, 1),
            "odd: not installed: `npm ci` said: no network",
        ),
        (
            Kind(
                lambda: ROOT,
                lambda home, workers: program(
                    lambda *_: [sys.executable, "-c", "raise SystemExit('Error: port')"],
                    home,
                    workers,
                ),
                1,
            ),
            "odd, 2 workers: it ended before it answered; it said: Error: port",
        ),
    ],
)
def test_a_peer_that_fails_is_one_line(
    kind: Kind, line: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(KINDS, "odd", kind)
    made, told = run()
    made.repeat(made.install([Peer("odd", 2)]))
    assert made.failures == [line]
    assert told[-1] == f"bench: {line}"
    assert not made.rows


@pytest.mark.slow
def test_one_cell_of_the_table() -> None:
    """The verdict itself is `make bench`'s: no test depends on the speed of its machine."""
    argv = ["/usr/bin/python3", str(ROOT / "benchmarks" / "run"), "--quick", "--json"]
    argv += ["--repetitions", "1", "--workers", "2", "1", "--route", "echo"]
    argv += ["--peer", "eggd", "--peer", "floor"]
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    cells = json.loads(done.stdout)["cells"]
    assert [(cell["peer"], cell["workers"]) for cell in cells] == [
        *(("eggd", 2), ("floor", 1), ("eggd", 1))
    ]
    for cell in cells:
        one = cell["repetitions"][0]
        assert one["requests_per_second"] > 0
        assert one["cpu_us_per_request"] > 0
        assert one["busiest"] + one["least"] >= 64
        assert cell["vs_egg"] is None


@pytest.mark.slow
def test_peers_give_the_same_answers() -> None:
    """Checks those that need no download; `benchmarks/run --check` checks all."""
    argv = ["/usr/bin/python3", str(ROOT / "benchmarks" / "run"), "--check", "--workers", "1"]
    argv += ["--peer", "eggd", "--peer", "floor", "--peer", "tornado"]
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout == "3 peers, 5 routes, 0 failures\n"


@pytest.mark.slow
def test_most_connections_of_the_idle_row_are_silent() -> None:
    argv = ["/usr/bin/python3", str(ROOT / "benchmarks" / "run"), "--quick", "--json"]
    argv += ["--repetitions", "1", "--workers", "1", "--route", "idle", "--peer", "floor"]
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    (cell,) = json.loads(done.stdout)["cells"]
    assert cell["repetitions"][0]["busiest"] == 1000


def test_an_unknown_name_is_one_line() -> None:
    argv = [sys.executable, str(ROOT / "benchmarks" / "run"), "--peer", "express"]
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr.startswith("bench: no peer 'express' (known: floor, eggd, ")
