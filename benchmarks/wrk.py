"""One run of wrk and what it reports. Anything but whole 2xx answers is an error, not a figure."""

from __future__ import annotations

import re
import subprocess
from dataclasses import dataclass

CONNECTIONS = 64
THREADS = 2
_UNIT_MS = {"us": 0.001, "ms": 1.0, "s": 1000.0, "m": 60_000.0}


class LoadError(Exception):
    """Raised when requests failed: a rate of failures says nothing."""


@dataclass(frozen=True)
class Load:
    """What wrk saw."""

    requests: int
    """Answers within the window."""
    per_second: float
    """Answers per second."""
    p99_ms: float
    """99 of 100 answers came within this."""


def load(url: str, seconds: float) -> Load:
    """Run wrk for whole `seconds`; LoadError if any answer was not 2xx or any socket failed."""
    argv = ["wrk", f"-t{THREADS}", f"-c{CONNECTIONS}", f"-d{seconds:g}s", "--latency", url]
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    return parse(done.stdout + done.stderr)


def parse(report: str) -> Load:
    """Return the figures of wrk's report."""
    for failed in ("Socket errors:", "Non-2xx or 3xx responses:"):
        if failed in report:
            raise LoadError(next(line.strip() for line in report.splitlines() if failed in line))
    requests = re.search(r"(\d+) requests in", report)
    rate = re.search(r"Requests/sec:\s+([\d.]+)", report)
    p99 = re.search(r"99%\s+([\d.]+)(us|ms|s|m)\b", report)
    if requests is None or rate is None or p99 is None:
        raise LoadError(f"wrk said: {report.strip()!r}")
    return Load(int(requests[1]), float(rate[1]), float(p99[1]) * _UNIT_MS[p99[2]])
