from __future__ import annotations

import asyncio
import errno
import gc
import os
import resource
import shutil
import signal
import stat
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from eggd.log.file import LogFile
from eggd.log.flusher import Flusher

INTERVAL = 0.02


class Troubles:
    """Records the reported problems of a file."""

    def __init__(self) -> None:
        self.reasons: list[str] = []
        self.rescued = ""

    def changed(self, file: LogFile) -> None:
        self.reasons.append(file.degraded)

    def rescue(self, file: LogFile, text: str) -> None:
        self.rescued += text


@pytest.fixture
def troubles() -> Troubles:
    return Troubles()


Make = Callable[[Path], LogFile]


@pytest.fixture
def make(troubles: Troubles) -> Iterator[Make]:
    made: list[LogFile] = []

    def make(path: Path) -> LogFile:
        file = LogFile(path, Flusher(INTERVAL), 10, troubles)
        file.open()
        made.append(file)
        return file

    yield make
    for file in made:
        file.close()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "logs" / "a.log"


@pytest.fixture
def file(make: Make, path: Path) -> LogFile:
    return make(path)


async def interval() -> None:
    """Returns once a timer fired that was armed after the file's."""
    fired = asyncio.Event()
    asyncio.get_running_loop().call_later(INTERVAL, fired.set)
    await fired.wait()


def test_the_file_is_made_for_owner_and_group(file: LogFile, path: Path) -> None:
    old = os.umask(0o077)
    try:
        path.unlink()
        file.reload()
    finally:
        os.umask(old)
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


def test_a_file_that_is_there_keeps_its_mode_and_text(make: Make, path: Path) -> None:
    path.parent.mkdir()
    path.write_text("old\n")
    path.chmod(0o600)
    make(path).add("new")
    assert path.read_text() == "old\nnew\n"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_without_a_loop_a_line_is_written_at_once(file: LogFile, path: Path) -> None:
    file.add("one")
    assert path.read_text() == "one\n"


def test_on_the_loop_lines_wait_for_the_interval(file: LogFile, path: Path) -> None:
    async def main() -> tuple[str, str]:
        file.add("one")
        file.add("two")
        before = os.pread(reader, 100, 0)
        await interval()
        return before.decode(), os.pread(reader, 100, 0).decode()

    reader = os.open(path, os.O_RDONLY)
    assert asyncio.run(main()) == ("", "one\ntwo\n")
    os.close(reader)


def test_no_timer_is_armed_while_nothing_waits(file: LogFile) -> None:
    async def main() -> None:
        loop = asyncio.get_running_loop()
        file.add("one")
        await interval()
        assert loop._scheduled == []  # type: ignore[attr-defined]

    asyncio.run(main())


def test_many_lines_do_not_wait(file: LogFile, path: Path) -> None:
    async def main() -> None:
        for number in range(11):
            file.add(f"{number}")

    asyncio.run(main())
    assert path.read_text().splitlines() == [str(number) for number in range(11)]


@pytest.mark.parametrize("closed", [True, False])
def test_a_line_after_the_loop_does_not_wait_for_it(
    file: LogFile, path: Path, closed: bool
) -> None:
    async def main(line: str) -> None:
        file.add(line)

    loop = asyncio.new_event_loop()
    loop.run_until_complete(main("one"))
    if closed:
        loop.close()
    file.add("two")
    assert path.read_text() == "one\ntwo\n"
    loop.close()


def test_lines_wait_for_the_next_loop(file: LogFile, path: Path) -> None:
    async def main(line: str) -> None:
        file.add(line)
        await interval()

    async def leave(line: str) -> None:
        file.add(line)

    asyncio.run(leave("one"))
    asyncio.run(main("two"))
    assert path.read_text() == "one\ntwo\n"


def test_lines_of_threads_are_written_by_the_loop(file: LogFile, path: Path) -> None:
    def write(name: int) -> None:
        for number in range(500):
            file.add(f"{name}-{number}")

    async def main() -> None:
        file.add("loop")
        await asyncio.gather(*(asyncio.to_thread(write, name) for name in range(4)))
        await interval()

    asyncio.run(main())
    lines = path.read_text().splitlines()
    for name in range(4):
        mine = [line for line in lines if line.startswith(f"{name}-")]
        assert mine == [f"{name}-{number}" for number in range(500)]


def test_buffered_lines_go_to_the_renamed_file(file: LogFile, path: Path) -> None:
    """A reload writes to the old file first (process:LOG-62)."""

    async def main() -> None:
        file.add("old")
        os.rename(path, path.with_suffix(".1"))
        file.reload()
        file.add("new")

    asyncio.run(main())
    file.flush()
    assert (path.with_suffix(".1").read_text(), path.read_text()) == ("old\n", "new\n")


@pytest.mark.parametrize("remove", [os.unlink, lambda path: os.rename(path, f"{path}.1")])
def test_a_rename_without_a_message_is_noticed(
    file: LogFile, path: Path, remove: Callable[[Path], None]
) -> None:
    """A flush compares the inode (process:ROT-10)."""
    remove(path)
    file.add("here")
    assert path.read_text() == "here\n"


def test_a_removed_directory_is_made_again(file: LogFile, path: Path, troubles: Troubles) -> None:
    """A missing directory is created (process:LOG-67)."""
    shutil.rmtree(path.parent)
    file.add("here")
    assert path.read_text() == "here\n"
    assert troubles.reasons == []


