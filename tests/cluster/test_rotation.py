"""Agent and workers write two logs while these are rotated by size and by day, and compressed.

One worker is stopped meanwhile, and the agent is killed in the middle of a rotation.
"""

from __future__ import annotations

import datetime as dt
import gzip
import os
import re
import signal
import struct
import subprocess
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent

import pytest

from eggd.cli.logview.folder import log_files
from eggd.control import AGENT
from eggd.control.client import ask
from eggd.errors import ControlError
from eggd.testing.suite import Suite
from tests.cluster.conftest import Start
from tests.house.imports import ROOT
from tests.polling import await_that

RATE = 2000
"""Lines of each process per second."""
SHORT, LONG, LONG_EVERY = 200, 9000, 100
"""Bytes of a line, of a long one, and how many lines there are for one of these."""
STOPPED = 3
"""Seconds for which a worker is stopped."""
FULL = pytest.param(60, marks=[pytest.mark.soak, pytest.mark.timeout(900)])

WRITER = f"""
    import asyncio
    import datetime as dt
    import mmap
    import os
    import struct
    import sys
    import time
    from pathlib import Path

    from eggd import Boot


    class WriterBoot(Boot):
        def config_did_load(self):
            self.is_writing, self.is_enough = False, False
            messenger = self.app.messenger
            messenger.on("write", self.write).on("enough", self.enough)
            if self.app.type == "agent":
                messenger.on_request("tell", lambda action: messenger.broadcast(action) and None)
                messenger.on_request("rotate", self.rotate)

        async def write(self, _):
            if self.is_writing:
                return
            self.is_writing, number, began = True, 0, time.monotonic()
            counter = self.counter()
            while not self.is_enough:
                while number < (time.monotonic() - began) * {RATE}:
                    counter[:8] = struct.pack("<Q", number + 1)
                    self.line(number)
                    number += 1
                    if number % 100 == 0:
                        await asyncio.sleep(0)
                await asyncio.sleep(0.01)
            self.app.loggers.flush()
            print("written", file=sys.stderr, flush=True)

        def counter(self):
            file = Path(os.environ["COUNTS"], str(os.getpid()))
            file.write_bytes(bytes(8))
            with file.open("r+b") as stream:
                return mmap.mmap(stream.fileno(), 8)

        def line(self, number):
            size = {LONG} if number % {LONG_EVERY} == 0 else {SHORT}
            name = "daily" if number % 2 else "sized"
            text = f"<{{os.getpid()}} {{number}}>"
            self.app.get_logger(name).info("%s%s", text, "x" * (size - len(text)))

        def enough(self, _):
            self.is_enough = True

        async def rotate(self, day):
            await self.app.logrotator.rotate(dt.datetime.fromisoformat(day))
"""

FILES = {
    "app.py": WRITER,
    "agent.py": WRITER,
    "config/config_default.py": """
        logger = {"custom_logger": {name: {"file": f"{name}.log"} for name in ("daily", "sized")}}
        logrotator = {
            "files_rotate_by_size": ["sized.log"],
            "max_file_size": 1 << 20,
            "max_files": 1000,
            "rotate_duration": 1,
            "max_days": 0,
            "gzip": True,
        }
    """,
}


@dataclass(frozen=True, slots=True)
class Scene:
    """A suite that writes, with the counter of each process in shared memory."""

    suite: Suite
    counts: Path

    def request(self, action: str, data: str) -> None:
        """Has the agent do something, and waits for its end."""
        request = {"command": "request", "action": action, "data": data}
        ask(self.suite.rundir, request, lambda text: None, 60, file=AGENT)

    def count(self, pid: int) -> int:
        """The lines that a process has logged, also if it was killed."""
        file = self.counts / str(pid)
        [count] = struct.unpack("<Q", file.read_bytes()) if file.exists() else [0]
        return int(count)

    def await_lines(self, more: int) -> None:
        """Waits until worker 1 has logged `more` further lines."""
        pid = self.suite.worker(1).pid
        goal = self.count(pid) + more
        await_that(lambda: self.count(pid) >= goal, f"{more} more lines")

    def kill_agent_while_rotating(self, day: str) -> int:
        """Kills the agent between its renames and the last answer: worker 2 is stopped and cannot
        answer. Returns the pid."""
        suite = self.suite
        pid, stopped = suite.agent.pid, suite.worker(2).pid
        os.kill(stopped, signal.SIGSTOP)
        with ThreadPoolExecutor() as pool:
            rotating = pool.submit(self.request, "rotate", f"{day}T23:59:00")
            await_that((suite.logdir / f"daily.log.{day}").exists, "renamed file")
            suite.kill("agent")
            with pytest.raises(ControlError):
                rotating.result()
        suite.spawn("agent").wait_ready()
        self.request("tell", "write")
        self.await_lines(STOPPED * RATE)
        os.kill(stopped, signal.SIGCONT)
        return pid


def texts(logdir: Path, name: str) -> Iterator[str]:
    """Yields the lines of a log, those of the oldest file first."""
    [log] = [log for log in log_files(logdir) if log.name == name]
    for file in [each.path for each in (*log.renamed, log.current)]:
        with gzip.open(file, "rt") if file.suffix == ".gz" else file.open("rt") as lines:
            yield from lines


