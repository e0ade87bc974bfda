"""`kill -9` of agent and workers in random order, under HTTP load, messages and a schedule.

Three phases: in each, one process is spared and measured, and the others are killed. A process may
be killed while it starts.
"""

from __future__ import annotations

import os
import random
import re
import time
from collections import Counter
from collections.abc import Callable
from http.client import HTTPException
from pathlib import Path
from threading import Event

import pytest

from eggd.testing.child import Child
from eggd.testing.suite import AGENT, Suite
from tests.cluster.clients import Answer, Load
from tests.cluster.conftest import Start
from tests.polling import await_that

NAMES = (AGENT, "worker-1", "worker-2", "worker-3")
CLIENTS = 4
MOST_GROWTH = 3 * 1024
"""KiB by which the resident memory of the spared process may grow in its phase."""

MOST_DESCRIPTORS = 6
"""Descriptors that it may open: those of a process are opened when they are first used."""

ROUTER = """
    import itertools
    import os

    NUMBERS = itertools.count()


    async def send(ctx):
        ctx.app.messenger.send_to_agent("number", f"{os.getpid()} {next(NUMBERS)}")
        ctx.body = str(os.getpid())


    def router(app):
        app.router.get("/", send)
"""
AGENT_BOOT = """
    import os

    from eggd import Agent, Boot


    class AgentBoot(Boot[Agent]):
        async def did_load(self):
            path = os.path.join(os.environ["LOGS_DIRECTORY"], "numbers")
            self.file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
            self.app.messenger.on("number", self.number)

        def number(self, data):
            os.write(self.file, f"{data}\\n".encode())
"""
JOB = """
    import asyncio

    schedule = {"type": "worker", "cron": "* * * * * *"}

    async def task(ctx):
        await asyncio.sleep(0.1)
"""
FILES = {
    "app.py": "from eggd import Boot\n\n\nclass AppBoot(Boot): ...\n",
    "agent.py": AGENT_BOOT,
    "app/router.py": ROUTER,
    "app/schedule/tick.py": JOB,
    "config/config_default.py": "logger = {'buffer': False}\n",
}


class PacedLoad(Load):
    """A load of about a hundred requests a second, which knows the process that each loss hit."""

    def __init__(self, suite: Suite) -> None:
        super().__init__(suite, CLIENTS)
        self.lost: list[str] = []
        """The pid that had answered on each connection that broke, "" before its first answer."""
        self._end = Event()

    def _converse(self, number: int, get: Callable[[str], Answer]) -> None:
        pid = ""

        def get_and_pause(path: str) -> Answer:
            nonlocal pid
            try:
                answer = get(path)
            except (HTTPException, OSError):
                self.lost.append(pid)
                raise
            pid = answer.body
            self._end.wait(0.03)
            return answer

        super()._converse(number, get_and_pause)


class Killer:
    """Kills processes of a suite by chance, and starts them again."""

    def __init__(self, suite: Suite, chance: random.Random) -> None:
        self.suite = suite
        self.chance = chance
        self.killed: set[int] = set()

    def run(self, victims: list[str], end: float) -> None:
        """Kills one to all of them again and again, until the time `end`."""
        while time.monotonic() < end:
            chosen = self.chance.sample(victims, self.chance.randint(1, len(victims)))
            for name in chosen:
                self._kill(name)
            time.sleep(self.chance.uniform(0, 0.5))  # the time between death and start is chance
            for name in chosen:
                self.suite.spawn(name)
            if self.chance.random() < 0.7:  # if not, the next victim may be starting
                self.await_all()
        self.await_all()

    def await_all(self) -> None:
        """Waits until all are ready and the agent knows it."""
        for name in NAMES:
            self.process(name).wait_ready(60)
        ready = "ready: 3 workers serve (1, 2, 3)"
        self.suite.agent.wait(lambda child: child.status.startswith(ready), "all workers", 60)

    def process(self, name: str) -> Child:
        """Returns the last process of a name."""
        return self.suite.agent if name == AGENT else self.suite.worker(int(name[-1]))

    def _kill(self, name: str) -> None:
        self.killed.add(self.process(name).pid)
        self.suite.kill(name)


