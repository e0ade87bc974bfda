"""A host of these tests: a suite of its own, with its own directories, name and clock."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from pathlib import Path
from types import TracebackType
from typing import Self

from eggd.testing.suite import AGENT, Suite
from tests.house.imports import ROOT

CONFIG = """
    import os

    logger = {"buffer": False}
    close_timeout = 1
    cluster = {"host": os.environ.get("HOST_NAME", "")}
    schedule = {"cluster": "main"}
    redis = {"clients": {"main": {"url": os.environ.get("REDIS", "redis://127.0.0.1")}}}
"""
PLUGINS = "fleet = True"
SHIFTED = """
    import os

    from eggd import Agent, Boot

    class AgentBoot(Boot[Agent]):
        def config_did_load(self):
            self.app.timers.shift_wall(float(os.environ.get("SHIFT", "0")))
"""
"""Shifts the wall clock of the agent's timers."""


class Host:
    """`with Host(...) as host`: an agent and workers with the name of a host."""

    def __init__(
        self, name: str, app: Path, workers: int, shift: float, redis: str, folder: Path
    ) -> None:
        self.name = name
        environ = {
            "HOST_NAME": name,
            "SHIFT": str(shift),
            "REDIS": redis,
            "SHARED": str(folder),
        }
        self.suite = Suite(app_dir=app, workers=workers, environ=environ)

    @property
    def log(self) -> str:
        """The log of schedules."""
        file = self.suite.logdir / "egg-schedule.log"
        return file.read_text() if file.exists() else ""

    def find(self, pattern: str) -> list[str]:
        """Returns what matches in the log of schedules."""
        return re.findall(pattern, self.log)

    def signal(self, number: signal.Signals) -> None:
        """Sends a signal to all processes of the host."""
        for child in self.suite.children:
            if child.alive:
                child.signal(number)

    def stop_time(self) -> None:
        """Pauses the host."""
        self.signal(signal.SIGSTOP)

    def go_on(self) -> None:
        """Ends the pause."""
        self.signal(signal.SIGCONT)

    def kill(self) -> None:
        """Ends all processes at once, as if the power failed."""
        for child in self.suite.children:
            if child.alive:
                self.suite.kill(child.name)

    def start(self) -> None:
        """Starts what does not run, and waits until it is ready."""
        names = [child.name for child in self.suite.children if not child.alive]
        for name in sorted(names):  # the agent comes first
            self.suite.spawn(name)
        for child in self.suite.children:
            child.wait_ready(60)

    def __enter__(self) -> Self:
        self.suite.open()
        try:
            self.suite.spawn(AGENT).wait_ready(60)
            for slot in range(self.suite.workers):
                self.suite.spawn(f"worker-{slot + 1}").wait_ready(60)
        except BaseException:
            self.suite.close()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        tb: TracebackType | None,
    ) -> None:
        self.go_on()
        self.suite.close()


def command(host: Host, *args: str, fails: bool = False) -> str:
    """Returns the output of `eggd ARGS` on a host; with `fails` the line of its error."""
    environ = {
        **{"PYTHONPATH": str(ROOT), "PATH": os.environ["PATH"]},
        **{"EGGD_USER": os.environ["EGGD_USER"], "RUNTIME_DIRECTORY": str(host.suite.rundir)},
        **host.suite.environ,
    }
    argv = [sys.executable, "-m", "eggd", *args]
    done = subprocess.run(
        argv, env=environ, cwd=host.suite.app_dir, capture_output=True, text=True, check=False
    )
    assert done.returncode == fails, done.stderr
    return done.stderr if fails else done.stdout


__all__ = ["AGENT", "CONFIG", "PLUGINS", "SHIFTED", "Host", "command"]
