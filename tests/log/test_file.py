from __future__ import annotations

import asyncio
import errno
import os
import resource
import shutil
import stat
import threading
from collections.abc import Callable, Iterator
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
    make(path).add("new\n")
    assert path.read_text() == "old\nnew\n"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_without_a_loop_a_line_is_written_at_once(file: LogFile, path: Path) -> None:
    file.add("one\n")
    assert path.read_text() == "one\n"


def test_on_the_loop_lines_wait_for_the_interval(file: LogFile, path: Path) -> None:
    async def main() -> tuple[str, str]:
        file.add("one\n")
        file.add("two\n")
        before = os.pread(reader, 100, 0)
        await interval()
        return before.decode(), os.pread(reader, 100, 0).decode()

    reader = os.open(path, os.O_RDONLY)
    assert asyncio.run(main()) == ("", "one\ntwo\n")
    os.close(reader)


def test_no_timer_is_armed_while_nothing_waits(file: LogFile) -> None:
    async def main() -> None:
        loop = asyncio.get_running_loop()
        file.add("one\n")
        await interval()
        assert loop._scheduled == []  # type: ignore[attr-defined]

    asyncio.run(main())


def test_many_lines_do_not_wait(file: LogFile, path: Path) -> None:
    async def main() -> None:
        for number in range(11):
            file.add(f"{number}\n")

    asyncio.run(main())
    assert path.read_text().splitlines() == [str(number) for number in range(11)]


def test_lines_of_threads_are_written_by_the_loop(file: LogFile, path: Path) -> None:
    def write(name: int) -> None:
        for number in range(500):
            file.add(f"{name}-{number}\n")

    async def main() -> None:
        file.add("loop\n")
        await asyncio.gather(*(asyncio.to_thread(write, name) for name in range(4)))
        await interval()

    asyncio.run(main())
    lines = path.read_text().splitlines()
    for name in range(4):
        mine = [line for line in lines if line.startswith(f"{name}-")]
        assert mine == [f"{name}-{number}" for number in range(500)]


def test_buffered_lines_go_to_the_renamed_file(file: LogFile, path: Path) -> None:
    async def main() -> None:
        file.add("old\n")
        os.rename(path, path.with_suffix(".1"))
        file.reload()
        file.add("new\n")

    asyncio.run(main())
    file.flush()
    assert (path.with_suffix(".1").read_text(), path.read_text()) == ("old\n", "new\n")


@pytest.mark.parametrize("remove", [os.unlink, lambda path: os.rename(path, f"{path}.1")])
def test_a_rename_without_a_message_is_noticed(
    file: LogFile, path: Path, remove: Callable[[Path], None]
) -> None:
    remove(path)
    file.add("here\n")
    assert path.read_text() == "here\n"


def test_a_removed_directory_is_made_again(file: LogFile, path: Path, troubles: Troubles) -> None:
    shutil.rmtree(path.parent)
    file.add("here\n")
    assert path.read_text() == "here\n"
    assert troubles.reasons == []


def test_a_lost_directory_is_reported_once_and_recovered(
    file: LogFile, path: Path, troubles: Troubles
) -> None:
    shutil.rmtree(path.parent)
    path.parent.write_text("in the way")
    file.add("first\n")
    file.add("second\n")
    assert file.degraded == f"cannot write {path}: Not a directory"
    assert troubles.rescued == "first\n"  # later ones the loggers send to the console themselves
    path.parent.unlink()
    file.reload()
    file.add("third\n")
    assert path.read_text() == "third\n"
    assert troubles.reasons == [f"cannot write {path}: Not a directory", ""]


def test_a_full_disk_loses_one_batch(make: Make, tmp_path: Path, troubles: Troubles) -> None:
    path = tmp_path / "full.log"
    path.symlink_to("/dev/full")
    file = make(path)
    file.add("lost\n")
    assert file.degraded.endswith(os.strerror(errno.ENOSPC))
    assert troubles.rescued == "lost\n"
    path.unlink()
    file.add("kept\n")
    assert (path.read_text(), file.degraded) == ("kept\n", "")


def test_a_torn_line_is_ended_before_the_next(
    file: LogFile, path: Path, troubles: Troubles
) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (6, hard))  # write(2): as much as fits, then EFBIG
    try:
        file.add("0123456789\n")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    file.add("next\n")
    assert path.read_text() == "012345\nnext\n"
    assert troubles.rescued == "6789\n"


def test_after_close_lines_are_rescued(file: LogFile, path: Path, troubles: Troubles) -> None:
    file.close()
    file.close()
    file.add("late\n")
    assert (path.read_text(), troubles.rescued) == ("", "late\n")


def test_text_that_is_not_utf8_is_escaped(file: LogFile, path: Path) -> None:
    file.add("a\udcffb\n")
    assert path.read_text() == "a\\udcffb\n"


def test_appends_of_two_writers_do_not_mix(make: Make, path: Path) -> None:
    def write(name: str) -> None:
        file = make(path)
        for _ in range(50):
            file.add(name * 5000 + "\n")

    threads = [threading.Thread(target=write, args=(name,)) for name in "ab"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(set(path.read_text().splitlines())) == ["a" * 5000, "b" * 5000]