def test_a_lost_directory_is_reported_once_and_recovered(
    file: LogFile, path: Path, troubles: Troubles
) -> None:
    shutil.rmtree(path.parent)
    path.parent.write_text("in the way")
    file.add("first")
    file.add("second")
    assert file.degraded == f"cannot write {path}: Not a directory"
    assert troubles.rescued == "first\n"  # later ones the loggers send to the console themselves
    path.parent.unlink()
    file.reload()
    file.add("third")
    assert path.read_text() == "third\n"
    assert troubles.reasons == [f"cannot write {path}: Not a directory", ""]


def test_a_file_that_can_be_opened_again_needs_no_line_for_it(
    file: LogFile, path: Path, troubles: Troubles
) -> None:
    """Its owner asks from time to time: a rarely used log would stay a problem for days."""
    shutil.rmtree(path.parent)
    path.parent.touch()
    file.add("lost")
    file.recover()
    assert file.degraded
    path.parent.unlink()
    file.recover()
    assert (file.degraded, troubles.reasons[1:]) == ("", [""])
    file.add("kept")
    assert path.read_text() == "kept\n"


def test_a_full_disk_loses_one_batch(make: Make, tmp_path: Path, troubles: Troubles) -> None:
    path = tmp_path / "full.log"
    path.symlink_to("/dev/full")
    file = make(path)
    file.add("lost")
    assert file.degraded.endswith(os.strerror(errno.ENOSPC))
    assert troubles.rescued == "lost\n"
    path.unlink()
    file.add("kept")
    assert (path.read_text(), file.degraded) == ("kept\n", "")


@contextmanager
def file_size_limit(size: int) -> Iterator[None]:
    """Limits the size of files: write(2) stores what fits, then fails with EFBIG."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.parametrize(
    ("size", "content", "rescued", "missing"),
    [
        (0, "", "one\ntwo\n", 2),
        (2, "on\n", "one\ntwo\n", 2),
        (4, "one\n", "two\n", 1),
        (6, "one\ntw\n", "two\n", 1),
    ],
)
def test_a_torn_line_is_ended_before_the_next(
    file: LogFile,
    path: Path,
    troubles: Troubles,
    size: int,
    content: str,
    rescued: str,
    missing: int,
) -> None:
    """The whole line is shown on the console, and counts as missing once."""
    with file_size_limit(size):
        file.add("one\ntwo")
        assert (troubles.rescued, file.missing) == (rescued, missing)
        file.add("three")
        assert file.missing == missing + 1
    file.add("next")
    assert path.read_text() == f"{content}next\n"


def test_after_close_lines_are_rescued(file: LogFile, path: Path, troubles: Troubles) -> None:
    file.close()
    file.close()
    file.add("late")
    assert (path.read_text(), troubles.rescued) == ("", "late\n")


def test_text_that_is_not_utf8_is_escaped(file: LogFile, path: Path) -> None:
    file.add("a\udcffb")
    assert path.read_text() == "a\\udcffb\n"


def test_appends_of_two_writers_do_not_mix(make: Make, path: Path) -> None:
    def write(name: str) -> None:
        file = make(path)
        for _ in range(50):
            file.add(name * 5000)

    threads = [threading.Thread(target=write, args=(name,)) for name in "ab"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(set(path.read_text().splitlines())) == ["a" * 5000, "b" * 5000]


def test_a_full_disk_is_reported_once_and_its_lines_are_counted(
    file: LogFile, path: Path, troubles: Troubles, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A little room that comes and goes does not count as recovery (process:LOG-63)."""
    room = [0]
    write = os.write

    def full(fd: int, data: bytes) -> int:
        if room[0] < 1000:
            raise OSError(errno.ENOSPC, "No space left on device")
        return write(fd, data)

    def disk(fd: int) -> os.statvfs_result:
        return os.statvfs_result((1, 1, 10_000, room[0], room[0], 0, 0, 0, 0, 255))

    monkeypatch.setattr(os, "write", full)
    monkeypatch.setattr(os, "fstatvfs", disk)
    for room[0] in (0, 10, 499, 0, 499):
        file.add("lost")
    assert (len(troubles.reasons), file.missing, troubles.rescued) == (1, 5, "lost\n")
    file.recover()
    assert file.degraded
    room[0] = 1000
    file.recover()
    assert (file.degraded, file.missing) == ("", 0)
    file.add("again")
    assert (troubles.reasons[1:], file.missing, path.read_text()) == ([""], 0, "again\n")


def test_a_log_call_inside_of_a_write(make: Make, path: Path) -> None:
    """A signal handler or `__del__` may log during a write of its thread (known:KO-33)."""
    file = make(path)

    class Late:
        def __del__(self) -> None:
            file.add("from del")

    def interrupt(signal: int, frame: object) -> None:
        file.add("from signal")

    former = signal.signal(signal.SIGALRM, interrupt)
    limit = signal.setitimer(signal.ITIMER_REAL, 0.0005, 0.0005)  # of the test (tests/deadline.py)
    try:
        for number in range(300):
            circle: list[object] = [Late()]
            circle.append(circle)
            del circle
            file.add(f"line {number:04d}")
            if number % 100 == 0:
                gc.collect()
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, former)
        signal.setitimer(signal.ITIMER_REAL, *limit)
    gc.collect()
    file.flush()
    lines = path.read_text().splitlines()
    assert [line for line in lines if line.startswith("line")] == [
        f"line {number:04d}" for number in range(300)
    ]
    assert set(lines) - {f"line {number:04d}" for number in range(300)} <= {
        "from del",
        "from signal",
    }
    assert lines.count("from del") == 300
