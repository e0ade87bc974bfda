"""Full queues, exhausted limits and closed directories: nothing is lost without a line."""

from __future__ import annotations

import os
import queue
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path
from textwrap import dedent

import pytest

from eggd.testing.make_app import make_app
from eggd.watching.change import FileChange
from eggd.watching.kernel import value_of
from eggd.watching.mounts import Mounts
from eggd.watching.watching import Watching
from tests.house.imports import ROOT
from tests.program import Program
from tests.watching.observed import observed


def test_a_queue_that_overflows_loses_no_change(tmp_path: Path) -> None:
    """The kernel drops events; the comparison of everything finds the changes (known:KO-26)."""
    events = value_of("fs.inotify.max_queued_events")
    if events > 200_000:
        pytest.skip(f"fs.inotify.max_queued_events={events}: to fill that queue takes too long")
    gate, blocked = threading.Event(), threading.Event()
    seen: queue.SimpleQueue[FileChange] = queue.SimpleQueue()

    def changed(changes: list[FileChange]) -> None:
        blocked.set()
        gate.wait(30)
        for change in changes:
            seen.put(change)

    folders = [tmp_path / f"a/{number}" for number in range(2)]
    for folder in folders:
        folder.mkdir(parents=True)
    problems: queue.SimpleQueue[str] = queue.SimpleQueue()
    watching = Watching(changed, problems.put)
    watching.watch([f"{tmp_path}/a"])
    done = threading.Event()
    watching.watch([], done.set)
    assert done.wait(30)
    (tmp_path / "a/first").touch()
    assert blocked.wait(30)
    for _ in range(events // 2 + 1):  # a rename back and forth: two events, and no file more
        os.rename(folders[0], tmp_path / "a/x")
        os.rename(tmp_path / "a/x", folders[0])
    (folders[1] / "lost").touch()
    gate.set()
    paths = set[str]()
    while f"{folders[1]}/lost" not in paths:
        paths.add(seen.get(timeout=30).path)
    watching.close()
    assert problems.get().startswith(f"fs.inotify.max_queued_events={events} is reached")


def limited(tmp_path: Path, watches: int, instances: int, options: str = "") -> list[str]:
    """Runs a process with these limits of the kernel; returns its changes and problems."""
    make_app(tmp_path, {f"a/{number}/f": "1" for number in range(9)})
    script = f"""
        import queue, threading
        from eggd.watching.watching import Watching
        news = queue.SimpleQueue()
        watching = Watching(news.put, lambda text: print(text, flush=True){options})
        done = threading.Event()
        watching.watch(["{tmp_path}/a"], done.set)
        done.wait()
        for number in range(9):
            with open(f"{tmp_path}/a/{{number}}/f", "w") as file:
                file.write("22")
        seen = set()
        while len(seen) < {9 if options else 0}:
            seen.update(change.path for change in news.get(timeout=30))
        watching.close()
        print(len(seen), "changes")
        """
    limits = (
        f"echo {watches} > /proc/sys/user/max_inotify_watches;"
        f"echo {instances} > /proc/sys/user/max_inotify_instances;"
    )
    command = f'{limits} exec "$0" -c "$1"'
    user = ("unshare", "--user", "--map-root-user")
    done = subprocess.run(
        [*user, "sh", "-ec", command, sys.executable, dedent(script)],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    return done.stdout.splitlines()


@pytest.mark.parametrize(
    ("watches", "instances", "sysctl"),
    [(5, 1, "fs.inotify.max_user_watches"), (100, 0, "fs.inotify.max_user_instances")],
)
def test_a_limit_of_the_kernel_is_one_line(
    tmp_path: Path, watches: int, instances: int, sysctl: str
) -> None:
    """The line names the sysctl; with `poll_interval` nothing is missed (known:KO-31)."""
    line, count = limited(tmp_path, watches, instances)
    assert line.startswith(f"{sysctl}=")
    assert "are not watched" in line
    assert f"run sysctl -w {sysctl}=" in line
    assert count == "0 changes"
    line, count = limited(tmp_path, watches, instances, ", poll_interval=0.1")
    assert "are compared every 0.1 s instead" in line
    assert count == "9 changes"


@pytest.fixture
def open_path() -> Iterator[Path]:
    """A directory that other users can reach; those of pytest are closed to them."""
    with tempfile.TemporaryDirectory(prefix="egg-") as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


def test_a_directory_that_may_not_be_read_is_one_line(open_path: Path) -> None:
    """The line names the path; the rest is watched, and the directory when it is opened."""
    make_app(open_path, {"a/closed/f": "1", "a/open/f": "1"})
    closed = open_path / "a/closed"
    script = f"""
        import os, queue, threading
        from eggd.watching.watching import Watching
        if os.geteuid() == 0:
            os.seteuid(65534)
        news = queue.SimpleQueue()
        watching = Watching(news.put, lambda text: print(text, flush=True))
        done = threading.Event()
        watching.watch(["{open_path}/a"], done.set)
        done.wait()
        print("watched", flush=True)
        for _ in range(2):
            for change in news.get(timeout=30):
                print(change.event, change.path, flush=True)
        watching.close()
        """
    closed.chmod(0)
    process = Program(
        [sys.executable, "-c", dedent(script)],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    with process, process.stdout as lines:
        assert lines.readline() == f"{closed} cannot be watched: Permission denied\n"
        assert lines.readline() == "watched\n"
        (open_path / "a/open/f").write_text("22")
        assert lines.readline() == f"modified {open_path}/a/open/f\n"
        closed.chmod(0o755)
        assert lines.readline() == f"created {closed}/f\n"


def test_too_many_files_are_one_line(tmp_path: Path) -> None:
    """A limit bounds the memory; what is below it goes on."""
    make_app(tmp_path, {f"a/{number}": "1" for number in range(20)})
    with observed(tmp_path, "a", most=10) as it:
        line = it.problems.get(timeout=30)
        assert line == "more than 10 files and directories: the rest is not watched"
        for number in range(20):
            (tmp_path / f"a/{number}").write_text("22")
        assert len(it.next()) == 9
        assert it.problems.empty()


def test_the_root_directory_is_refused(tmp_path: Path) -> None:
    with observed(tmp_path, "../../../../../../../..") as it:
        assert it.problems.get(timeout=30).startswith("/ cannot be watched: ")


def test_an_exception_of_the_receiver_is_one_line(tmp_path: Path) -> None:
    """The thread goes on."""
    problems: queue.SimpleQueue[str] = queue.SimpleQueue()
    calls: queue.SimpleQueue[int] = queue.SimpleQueue()

    def changed(changes: list[FileChange]) -> None:
        calls.put(len(changes))
        raise ValueError("broken")

    watching = Watching(changed, problems.put)
    done = threading.Event()
    watching.watch([f"{tmp_path}/a"], done.set)
    assert done.wait(30)
    for _ in range(2):
        (tmp_path / "a").mkdir()
        calls.get(timeout=30)
        (tmp_path / "a").rmdir()
        calls.get(timeout=30)
    watching.close()
    text = "watching files failed, and goes on: ValueError('broken')"
    assert [problems.get(), problems.empty()] == [text, True]


def test_a_directory_that_is_made_anew_again_and_again(tmp_path: Path) -> None:
    """Later files are reported, and no watch is left (known:KO-30)."""

    def watches() -> int:
        it.settle()
        files = Path(f"/proc/{os.getpid()}/fdinfo").iterdir()
        return max(file.read_text().count("inotify wd:") for file in files if file.exists())

    make_app(tmp_path, {"a/b/f": "1"})
    with observed(tmp_path, "a", "end", debounce=0.001) as it:
        before = watches()
        for _ in range(200):
            shutil.rmtree(tmp_path / "a/b")
            make_app(tmp_path, {"a/b/f": "1"})
        make_app(tmp_path, {"a/b/x": "1"})
        it.until("created a/b/x")
        make_app(tmp_path, {"end": "1"})
        it.until("created end")
        assert watches() == before


def test_a_file_system_without_events_is_polled(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A line names it, and a change is found without its event (known:KO-32)."""
    make_app(tmp_path, {"a/f": "1"})
    monkeypatch.setattr(Mounts, "deaf_type", lambda self, device: "9p")
    with observed(tmp_path, "a", poll_interval=0.02, debounce=3600.0) as it:
        line = f"{tmp_path}/a is on 9p, which does not report all changes: its files are"
        assert it.problems.get() == f"{line} compared every 0.02 s, too"
        for number in range(3):
            (tmp_path / "a/f").write_text("1" * (number + 2))
            assert it.next() == ["modified a/f"]


def test_the_type_of_a_file_system(tmp_path: Path) -> None:
    """The file systems of this machine report their changes."""
    assert Mounts().deaf_type(tmp_path.stat().st_dev) == ""
    assert Mounts().deaf_type(os.makedev(4095, 4095)) == ""


def test_a_file_of_a_lower_overlay_layer(tmp_path: Path) -> None:
    """A write through the merged directory is seen (known:KO-32)."""
    script = f"""
        import queue, threading
        from eggd.watching.watching import Watching
        news, done = queue.SimpleQueue(), threading.Event()
        watching = Watching(news.put, print)
        watching.watch(["{tmp_path}/merged"], done.set)
        done.wait()
        for _ in range(2):
            with open("{tmp_path}/merged/f", "a") as file:
                file.write("more")
            print(news.get(timeout=30)[0].event)
        watching.close()
        """
    mount = (
        'mount -t tmpfs tmpfs "$2"; cd "$2"; mkdir low up work merged; echo 1 > low/f;'
        "mount -t overlay overlay -o lowerdir=low,upperdir=up,workdir=work merged;"
        'exec "$0" -c "$1"'
    )
    user = () if os.geteuid() == 0 else ("--user", "--map-root-user")
    done = subprocess.run(
        [
            *("unshare", *user, "--mount", "sh", "-ec", mount),
            *(sys.executable, dedent(script), str(tmp_path)),
        ],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    assert done.stdout.split() == ["modified", "modified"]
