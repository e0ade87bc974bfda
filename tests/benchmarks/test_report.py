"""What the comparison makes of its figures: medians, ratios, and the verdict."""

from __future__ import annotations

import os

import pytest

from benchmarks import procfs
from benchmarks.measure import Figures, masked, median
from benchmarks.peers import Answer, Peer
from benchmarks.report import broken, ratios, table
from benchmarks.wrk import Load, LoadError, parse

REPORT = """Running 3s test @ http://127.0.0.1:7001/
  2 threads and 64 connections
  Latency Distribution
     50%    3.81ms
     99%  348.40ms
  40774 requests in 3.05s, 14.31MB read
Requests/sec:  13352.20
"""


def figures(per_second: float, cpu: float) -> Figures:
    return Figures(
        requests_per_second=per_second,
        cpu_us_per_request=cpu,
        p99_ms=1.0,
        pss_mb=50.0,
        first_answer_s=0.2,
        processes=2,
    )


def test_reads_what_wrk_says() -> None:
    assert parse(REPORT) == Load(40774, 13352.20, 348.40)


@pytest.mark.parametrize(("said", "ms"), [("900.00us", 0.9), ("1.50s", 1500.0), ("2.00m", 12e4)])
def test_knows_units_of_time(said: str, ms: float) -> None:
    assert parse(REPORT.replace("348.40ms", said)).p99_ms == pytest.approx(ms)


@pytest.mark.parametrize(
    "more",
    ["  Socket errors: connect 0, read 1, write 0, timeout 0", "  Non-2xx or 3xx responses: 3"],
)
def test_failures_are_no_figures(more: str) -> None:
    with pytest.raises(LoadError, match=more.strip()):
        parse(REPORT + more)


def test_ratios_are_those_of_medians_with_as_many_workers() -> None:
    rows = {
        Peer("floor", 1): [figures(100_000, 5)],
        Peer("eggd", 1): [figures(50_000, 12), figures(60_000, 10), figures(10, 500)],
        Peer("egg", 1): [figures(20_000, 40)],
    }
    assert median(rows[Peer("eggd", 1)]).requests_per_second == 50_000
    assert ratios(Peer("eggd", 1), rows) == (2.5, 0.3)
    assert ratios(Peer("eggd", 4), {Peer("eggd", 4): [figures(1, 1)]}) is None
    assert table(rows).splitlines()[3].split()[:6] == [
        *("eggd", "1", "50,000", "(10", "..", "60,000)")
    ]
    assert broken(rows) == []


def test_a_broken_promise_is_one_line_each() -> None:
    rows = {Peer("eggd", 4): [figures(30_000, 25)], Peer("egg", 4): [figures(20_000, 40)]}
    assert broken(rows) == [
        "eggd, 4 workers: 1.50 times egg's requests/s, promised 2",
        "eggd, 4 workers: 0.62 of egg's CPU per request, promised 0.5",
    ]


def test_the_same_answer_may_show_another_pid() -> None:
    assert masked(Answer("text/plain; charset=utf-8", "pid 12")) == masked(
        Answer("text/plain;charset=UTF-8", "pid 345")
    )


def test_proc_figures_of_this_process() -> None:
    assert os.getpid() in procfs.trees([os.getppid()])
    assert procfs.cpu_us([os.getpid()]) > 0
    assert 1 < procfs.pss_mb([os.getpid()]) < 4096
    assert procfs.switches([os.getpid()]) > 0
