"""A report of wrk is parsed into figures; a failed request is an error."""

from __future__ import annotations

import pytest

from benchmarks.install import PeerError
from benchmarks.wrk import Load, parse

REPORT = """Running 3s test @ http://127.0.0.1:7001/hello
  2 threads and 64 connections
  Latency Distribution
     50%    3.81ms
     99%  348.40ms
  40774 requests in 3.05s, 14.31MB read
Requests/sec:  13352.20
"""


def test_reads_the_figures_of_a_report() -> None:
    assert parse(REPORT) == Load(40774, 13352.20, 3.81, 348.40)


@pytest.mark.parametrize(("time", "ms"), [("900.00us", 0.9), ("1.50s", 1500.0), ("2.00m", 12e4)])
def test_knows_units_of_time(time: str, ms: float) -> None:
    assert parse(REPORT.replace("348.40ms", time)).p99_ms == pytest.approx(ms)
    assert parse(REPORT.replace("3.81ms", time)).p50_ms == pytest.approx(ms)


@pytest.mark.parametrize(
    "more",
    ["  Socket errors: connect 0, read 1, write 0, timeout 0", "  Non-2xx or 3xx responses: 3"],
)
def test_a_report_with_failures_is_an_error(more: str) -> None:
    with pytest.raises(PeerError, match=more.strip()):
        parse(REPORT + more)


def test_output_without_a_report_is_an_error() -> None:
    with pytest.raises(PeerError, match="unable to connect"):
        parse("unable to connect to 127.0.0.1:1 Connection refused")
