"""The page of connection counts: slots of dead and of unresponsive workers are ignored."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from eggd.errors import ArgumentError, FileError
from eggd.http.accept_page import AcceptPage
from tests.http.workers import process

HOLD = """
import sys
from pathlib import Path
from eggd.http.accept_page import AcceptPage
page = AcceptPage(Path(sys.argv[1]), int(sys.argv[2]))
page.set(int(sys.argv[3]))
print("held", flush=True)
for line in sys.stdin:
    page.show()
    print("shown", flush=True)
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "accept"


def test_the_file_is_private_and_has_its_full_size(path: Path) -> None:
    AcceptPage(path, 1).close()
    assert (path.stat().st_mode & 0o777, path.stat().st_size) == (0o600, 4096)


@pytest.mark.parametrize(
    ("other", "own", "less"),
    [(0, 1, True), (2, 2, False), (3, 2, False), (7, 8, True), (16, 18, False), (16, 19, True)],
)
def test_less_busy_workers_have_fewer_connections_by_more_than_an_eighth(
    path: Path, other: int, own: int, less: bool
) -> None:
    page = AcceptPage(path, 2)
    with process("-c", HOLD, str(path), "999", str(other)):
        page.set(own)
        assert [*page.less_busy()] == [999] * less
    page.close()


def test_a_single_worker_sees_no_less_busy_one(path: Path) -> None:
    page = AcceptPage(path, 0)
    page.set(1000)
    assert page.less_busy() == {}
    page.close()


def test_a_dead_worker_is_ignored(path: Path) -> None:
    page = AcceptPage(path, 1)
    page.set(5)
    with process("-c", HOLD, str(path), "2", "0") as other:
        assert [*page.less_busy()] == [2]
        other.send_signal(signal.SIGKILL)
        other.wait()
        assert page.less_busy() == {}
    page.close()


def test_a_skipped_worker_counts_again_after_a_sign_of_life(path: Path) -> None:
    page = AcceptPage(path, 1)
    page.set(5)
    with process("-c", HOLD, str(path), "2", "0") as other:
        page.skip(page.less_busy())
        assert page.less_busy() == {}
        assert other.stdin is not None
        assert other.stdout is not None
        print("show", file=other.stdin, flush=True)
        assert other.stdout.readline() == "shown\n"
        assert [*page.less_busy()] == [2]
    page.close()


def test_a_slot_cannot_be_taken_twice(path: Path) -> None:
    with (
        process("-c", HOLD, str(path), "1", "0"),
        pytest.raises(FileError, match="accept, slot 1: Resource temporarily unavailable"),
    ):
        AcceptPage(path, 1)


def test_a_slot_is_free_after_a_kill(path: Path) -> None:
    with process("-c", HOLD, str(path), "1", "0") as other:
        other.kill()
    AcceptPage(path, 1).close()


def test_a_count_may_be_large_and_shown_often(path: Path) -> None:
    page = AcceptPage(path, 1)
    with process("-c", HOLD, str(path), "2", "70000") as other:
        page.set(65536)
        for _ in range(5000):
            page.show()
        assert page.less_busy() == {}
        page.set(80000)
        assert [*page.less_busy()] == [2]
        other.kill()
    page.close()


@pytest.mark.parametrize("slot", [-1, 1000])
def test_a_slot_out_of_range_is_rejected(path: Path, slot: int) -> None:
    with pytest.raises(ArgumentError, match="no accept slot for instance"):
        AcceptPage(path, slot)


def test_a_missing_directory_is_reported(tmp_path: Path) -> None:
    with pytest.raises(FileError, match=r"accept page .*: No such file or directory"):
        AcceptPage(tmp_path / "none" / "accept", 1)
