"""The disk of the log files is full, gone or read-only: the service answers, and says what is lost.

The directory of the log files is a small tmpfs in a mount namespace that only these processes see.
"""

from __future__ import annotations

import errno
import json
import os
import re
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from eggd.suite.files import STATUS
from eggd.testing.make_app import make_app
from eggd.testing.suite import Suite
from tests.cluster.clients import Client
from tests.polling import await_that
from tests.program import Program

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="mount(8) needs root")

FULL = pytest.param(10.0, marks=[pytest.mark.soak, pytest.mark.timeout(900)])
APP = {
    "app/router.py": """
        from itertools import count

        numbers = count()


        def line(ctx):
            number = next(numbers)
            ctx.app.get_logger("numbers").info("<%06d>%s", number, "x" * 200)
            ctx.body = str(number)


        def router(app):
            app.get("/", line)
    """,
    "config/config_default.py": """
        import os

        logger = {
            "dir": os.environ["LOGS_DIRECTORY"] + "/shop",
            "custom_logger": {"numbers": {"file": "numbers.log"}},
            "flush_interval": "50ms",
        }
    """,
}


class Disk:
    """A tmpfs of 512 KiB and 64 files at a directory, in a mount namespace of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        mount = f"mount -t tmpfs -o size=512k,nr_inodes=64,mode=755 tmpfs {folder}"
        self._holder = Program[bytes](
            [
                "unshare",
                "--mount",
                "--propagation=private",
                "sh",
                "-ec",
                f"{mount}; echo; exec cat",
            ],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        assert self._holder.stdout is not None
        assert self._holder.stdout.readline() == b"\n", "mount(8) has failed"
        self._enter = ["nsenter", f"--mount=/proc/{self._holder.pid}/ns/mnt", "--"]

    def close(self) -> None:
        """Ends the namespace."""
        assert self._holder.stdin is not None
        assert self._holder.stdout is not None
        self._holder.stdin.close()
        self._holder.stdout.close()
        self._holder.wait()

    @property
    def inside(self) -> Path:
        """The directory of the log files as the processes see it."""
        return Path(f"/proc/{self._holder.pid}/root{self.folder}/shop")

    def command(self, python: str, name: str) -> list[str]:
        """Returns the command of a process of the suite in this namespace."""
        role, _, slot = name.partition("-")
        return [*self._enter, python, "-P", "-m", f"eggd.process.{role}", *filter(None, [slot])]

    def run(self, *command: str) -> None:
        """Runs a command in this namespace."""
        subprocess.run([*self._enter, *command], check=True, capture_output=True)

    def numbers(self) -> list[int]:
        """Returns the numbers of the whole lines in all files, in their order."""
        files = sorted(self.inside.glob("numbers.log*"), reverse=True)
        text = "".join(file.read_text() for file in files)
        return [int(each) for each in re.findall(r"^2.* <(\d{6})>x{200}\n", text, re.MULTILINE)]


@pytest.fixture
def suite(tmp_path: Path) -> Iterator[tuple[Suite, Disk]]:
    suite = Suite(app_dir=make_app(tmp_path / "shop", APP))
    suite.open()
    try:
        disk = Disk(suite.logdir)
        try:
            suite.command = disk.command
            suite.start()
            yield suite, disk
        finally:
            for child in suite.children:
                if child.alive:
                    suite.kill(child.name)
            disk.close()
    finally:
        suite.close()


def fill(disk: Disk) -> None:
    """Leaves no room for data."""
    with (disk.inside.parent / "filler").open("wb", buffering=0) as file:
        write_until(errno.ENOSPC, lambda: file.write(bytes(4096)))


def exhaust(disk: Disk) -> None:
    """Leaves no inode for another file, and has every process open a new one."""
    folder = disk.inside.parent / "filler"
    folder.mkdir()
    names = iter(range(1000))
    write_until(errno.ENOSPC, lambda: (folder / str(next(names))).touch())
    # Only then: a flush in between must not make the new file.
    for file in disk.inside.glob("*.log"):
        file.rename(f"{file}.1")


def write_until(number: int, step: Callable[[], object]) -> None:
    with pytest.raises(OSError) as caught:  # noqa: PT011, PT012
        while True:
            step()
    assert caught.value.errno == number


def empty(disk: Disk) -> None:
    disk.run("rm", "-r", f"{disk.folder}/filler")


def make_read_only(disk: Disk) -> None:
    disk.run("mount", "-t", "tmpfs", "-o", "ro", "tmpfs", str(disk.folder))


def make_writable(disk: Disk) -> None:
    disk.run("umount", str(disk.folder))


def ask(client: Client) -> int:
    """Sends a request, which is answered with the number of its line; returns that."""
    answer = client.get("/")
    assert answer.status == 200
    return int(answer.body)


def ask_some(client: Client) -> int:
    """Sends requests whose lines fit the disk many times; returns the last number."""
    return [ask(client) for _ in range(100)][-1]


def ask_for(client: Client, seconds: float) -> None:
    """Sends requests for a time."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        ask(client)


