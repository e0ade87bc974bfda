"""One run of wrk and what it reports. Anything but whole 2xx answers is an error, not a figure."""

from __future__ import annotations

import os
import re
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from benchmarks.install import PeerError

CONNECTIONS = 64
THREADS = 2
TIMEOUT = 10
"""Seconds after which wrk calls a request failed: a busy machine may stall a peer for a second."""
_SCRIPT = Path(__file__).resolve().parent / "echo.lua"
_UNIT_MS = {"us": 0.001, "ms": 1.0, "s": 1000.0, "m": 60_000.0}


@dataclass(frozen=True)
class Load:
    """The figures that wrk reports."""

    requests: int
    """Answers within the window."""
    per_second: float
    """Answers per second."""
    p50_ms: float
    """Half of the answers came within this."""
    p99_ms: float
    """99 of 100 answers came within this."""


def load(
    url: str,
    seconds: float,
    body: str = "",
    halfway: Callable[[], None] = lambda: None,
    header: str = "",
    connections: int = CONNECTIONS,
) -> Load:
    """Asks for `seconds`, GET or POST `body`, and calls `halfway` in the middle.

    `header` is one more line of each request, like `Connection: close`.

    Raises PeerError if any answer was not 2xx or any socket failed.
    """
    argv = ["wrk", f"-t{THREADS}", f"-c{connections}", f"-d{max(1, round(seconds))}s", "--latency"]
    argv += [f"--timeout={TIMEOUT}s", *(["-s", str(_SCRIPT)] if body else [])]
    argv += [*(["-H", header] if header else []), url]
    environ = {**os.environ, "BENCH_BODY": body}
    with subprocess.Popen(
        argv, env=environ, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as running:
        time.sleep(seconds / 2)
        halfway()
        report, _ = running.communicate()
    return parse(report)


def parse(report: str) -> Load:
    """Returns the figures of wrk's report."""
    for failed in ("Socket errors:", "Non-2xx or 3xx responses:"):
        if failed in report:
            raise PeerError(next(line.strip() for line in report.splitlines() if failed in line))
    requests = re.search(r"(\d+) requests in", report)
    rate = re.search(r"Requests/sec:\s+([\d.]+)", report)
    halves = {share: re.search(rf"{share}%\s+([\d.]+)(us|ms|s|m)\b", report) for share in (50, 99)}
    if requests is None or rate is None or halves[50] is None or halves[99] is None:
        raise PeerError(f"wrk said: {report.strip()!r}")
    p50, p99 = (float(match[1]) * _UNIT_MS[match[2]] for match in halves.values() if match)
    return Load(int(requests[1]), float(rate[1]), p50, p99)
