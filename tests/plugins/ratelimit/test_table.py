"""The store of one host, used by real processes at once."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from eggd.errors import EggError
from eggd.plugins.ratelimit.gcra import count, rate
from eggd.plugins.ratelimit.table import Table
from tests.program import Program

DAY = 86_400.0
KEYS = 1024


@pytest.mark.parametrize(
    ("full_at", "now", "verdict"),
    [
        (0, 1000, (1010, 0)),  # a new key
        (1010, 1000, (1020, 0)),
        (1090, 1000, (1100, 0)),  # the last of ten at once
        (1091, 1000, (1091, 1)),
        (1100, 1000, (1100, 10)),
        (1100, 1010, (1110, 0)),  # one has become free
        (1101, 1000, (1010, 0)),  # the clock was set back
    ],
)
def test_the_algorithm(full_at: int, now: int, verdict: tuple[int, int]) -> None:
    """The new number of the key, and the ticks that a refused request has to wait."""
    assert count(full_at, now, 10, 100) == verdict


def test_a_rate_is_whole_ticks() -> None:
    assert rate(3, 1.0, 1_000_000) == (333_333, 999_999)


@contextmanager
def opened(file: Path, keys: int = KEYS) -> Iterator[Table]:
    table = Table(file, keys)
    table.open()
    try:
        yield table
    finally:
        table.close()


def allowed(table: Table, key: str, times: int, limit: int) -> int:
    each = rate(limit, DAY, Table.ticks)
    return sum([table.count(key, *each)[1] == 0 for _ in range(times)])


COUNTER = """
import sys
from pathlib import Path
from eggd.plugins.ratelimit.gcra import rate
from eggd.plugins.ratelimit.table import Table
table = Table(Path(sys.argv[1]), 1024)
table.open()
each = rate(5000, 86400.0, Table.ticks)
print(sum([table.count("key", *each)[1] == 0 for _ in range(3000)]))
"""


def test_four_processes_keep_a_limit_exactly(tmp_path: Path) -> None:
    command = [sys.executable, "-c", COUNTER, str(tmp_path / "table")]
    processes = [Program(command, stdout=subprocess.PIPE, text=True) for _ in range(4)]
    assert sum(int(each.communicate()[0]) for each in processes) == 5000


HOLDER = """
import fcntl, os, sys
fd = os.open(sys.argv[1], os.O_RDWR)
for bucket in range(128):
    fcntl.lockf(fd, fcntl.LOCK_EX, 1, bucket)
print("locked", flush=True)
sys.stdin.read()
"""


@pytest.mark.parametrize("signal_number", [signal.SIGKILL, signal.SIGSTOP])
def test_a_lock_of_a_dead_or_stopped_process_stops_no_other(
    tmp_path: Path, signal_number: int
) -> None:
    with opened(tmp_path / "table") as table:
        assert allowed(table, "a", 1, 10) == 1
        command, pipe = [sys.executable, "-c", HOLDER, str(tmp_path / "table")], subprocess.PIPE
        with Program(command, stdin=pipe, stdout=pipe, text=True) as holder:
            assert holder.stdout is not None
            assert holder.stdout.readline() == "locked\n"
            os.kill(holder.pid, signal_number)
            assert allowed(table, "a", 20, 10) == 9
            holder.kill()
        assert allowed(table, "a", 1, 10) == 0


def test_counts_survive_the_process(tmp_path: Path) -> None:
    with opened(tmp_path / "table") as table:
        assert allowed(table, "a", 3, 3) == 3
    with opened(tmp_path / "table") as table:
        assert allowed(table, "a", 1, 3) == 0
    assert (tmp_path / "table").stat().st_mode & 0o777 == 0o600


def test_many_keys_cost_no_memory_and_free_no_client_that_is_at_its_limit(tmp_path: Path) -> None:
    """A key that has used up less is replaced first."""
    with opened(tmp_path / "table") as table:
        size = (tmp_path / "table").stat().st_size
        assert size == 64 + KEYS * 24
        assert allowed(table, "busy", 101, 100) == 100
        for number in range(50 * KEYS):
            assert allowed(table, f"other {number}", 1, 100)
        assert allowed(table, "busy", 5, 100) == 0
        assert (tmp_path / "table").stat().st_size == size


@pytest.mark.parametrize("what", ["text", "link", "folder", "size"])
def test_another_file_is_an_error(tmp_path: Path, what: str) -> None:
    file = tmp_path / "table"
    if what == "text":
        file.write_text("not a table")
    elif what == "link":
        file.symlink_to("/etc/passwd")
    elif what == "folder":
        file.mkdir()
    else:
        with opened(file, 2 * KEYS):
            pass
    with pytest.raises(EggError, match="remove the file, and start again"):
        Table(file, KEYS).open()


def test_the_lock_of_a_bucket_is_given_back(tmp_path: Path) -> None:
    with opened(tmp_path / "table") as table:
        assert allowed(table, "a", 2, 10) == 2
        code = "import fcntl, sys; fcntl.lockf(open(sys.argv[1], 'r+'), fcntl.LOCK_EX | 4)"
        subprocess.run([sys.executable, "-c", code, str(tmp_path / "table")], check=True)
