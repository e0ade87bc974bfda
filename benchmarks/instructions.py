"""Instructions per request, counted by valgrind: the same on a busy machine as on an idle one.

The counted process marks its places by a function of the C library that nothing else calls;
valgrind writes down at each call how much was counted since the one before.
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
WARM_UP = 60
COUNTED = 300


def counted(name: str, feed: Callable[[int], None], _count: int) -> str:
    """Serves COUNTED requests between two marks, in a process under `count`; returns a name and
    their number."""
    gc.collect()
    gc.disable()
    feed(WARM_UP)
    return _between_marks(name, feed, COUNTED)


def counted_first(name: str, feed: Callable[[int], None], _count: int) -> str:
    """Does the same for one request, without a warm-up."""
    return _between_marks(name, feed, 1)


def _between_marks(name: str, feed: Callable[[int], None], requests: int) -> str:
    os.getloadavg()
    feed(requests)
    os.getloadavg()
    return f"{name} {requests}"


def count(argv: list[str]) -> str:
    """Runs a process that calls `counted` for each row; returns a line for each."""
    if shutil.which("valgrind") is None:
        sys.exit("bench: --instructions needs valgrind (apt install valgrind)")
    with tempfile.TemporaryDirectory(prefix="eggd-count-") as folder:
        out = Path(folder) / "out"
        options = ["--tool=callgrind", f"--dump-before={MARK}", f"--callgrind-out-file={out}"]
        environ = {**os.environ, "PYTHONHASHSEED": "1"}
        done = subprocess.run(
            ["valgrind", *options, *argv], env=environ, capture_output=True, text=True, check=False
        )
        if done.returncode:
            sys.exit(f"bench: valgrind: {done.stderr.strip()[-500:]}")
        rows = [line.split() for line in done.stdout.splitlines()]
        totals = [_total(Path(f"{out}.{2 * number + 2}")) for number in range(len(rows))]
    lines = zip(rows, totals, strict=True)
    return "\n".join(
        f"{name:7} {total / int(requests):9,.0f} instructions" for (name, requests), total in lines
    )


def _total(file: Path) -> int:
    found = re.search(r"^(?:totals|summary): (\d+)", file.read_text(), re.MULTILINE)
    if found is None:
        sys.exit(f"bench: valgrind wrote no total to {file}")
    return int(found[1])
