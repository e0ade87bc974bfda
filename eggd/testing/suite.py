"""A whole suite for tests and benchmarks: the real agent and workers under a supervisor.

The supervisor runs on a thread of its own and restarts no process: a test does that.

    with Suite(app_dir=app, workers=2) as suite:
        suite.kill("worker-1")
        suite.restart("worker-1").wait_ready()
"""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import socket
import sys
import tempfile
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from threading import Condition, Thread
from types import TracebackType
from typing import TypeVar

from eggd.errors import NotReadyError, RunningError
from eggd.loader.metadata import CHOSEN
from eggd.suite.names import DEFAULT
from eggd.supervisor.child import Launch
from eggd.supervisor.merged_output import MergedOutput
from eggd.supervisor.service import Service
from eggd.supervisor.settings import Settings
from eggd.supervisor.supervisor import Supervisor
from eggd.testing.child import Child, unit_of

AGENT = "agent"

Command = Callable[[str, str], Sequence[str]]
"""From the interpreter and a name (`agent`, `worker-2`) to the argv of that process."""

LONGEST = 60.0
"""Seconds for one step of the supervisor, such as the end of all processes."""

T = TypeVar("T")


@dataclass(kw_only=True, slots=True)
class Suite:
    """One agent and `workers` workers of one app, running inside a `with` block."""

    app_dir: Path
    """The app (EGG_BASE_DIR)."""
    workers: int = 1
    """The number of workers that `start` starts, as slots 1 to N."""
    port: int = 0
    """TCP port on 127.0.0.1; 0 means a free one, whose number this field then has."""
    env: str = "prod"
    """EGG_SERVER_ENV."""
    python: str = sys.executable
    """The interpreter of the processes."""
    environ: Mapping[str, str] = field(default_factory=dict)
    """Further variables, which win over all others."""
    command: Command | None = None
    """Returns the command to run instead of the unit's."""
    directory: Path = field(init=False)
    """Parent of `run/` and `logs/`, created by `open` in the system's temporary directory."""
    _children: dict[str, Child] = field(init=False, default_factory=dict)
    _changed: Condition = field(init=False, default_factory=Condition)
    _loop: asyncio.AbstractEventLoop = field(init=False)
    _thread: Thread = field(init=False)
    _supervisor: Supervisor = field(init=False)

    def __enter__(self) -> Suite:
        self.open()
        try:
            return self.start()
        except BaseException:
            self.close()
            raise

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        tb: TracebackType | None,
    ) -> None:
        self.close()

    @property
    def rundir(self) -> Path:
        """The runtime directory (RUNTIME_DIRECTORY)."""
        return self.directory / "run"

    @property
    def logdir(self) -> Path:
        """The log directory (LOGS_DIRECTORY)."""
        return self.directory / "logs"

    @property
    def agent(self) -> Child:
        """The last started agent."""
        return self._children[AGENT]

    @property
    def children(self) -> list[Child]:
        """The last process of each name, in order of first start."""
        return list(self._children.values())

    def worker(self, slot: int) -> Child:
        """Returns the last started worker of a slot."""
        return self._children[f"worker-{slot}"]

    def open(self) -> Suite:
        """Creates the directories and binds the sockets; starts no process."""
        # Short, because a Unix socket's path has at most 107 bytes (unix(7)).
        self.directory = Path(tempfile.mkdtemp(prefix="egg-"))
        self._loop = asyncio.new_event_loop()
        self._thread = Thread(target=self._loop.run_forever, name="suite", daemon=True)
        self._thread.start()
        try:
            self._run(self._open())
        except BaseException:
            self._end()
            raise
        self.port = int(self._supervisor.url.rpartition(":")[2])
        return self

    def start(self) -> Suite:
        """Starts the agent, then all workers at once; each group is ready before this returns.

        Raises NotReadyError with the process and its last lines if one does not become ready.
        """
        self.spawn(AGENT).wait_ready()
        for worker in [self.spawn(f"worker-{slot + 1}") for slot in range(self.workers)]:
            worker.wait_ready()
        return self

    def spawn(self, name: str) -> Child:
        """Starts `agent` or `worker-N` and returns at once; raises RunningError if it runs."""
        old = self._children.get(name)
        if old is not None and old.alive:
            raise RunningError(f"{name} is running as {old.pid}", hint="stop or kill it first")
        self._run(self._spawn(unit_of(name)))
        return self._children[name]

    def terminate(self, name: str) -> Child:
        """Sends SIGTERM and returns at once."""
        return self._signal(name, signal.SIGTERM)

    def stop(self, name: str, timeout: float = 40.0) -> int:
        """Sends SIGTERM, waits for the end and returns the exit code."""
        return self.terminate(name).wait_exit(timeout)

    def kill(
        self, name: str, number: signal.Signals = signal.SIGKILL, timeout: float = 40.0
    ) -> int:
        """Sends a signal, waits for the end and returns the exit code, or minus the signal."""
        return self._signal(name, number).wait_exit(timeout)

    def restart(self, name: str) -> Child:
        """Stops a process if it runs and starts it again; does not wait for READY=1."""
        if self._children[name].alive:
            self.stop(name)
        return self.spawn(name)

    def wait(self, happened: Callable[[], bool], what: str, timeout: float = 20.0) -> None:
        """Waits until `happened()`, called after each event of any process.

        Raises NotReadyError with `what` after `timeout` seconds.
        """
        with self._changed:
            if not self._changed.wait_for(happened, timeout):
                raise NotReadyError(f"no {what} within {timeout:g} s")

    def connect(self, timeout: float = 20.0) -> socket.socket:
        """Returns a new connection to the shared listener."""
        return socket.create_connection(("127.0.0.1", self.port), timeout)

    def close(self) -> None:
        """Kills the running processes, closes the sockets and removes the directories."""
        for child in self.children:
            if child.alive:
                self._signal(child.name, signal.SIGKILL)
        self._run(self._supervisor.stop())
        self._end()

    def _run(self, work: Coroutine[object, object, T]) -> T:
        """Runs a coroutine on the supervisor's loop and returns its result.

        Raises NotReadyError after LONGEST seconds.
        """
        done = asyncio.run_coroutine_threadsafe(work, self._loop)
        try:
            return done.result(LONGEST)
        except TimeoutError:
            if done.done():  # an error of the coroutine itself
                raise
            done.cancel()
            raise NotReadyError(f"no answer of the supervisor within {LONGEST:g} s") from None

    def _end(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(LONGEST)
        self._loop.close()
        shutil.rmtree(self.directory)

    async def _open(self) -> None:
        self._supervisor = Supervisor(self._settings(), _Silent(), self._record)
        self._supervisor.open()

    async def _spawn(self, unit: str) -> None:
        if slot := DEFAULT.slot(unit):
            self._supervisor.enable({*self._supervisor.enabled, slot})
        self._supervisor.configure(self._settings())
        self._supervisor.service(unit).launch()

    def _record(self, service: Service, launch: Launch) -> Child:
        child = Child(service, launch, self._changed)
        self._children[child.name] = child
        return child

    def _signal(self, name: str, number: signal.Signals) -> Child:
        async def send() -> None:
            if child.alive:  # its descriptors are closed after its end
                child.signal(number)

        child = self._children[name]
        self._run(send())
        return child

    def _settings(self) -> Settings:
        return Settings(
            base_dir=self.app_dir,
            workers=0,
            listen=f"127.0.0.1:{self.port}",
            env=self.env,
            environ={
                "EGGD_RUNDIR": str(self.rundir),
                "STATE_DIRECTORY": str(self.logdir),
                CHOSEN: self.env,
                **self.environ,
            },
            inherited={"PATH": os.environ.get("PATH", os.defpath), "LANG": "C.UTF-8"},
            run=self.rundir,
            logs=self.logdir,
            # Not in the runtime directory, which a test may remove.
            notify_socket=self.directory / "notify.sock",
            python=self.python,
            watchdog=False,
            restart=False,
            command=self._commands(),
        )

    def _commands(self) -> dict[str, tuple[str, ...]]:
        if self.command is None:
            return {}
        return {
            "egg-agent.service": tuple(self.command(self.python, AGENT)),
            "egg-worker@.service": tuple(self.command(self.python, "worker-%i")),
        }


class _Silent(MergedOutput):
    """Merged output that is dropped: each child records its own."""

    def write_line(self, identifier: str, pid: int, text: str, priority: int = 0) -> None:
        """Drops a line."""
