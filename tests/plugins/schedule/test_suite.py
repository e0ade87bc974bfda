"""Jobs in real processes, which are killed meanwhile."""

from __future__ import annotations

import json
import random
import re
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from eggd.testing.make_app import make_app
from eggd.testing.suite import AGENT, Suite
from tests.polling import await_that

pytestmark = pytest.mark.xdist_group("schedule_suite")

CONFIG = "logger = {'buffer': False}\nclose_timeout = 1\n"
TICK = """
    import asyncio

    schedule = {"type": "worker", "cron": "* * * * * *"}

    async def task(ctx):
        await asyncio.sleep(0.2)
"""
ONCE = 'schedule = {"type": "all", "immediate": True}\ndef task(ctx): ...\n'
LONG = """
    import asyncio
    import os
    from pathlib import Path

    schedule = {"type": "worker", "interval": "1h", "immediate": True, "overlap": "queue"}

    async def task(ctx):
        folder = Path(os.environ["STATE_DIRECTORY"])
        (folder / "begun").touch()
        beats = 0
        while not (folder / "gate").exists():
            await asyncio.sleep(0.02)
            beats += 1
            (folder / "beats").write_text(str(beats))
"""


@pytest.fixture
def suite_of(tmp_path: Path) -> Iterator[Callable[..., Suite]]:
    """Returns a function that starts a suite of jobs; all are closed afterwards."""
    suites: list[Suite] = []

    def start(jobs: dict[str, str], workers: int = 2) -> Suite:
        files = {f"app/schedule/{name}.py": source for name, source in jobs.items()}
        base_dir = make_app(tmp_path / "shop", {**files, "config/config_default.py": CONFIG})
        suite = Suite(app_dir=base_dir, workers=workers).__enter__()
        suites.append(suite)
        return suite

    yield start
    for suite in suites:
        suite.close()


def log_of(suite: Suite) -> str:
    """Returns the log of schedules."""
    file = suite.logdir / "egg-schedule.log"
    return file.read_text() if file.exists() else ""


def await_log(suite: Suite, pattern: str, count: int = 1) -> None:
    """Waits for lines of the log of schedules."""
    await_that(lambda: len(re.findall(pattern, log_of(suite))) >= count, pattern)


def await_beats(suite: Suite, more: int) -> None:
    """Waits until the long job has gone on for `more` turns, of 20 ms at least."""
    file = suite.logdir / "beats"
    begun = beats_in(file)
    await_that(lambda: beats_in(file) >= begun + more, "beats of the job")


def beats_in(file: Path) -> int:
    """Returns the number that the long job has written, 0 before and while it writes."""
    return int(file.read_text() or 0) if file.exists() else 0


def test_all_runs_once_in_every_worker_and_not_again(suite_of: Callable[..., Suite]) -> None:
    """`immediate` runs once, whatever becomes of the agent (process:SCH-20, SCH-25)."""
    suite = suite_of({"once": ONCE})
    await_log(suite, "execute succeed", 2)
    suite.kill(AGENT)
    suite.spawn(AGENT).wait_ready()
    suite.stop(AGENT)
    suite.spawn(AGENT).wait_ready()
    suite.kill("worker-1")
    suite.spawn("worker-1").wait_ready()
    await_log(suite, "register schedule", 3)
    assert log_of(suite).count("triggered, send all by agent") == 1
    assert log_of(suite).count("executing by app") == 2


def test_a_release_in_a_new_directory_has_the_same_jobs(tmp_path: Path) -> None:
    """`immediate` is not repeated, and ticks go on: the key is relative to the app (issue 17)."""
    files = {"app/schedule/once.py": ONCE, "app/schedule/tick.py": TICK}
    for number in ("1", "2"):
        make_app(tmp_path / number, {**files, "config/config_default.py": CONFIG})
    current, new = tmp_path / "current", tmp_path / "new"
    current.symlink_to("1")
    with Suite(app_dir=current, workers=1) as suite:
        await_log(suite, "tick.py execute succeed")
        began = time.time()
        suite.kill(AGENT)
        new.symlink_to("2")
        new.rename(current)
        suite.spawn(AGENT).wait_ready()
        suite.stop("worker-1")
        suite.spawn("worker-1").wait_ready()
        count = log_of(suite).count("tick.py execute succeed")
        await_log(suite, "tick.py execute succeed", count + 3)
        assert log_of(suite).count("once.py triggered") == 1
        assert len(re.findall("tick.py triggered", log_of(suite))) <= time.time() - began + 3
        marks = json.loads((suite.logdir / "schedule.json").read_text())["marks"]
        assert list(marks) == ["app/schedule/once.py", "app/schedule/tick.py"]


def test_a_job_whose_worker_dies_has_failed(suite_of: Callable[..., Suite]) -> None:
    """The run counts, is logged, and is not repeated (process:SCH-26)."""
    suite = suite_of({"long": LONG}, workers=1)
    await_log(suite, "executing by app")
    pid = suite.worker(1).pid
    suite.kill("worker-1")
    await_log(
        suite, rf"ERROR \d+ \[Job#\d+\] \S+ execute failed: its worker has ended \(pid {pid}\)"
    )
    suite.spawn("worker-1").wait_ready()
    assert log_of(suite).count("triggered") == 1