def written(logdir: Path) -> dict[int, dict[str, list[int]]]:
    """Returns the numbers in each log by process; each line has its length, and no other text."""
    numbers: dict[int, dict[str, list[int]]] = defaultdict(lambda: {"daily": [], "sized": []})
    for name, of_process in (("daily", 1), ("sized", 0)):
        for line in texts(logdir, f"{name}.log"):
            match = re.fullmatch(r".{23} INFO (\d+) (<\1 (\d+)>x+)\n", line)
            assert match, line[:300]
            number = int(match[3])
            assert len(match[2]) == (SHORT if number % LONG_EVERY else LONG)
            assert number % 2 == of_process
            numbers[int(match[1])][name].append(number)
    return dict(numbers)


def rotated_and_open(suite: Suite) -> list[str]:
    """Returns the descriptors of renamed or removed log files that processes of the suite have."""
    folders = [Path(f"/proc/{child.pid}/fd") for child in suite.children]
    links = [link_of(each) for folder in folders for each in folder.iterdir()]
    return [link for link in links if str(suite.logdir) in link and not link.endswith(".log")]


def link_of(descriptor: Path) -> str:
    """Returns the file of a descriptor in /proc, "" once it is closed."""
    try:
        return os.readlink(descriptor)
    except FileNotFoundError:
        return ""


def logrotate(suite: Suite, folder: Path) -> None:
    """Runs Debian's logrotate with the shipped example, changed for this suite alone."""
    text = (ROOT / "docs/logrotate").read_text()
    for former, new in {
        "/var/log/eggd": str(suite.logdir),
        "\tsu eggd adm\n": "",
        "systemctl --quiet is-active egg-agent.service": "true",
        "eggd logs": f"{sys.executable} -P -m eggd logs",
    }.items():
        assert former in text
        text = text.replace(former, new)
    config = folder / "logrotate.conf"
    config.write_text(text)
    config.chmod(0o644)
    own = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        ["logrotate", "--force", "--state", folder / "state", config],
        env={**own, "RUNTIME_DIRECTORY": str(suite.rundir)},
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.timeout(300)
def test_logrotate_loses_no_line(start: Start, tmp_path: Path) -> None:
    """The processes reopen on `eggd logs reopen`; the files are numbered and compressed."""
    (tmp_path / "counts").mkdir()
    off = "logrotator = dict(disable_rotate_by_day=True, max_days=0)\n"
    config = FILES["config/config_default.py"].partition("logrotator")[0].rstrip()
    files = {**FILES, "config/config_default.py": f"{dedent(config)}\n{off}"}
    suite = start(workers=2, files=files, COUNTS=str(tmp_path / "counts"))
    suite.agent.wait(lambda child: child.status.startswith("ready: 2"), "two members")
    scene = Scene(suite, tmp_path / "counts")
    scene.request("tell", "write")
    current = [suite.logdir / f"{name}.log" for name in ("daily", "sized")]
    for _ in range(3):
        await_that(lambda: all(path.stat().st_size for path in current), "lines in both files")
        logrotate(suite, tmp_path)
        assert rotated_and_open(suite) == []
    scene.request("tell", "enough")
    for child in suite.children:
        child.wait_line("written")
    pids = [child.pid for child in suite.children]
    for child in reversed(suite.children):
        assert suite.stop(child.name) == 0
    assert {path.name for path in suite.logdir.glob("daily.log*")} == {
        *("daily.log", "daily.log.1", "daily.log.2.gz", "daily.log.3.gz"),
    }
    assert written(suite.logdir) == {pid: whole(scene.count(pid)) for pid in pids}


def whole(count: int) -> dict[str, list[int]]:
    """Returns the numbers in each log of a process that has logged `count` lines."""
    return {"daily": list(range(1, count, 2)), "sized": list(range(0, count, 2))}


@pytest.mark.timeout(300)
@pytest.mark.parametrize("seconds", [5, FULL])
def test_every_line_exactly_once(
    start: Start, tmp_path: Path, seconds: int, figure: Callable[[str], None]
) -> None:
    """Whole and in order per process; of a killed one all but the last (process:ROT-10, ROT-11,
    LOG-65)."""
    counts = tmp_path / "counts"
    counts.mkdir()
    suite = start(workers=4, files=FILES, COUNTS=str(counts))
    suite.agent.wait(lambda child: child.status.startswith("ready: 4"), "four members")
    scene, killed = Scene(suite, counts), 0
    scene.request("tell", "write")
    scene.await_lines(1)
    for second in range(seconds):
        if second == seconds // 2:
            killed = scene.kill_agent_while_rotating("2020-02-01")
        else:
            year = 2020 if second < seconds // 2 else 2040
            scene.request("rotate", f"{dt.date(year, 1, 1) + dt.timedelta(second)}T23:59:00")
        scene.await_lines(RATE)
    scene.request("tell", "enough")
    for child in suite.children:
        child.wait_line("written")
    await_that(lambda: not rotated_and_open(suite), "end of writing to rotated files")
    pids = [child.pid for child in suite.children]
    for child in reversed(suite.children):
        assert suite.stop(child.name) == 0
    numbers = written(suite.logdir)
    assert sorted(numbers) == sorted([*pids, killed])
    for pid in pids:
        assert numbers[pid] == whole(scene.count(pid))
    last = numbers[killed]
    assert last == {
        "daily": list(range(1, 2 * len(last["daily"]), 2)),
        "sized": list(range(0, 2 * len(last["sized"]), 2)),
    }
    total = sum(scene.count(pid) for pid in (*pids, killed))
    lost = scene.count(killed) - len(last["daily"]) - len(last["sized"])
    assert lost >= 0
    files = len(list(suite.logdir.glob("*.gz")))
    figure(
        f"{total:,} lines of 6 processes, {files} rotated files: each exactly once, except {lost:,}"
        " that the killed agent had in memory"
    )