def descriptors(pid: int) -> int:
    """Returns the number of open descriptors of a process."""
    return len(os.listdir(f"/proc/{pid}/fd"))


def resident(pid: int) -> int:
    """Returns the resident memory of a process in KiB (proc(5))."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0])


@pytest.mark.parametrize(
    "seconds",
    [
        pytest.param(9, marks=pytest.mark.timeout(300)),
        pytest.param(300, marks=[pytest.mark.soak, pytest.mark.timeout(1200)]),
    ],
)
def test_processes_die_in_random_order(
    start: Start, seconds: int, figure: Callable[[str], None]
) -> None:
    """No request fails but with its worker; no run or message is doubled (issue 15)."""
    seed = int(os.environ.get("EGGD_SEED") or random.randrange(10**6))
    print("EGGD_SEED", seed)
    chance = random.Random(seed)
    suite = start(workers=3, files=FILES)
    killer = Killer(suite, chance)
    began = time.time()
    requests = 0
    for spared in chance.sample(NAMES, 3):
        requests += phase(killer, spared, seconds / 3)
    check_schedule(suite, killer.killed, began)
    messages = check_messages(suite.logdir / "numbers")
    figure(
        f"{seconds} s, {len(killer.killed)} kills: {requests:,} requests,"
        f" {messages:,} messages, seed {seed}"
    )


def phase(killer: Killer, spared: str, seconds: float) -> int:
    """Kills all but one process under load, and checks what clients saw and what that one holds."""
    killer.await_all()
    pid = killer.process(spared).pid
    before, memory = descriptors(pid), resident(pid)
    with PacedLoad(killer.suite) as load:
        load.wait_for_answers(2)
        killer.run([name for name in NAMES if name != spared], time.monotonic() + seconds)
        load.wait_for_answers(2)
    assert (load.refused, load.wrong) == (0, [])
    assert {int(each) for each in load.lost if each} <= killer.killed
    assert len(load.lost) <= CLIENTS * len(killer.killed)
    most = before + MOST_DESCRIPTORS
    await_that(lambda: descriptors(pid) <= most, f"{before} descriptors of {spared}")
    assert resident(pid) - memory <= MOST_GROWTH, spared
    return sum(load.answered)


def check_schedule(suite: Suite, killed: set[int], began: float) -> None:
    """Checks that ticks go on, that each runs once, and that only killed workers lose one."""
    log = suite.logdir / "egg-schedule.log"

    def numbers(step: str) -> list[str]:
        return re.findall(rf"\[Job#(\d+)\] \S+tick.py {step}", log.read_text())

    count = len(numbers("triggered"))
    quiet = time.time()
    await_that(lambda: len(numbers("triggered")) >= count + 3, "further ticks")
    due = set(range(int(quiet) + 1, int(numbers("triggered")[-1][:10])))
    triggered = numbers("triggered")
    assert due <= {int(number[:10]) for number in triggered}
    assert len(triggered) == len(set(triggered)) <= time.time() - began + 2
    assert set(Counter(numbers("executing")).values()) == {1}
    ended = {*numbers("execute succeed"), *numbers("execute failed")}
    assert set(triggered[:-2]) <= ended
    workers = re.findall(r"execute failed: its worker has ended \(pid (\d+)\)", log.read_text())
    assert {int(pid) for pid in workers} <= killed


def check_messages(file: Path) -> int:
    """Checks that no message came twice, or before an earlier one; returns their number."""
    last: dict[str, int] = {}
    lines = file.read_text().splitlines()
    for line in lines:
        pid, number = line.split()
        assert int(number) > last.get(pid, -1), line
        last[pid] = int(number)
    return len(lines)