def test_a_restarted_agent_takes_the_report_of_a_run(suite_of: Callable[..., Suite]) -> None:
    """A run survives the death of the agent that sent it; a dead worker fails it only once.

    A run that the agent recorded, but did not send any more, has failed.
    """
    suite = suite_of({"long": LONG.replace('"worker"', '"all"')})
    await_log(suite, "executing by app", 2)
    record, ended = suite.logdir / "schedule.json", str(suite.worker(2).pid)
    suite.kill("worker-2")
    await_log(suite, "its worker has ended")
    await_that(lambda: ended not in record.read_text(), "a record without it")
    suite.kill(AGENT)
    content = json.loads(record.read_text())
    lost = {**content["runs"][0], "id": "77", "pids": [suite.worker(1).pid]}
    record.write_text(json.dumps({**content, "runs": [*content["runs"], lost]}))
    (suite.logdir / "gate").touch()
    await_log(suite, "execute succeed")
    suite.spawn("worker-2").wait_ready()
    suite.spawn(AGENT).wait_ready()
    await_log(suite, r"\[Job#77\] \S+ execute failed: the agent ended before it sent the run")
    await_that(lambda: '"runs": []' in record.read_text(), "end of the run")
    assert log_of(suite).count("failed") == 2


def test_a_draining_worker_finishes_its_job(suite_of: Callable[..., Suite]) -> None:
    """The end of a worker waits for a running job beyond `close_timeout` (process:SCH-27)."""
    suite = suite_of({"long": LONG}, workers=1)
    await_log(suite, "executing by app")
    worker = suite.terminate("worker-1")
    await_beats(suite, 75)  # 1.5 s
    assert worker.alive
    (suite.logdir / "gate").touch()
    assert worker.wait_exit(20) == 0
    assert log_of(suite).count("execute succeed") == 1


def test_without_a_worker_a_run_waits_for_the_next_one(suite_of: Callable[..., Suite]) -> None:
    """The tick is reported, then runs once, late (process:SCH-26, known:KO-15)."""
    suite = suite_of({"tick": TICK}, workers=1)
    await_log(suite, "execute succeed")
    suite.kill("worker-1")
    await_log(suite, "waits: no worker is ready")
    await_log(suite, "is left out: an earlier run waits for a worker")
    number = re.findall(r"\[Job#(\d+)\] \S+ waits: no worker", log_of(suite))[0]
    suite.spawn("worker-1").wait_ready()
    await_log(suite, rf"\[Job#{number}\] \S+ executing by app")
    assert log_of(suite).count(f"[Job#{number}] {suite.app_dir}/app/schedule/tick.py exec") <= 2


@pytest.mark.parametrize(
    "rounds", [3, pytest.param(12, marks=[pytest.mark.soak, pytest.mark.timeout(600)])]
)
def test_processes_that_are_killed_in_random_order(
    suite_of: Callable[..., Suite], rounds: int
) -> None:
    """No run is executed twice, or lost but with its worker; ticks go on (issue 15)."""
    seed = random.randrange(10**6)
    print("seed", seed)
    chance = random.Random(seed)
    suite = suite_of({"tick": TICK, "once": ONCE})
    killed: set[int] = set()
    quiet: list[tuple[float, float]] = []
    for _ in range(rounds):
        victims = chance.sample([AGENT, "worker-1", "worker-2"], chance.randint(1, 2))
        for name in victims:
            time.sleep(chance.uniform(0, 0.7))
            child = suite.agent if name == AGENT else suite.worker(int(name[-1]))
            killed.add(child.pid)
            suite.kill(name)
        for name in sorted(victims):
            suite.spawn(name).wait_ready()
        await_ticks(suite, 1)
        begin = time.time()
        await_ticks(suite, 3)
        quiet.append((begin, time.time()))
    await_log(suite, "tick.py execute succeed", 5)
    await_ticks(suite, 2)
    check_runs(log_of(suite), killed)
    check_ticks(log_of(suite), quiet)


def await_ticks(suite: Suite, more: int) -> None:
    """Waits for more ticks, each a second after the one before."""
    ticks = "triggered, send random"
    await_log(suite, ticks, log_of(suite).count(ticks) + more)


def check_runs(log: str, killed: set[int]) -> None:
    """Checks that each run was executed once, and ended, or failed with its killed worker."""
    executed = Counter(re.findall(r"\[Job#(\d+)\] \S+tick.py executing", log))
    assert set(executed.values()) == {1}
    assert log.count("once.py triggered") == 1
    succeeded = set(re.findall(r"\[Job#(\d+)\] \S+tick.py execute succeed", log))
    failed = dict(re.findall(r"\[Job#(\d+)\] \S+tick.py execute failed: .* \(pid (\d+)\)", log))
    assert {int(pid) for pid in failed.values()} <= killed
    triggered = re.findall(r"\[Job#(\d+)\] \S+tick.py triggered", log)
    assert len(triggered) == len(set(triggered))
    assert set(triggered[:-2]) <= succeeded | failed.keys()


def check_ticks(log: str, quiet: list[tuple[float, float]]) -> None:
    """Checks that each second of a time without kills has its run."""
    seconds = {int(number[:10]) for number in re.findall(r"\[Job#(\d+)\] \S+tick.py trig", log)}
    for begin, end in quiet:
        due = set(range(int(begin) + 1, int(end)))
        assert due <= seconds, (due, sorted(seconds))
