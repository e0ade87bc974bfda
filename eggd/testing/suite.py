"""A whole suite without systemd: the real agent and the real workers, for tests and benchmarks.

It plays just enough of PID 1: it holds the listener and the agent's inbox (so a process may die and
nobody is refused), hands them over as fd 3 with LISTEN_*, reads NOTIFY_SOCKET, and knows who ended
and how. It restarts nobody by itself: a test says when.

    with Suite(app_dir=app, workers=2) as suite:
        suite.kill("worker-1")
        suite.restart("worker-1").wait_ready()
"""

from __future__ import annotations

import os
import shutil
import signal
import socket
import sys
import tempfile
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from threading import Condition
from types import TracebackType

from eggd.errors import BootError
from eggd.loader.metadata import CHOSEN
from eggd.supervisor.child import Launch
from eggd.supervisor.launcher import search_path
from eggd.supervisor.sockets import bound
from eggd.supervisor.units import SocketPlan
from eggd.testing.child import Child
from eggd.testing.ears import Ears

AGENT = "agent"
BACKLOG = 4096
"""The shared accept queue, as `egg.socket` has it."""

Command = Callable[[str, str], Sequence[str]]
"""From the interpreter and a name ("agent", "worker-2") to the argv of that process."""


def unit_command(python: str, name: str) -> Sequence[str]:
    """Returns the argv that the unit files have, for "agent" or "worker-N"."""
    kind, _, slot = name.partition("-")
    return [python, "-P", "-m", f"eggd.process.{kind}", *filter(None, [slot])]


@dataclass(kw_only=True, slots=True)
class Suite:
    """One agent and `workers` workers of one app; as a context manager started and ended."""

    app_dir: Path
    """The app (EGG_BASE_DIR)."""
    workers: int = 1
    """How many workers `start` brings up, as slots 1 to N."""
    port: int = 0
    """TCP port on 127.0.0.1; 0 takes a free one, and this field then says which."""
    env: str = "prod"
    """EGG_SERVER_ENV."""
    python: str = sys.executable
    """The interpreter that the processes run on."""
    environ: Mapping[str, str] = field(default_factory=dict)
    """More environment, over everything else."""
    command: Command = unit_command
    """What to run; tests of the suite itself put small scripts here."""
    directory: Path = field(init=False)
    """Home of `run/` and `logs/`, made by `open` under the system's temporary directory."""
    _children: dict[str, Child] = field(init=False, default_factory=dict)
    _past: list[Child] = field(init=False, default_factory=list)
    _held: dict[str, socket.socket] = field(init=False, default_factory=dict)
    _changed: Condition = field(init=False, default_factory=Condition)
    _ears: Ears = field(init=False)

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
        """The agent last started."""
        return self._children[AGENT]

    @property
    def children(self) -> list[Child]:
        """The last process of each name, in order of first start."""
        return list(self._children.values())

    def worker(self, slot: int) -> Child:
        """Returns the worker last started in `slot`."""
        return self._children[f"worker-{slot}"]

    def open(self) -> Suite:
        """Makes the directories and bind both sockets, and start nobody yet."""
        plan = SocketPlan(unit="http", listen=f"127.0.0.1:{self.port}", backlog=BACKLOG)
        listener = bound(plan)
        # Short on purpose: a Unix socket's path has 107 bytes (unix(7)).
        self.directory = Path(tempfile.mkdtemp(prefix="egg-"))
        for made in (self.rundir, self.logdir):
            made.mkdir()
        inbox = SocketPlan(
            unit="agent",
            listen=str(self.rundir / "agent.sock"),
            datagram=True,
            pass_credentials=True,
        )
        self._held = {"http": listener, "agent": bound(inbox)}
        self.port = listener.getsockname()[1]
        self._ears = Ears(str(self.directory / "notify.sock"))
        return self

    def start(self) -> Suite:
        """Starts the agent, then all workers at once, each group ready before this goes on.

        BootError, naming the process and its last words, if one does not get there.
        """
        self.spawn(AGENT).wait_ready()
        for worker in [self.spawn(f"worker-{slot + 1}") for slot in range(self.workers)]:
            worker.wait_ready()
        return self

    def spawn(self, name: str) -> Child:
        """Starts "agent" or "worker-N" and return at once; BootError if it is still running."""
        old = self._children.get(name)
        if old is not None and old.alive:
            raise BootError(f"{name} is running as {old.pid}", hint="stop or kill it first")
        socket_name = "agent" if name == AGENT else "http"
        launch = Launch(
            argv=self.command(self.python, name),
            environ=self._environ(socket_name),
            sockets=[self._held[socket_name]],
            session=False,
        )
        child = Child(name, launch, self._changed)
        self._children[name] = child
        self._past.append(child)
        self._ears.listen(child)
        return child

    def terminate(self, name: str) -> Child:
        """Sends SIGTERM and returns at once."""
        self._children[name].signal(signal.SIGTERM)
        return self._children[name]

    def stop(self, name: str, timeout: float = 40.0) -> int:
        """Sends SIGTERM, wait for the end and returns the exit code."""
        return self.terminate(name).wait_exit(timeout)

    def kill(
        self, name: str, number: signal.Signals = signal.SIGKILL, timeout: float = 40.0
    ) -> int:
        """Sends a signal, wait for the end and returns the exit code (minus the signal)."""
        self._children[name].signal(number)
        return self._children[name].wait_exit(timeout)

    def restart(self, name: str) -> Child:
        """Stops it if it runs and starts it again; returns without waiting for READY=1."""
        if self._children[name].alive:
            self.stop(name)
        return self.spawn(name)

    def wait(self, happened: Callable[[], bool], what: str, timeout: float = 20.0) -> None:
        """Waits until `happened()`, asked after each event of any process; BootError if never."""
        with self._changed:
            if not self._changed.wait_for(happened, timeout):
                raise BootError(f"no {what} within {timeout:g} s")

    def connect(self, timeout: float = 20.0) -> socket.socket:
        """Returns a new connection to the shared listener."""
        return socket.create_connection(("127.0.0.1", self.port), timeout)

    def close(self) -> None:
        """Kills what still runs, close what is held and remove the directories."""
        for child in self._past:
            child.signal(signal.SIGKILL)
        for child in self._past:
            child.wait_exit()
        self._ears.close()
        for child in self._past:
            child.close()
        for held in self._held.values():
            held.close()
        shutil.rmtree(self.directory)

    def _environ(self, socket_name: str) -> dict[str, str]:
        """As a unit gives it: nothing of the caller's but the search paths."""
        return {
            "PATH": os.environ.get("PATH", os.defpath),
            "LANG": "C.UTF-8",
            "PYTHONPATH": search_path(),
            "RUNTIME_DIRECTORY": str(self.rundir),
            "LOGS_DIRECTORY": str(self.logdir),
            "NOTIFY_SOCKET": self._ears.path,
            "LISTEN_FDNAMES": socket_name,
            "INVOCATION_ID": uuid.uuid4().hex,
            "EGG_BASE_DIR": str(self.app_dir),
            "EGG_SERVER_ENV": self.env,
            CHOSEN: self.env,
            **self.environ,
        }