def logs_of(suite: Suite) -> str:
    """Returns the log file that the agent's report names for worker 1, with the reason."""
    [worker] = json.loads((suite.rundir / STATUS).read_text())["workers"]
    return str(worker.get("logs", ""))


@pytest.mark.timeout(300)
@pytest.mark.parametrize("seconds", [1.0, FULL])
@pytest.mark.parametrize(
    ("damage", "repair", "reason"),
    [
        pytest.param(fill, empty, "No space left on device", id="full"),
        pytest.param(exhaust, empty, "No space left on device", id="no inode"),
        pytest.param(make_read_only, make_writable, "Read-only file system", id="read-only"),
    ],
)
def test_the_service_answers_and_counts_what_is_lost(
    suite: tuple[Suite, Disk],
    damage: Callable[[Disk], None],
    repair: Callable[[Disk], None],
    reason: str,
    seconds: float,
    figure: Callable[[str], None],
) -> None:
    """The file is reported once, and once again when it is written (process:LOG-63)."""
    running, disk = suite
    worker, file = running.worker(1), f"{disk.folder}/shop/numbers.log"
    with Client(running) as client:
        ask_some(client)
        await_that(disk.numbers, "lines on the disk")
        damage(disk)
        ask_for(client, seconds)
        ask(client)
        worker.wait_line(f"cannot write {file}: {reason}; its lines are written here instead")
        await_that(lambda: reason in logs_of(running), "the problem in the status")
        repair(disk)
        ask(client)
        back = worker.wait_line(f"{file} is written again")
        last = ask_some(client)
    assert running.stop("worker-1") == 0
    numbers = disk.numbers()
    missing = int(re.findall(r"; (\d+) lines? (?:is|are) missing in it", back)[0])
    assert numbers == sorted(set(numbers))
    assert numbers[-1] == last
    assert last + 1 - len(numbers) == missing
    assert len([line for line in worker.lines if f"cannot write {file}" in line]) == 1
    shown = {int(each) for line in worker.lines for each in re.findall(r"<(\d{6})>x{200}$", line)}
    # The last of these waited when there was room again: they are in the file, too.
    assert shown >= set(range(last + 1)) - set(numbers)
    figure(f"{reason}: {last + 1:,} requests answered, {missing:,} lines on the console alone")


def test_a_removed_directory_is_made_again(suite: tuple[Suite, Disk]) -> None:
    """The lines that were written before are gone with their file, no others."""
    running, disk = suite
    file = disk.inside / "numbers.log"
    with Client(running) as client, file.open() as removed:
        first = ask_some(client)
        disk.run("rm", "-r", f"{disk.folder}/shop")
        last = ask_some(client)
        assert first < last
        assert running.stop("worker-1") == 0
        gone = removed.read().count("\n")
    assert disk.numbers() == list(range(gone, last + 1))
