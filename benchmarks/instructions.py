"""Instructions per request, counted by valgrind: the same on a busy machine as on an idle one.

The measured process calls getloadavg(3), which nothing else calls, before and after the counted
part; callgrind writes and resets its counters at each call.
"""

from __future__ import annotations

import gc
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

MARK = "getloadavg"
"""The function whose calls delimit the counted part."""
WARM_UP = 60
"""Requests before the first mark."""
REQUESTS = 300
"""Requests between the marks."""


# These two functions have the signature that benchmarks/path expects.


def serve_between_marks(name: str, feed: Callable[[int], None], _count: int) -> str:
    """Serves REQUESTS requests between two marks; returns "NAME REQUESTS".

    Runs in the process that `count` starts.
    """
    gc.collect()
    gc.disable()
    feed(WARM_UP)
    return _between_marks(name, feed, REQUESTS)


def serve_first_between_marks(name: str, feed: Callable[[int], None], _count: int) -> str:
    """Like `serve_between_marks`, for one request without warm-up."""
    return _between_marks(name, feed, 1)


def _between_marks(name: str, feed: Callable[[int], None], requests: int) -> str:
    os.getloadavg()
    feed(requests)
    os.getloadavg()
    return f"{name} {requests}"


def count(argv: list[str]) -> str:
    """Runs a process that calls `serve_between_marks` for each row; returns a line for each.

    `argv` is the command line of that process: benchmarks/path with --counted.
    """
    if shutil.which("valgrind") is None:
        sys.exit("path: --instructions needs valgrind (apt install valgrind)")
    with tempfile.TemporaryDirectory(prefix="eggd-count-") as folder:
        out = Path(folder) / "out"
        options = ["--tool=callgrind", f"--dump-before={MARK}", f"--callgrind-out-file={out}"]
        # A random seed would change the number of instructions in dicts and sets.
        environ = {**os.environ, "PYTHONHASHSEED": "1"}
        done = subprocess.run(
            ["valgrind", *options, *argv], env=environ, capture_output=True, text=True, check=False
        )
        if done.returncode:
            sys.exit(f"path: valgrind: {done.stderr.strip()[-500:]}")
        rows = [line.rsplit(maxsplit=1) for line in done.stdout.splitlines()]
        # Two marks per row: dump 2n+1 is the work before the row, 2n+2 the row.
        totals = [_total(Path(f"{out}.{2 * number + 2}")) for number in range(len(rows))]
    lines = zip(rows, totals, strict=True)
    return "\n".join(
        f"{name:7} {total / int(requests):9,.0f} instructions" for (name, requests), total in lines
    )


def _total(file: Path) -> int:
    match = re.search(r"^(?:totals|summary): (\d+)", file.read_text(), re.MULTILINE)
    if match is None:
        sys.exit(f"path: valgrind wrote no total to {file}")
    return int(match[1])
