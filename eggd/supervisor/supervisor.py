"""Runs the suite: starts, stops, reloads and scales it by the rules of `eggd.suite`.

Works on any running loop, in a test as well as in `eggd start`:

    async with Supervisor(Settings(base_dir=app, workers=2, listen="127.0.0.1:0")) as supervisor:
        supervisor.url                                # port 0 means a free port
        os.kill(supervisor.service("egg-worker@1.service").pid, signal.SIGKILL)
        await supervisor.wait_until(lambda: supervisor.deaths == 1)         # waits for events
        await supervisor.reload()
        await supervisor.scale(4)

`start` raises BootError and leaves nothing running if a process fails. Later deaths are repaired.
Processes end with `stop`, and also when the supervisor's process is killed.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager, suppress
from types import TracebackType

from eggd.endfile import write_exit
from eggd.errors import BootError, DirectoryError, NotReadyError, RunningError
from eggd.suite.names import DEFAULT
from eggd.suite.reload import WorkerState, reload, revive
from eggd.suite.requests import Rule
from eggd.suite.scale import scale
from eggd.suite.start import start, stop
from eggd.supervisor.child import Launch
from eggd.supervisor.coalescer import Coalescer
from eggd.supervisor.enabled import EnabledWorkers
from eggd.supervisor.executor import Executor, perform
from eggd.supervisor.guard import Guard
from eggd.supervisor.held_sockets import HeldSockets, SocketFile
from eggd.supervisor.launcher import Launcher
from eggd.supervisor.merged_output import ERR, INFO, SUPERVISOR, WARNING, MergedOutput
from eggd.supervisor.notify_listener import NotifyListener
from eggd.supervisor.process_end import ProcessEnd
from eggd.supervisor.rundir import MODE, secure_tree
from eggd.supervisor.service import DEACTIVATING, INACTIVE, Host, MainProcess, Service
from eggd.supervisor.services import Services
from eggd.supervisor.settings import Settings


class Supervisor:
    """One suite, on the running loop; writes all lines to `merged_output` (default: stdout)."""

    def __init__(
        self,
        settings: Settings,
        merged_output: MergedOutput | None = None,
        process: Callable[[Service, Launch], MainProcess] = MainProcess,
    ) -> None:
        self.settings = settings
        self.merged_output = merged_output or MergedOutput()
        # The last line of progress.
        self.operation = ""
        # Whether `stop` was called: no operation begins any more.
        self.stopping = False
        # Whether a restart has failed, so that nothing runs any more.
        self.broken = False
        # Called when the agent asks for new workers, with the reason; `eggd dev` replaces it.
        self.on_reload_request: Callable[[str], None] = lambda why: self.reloads.request()
        # Called when the sockets and the runtime directory exist.
        self.on_open: Callable[[], None] = lambda: None
        # Joins requests for a reload that come while one runs.
        self.reloads = Coalescer(self._renew_workers, lambda exc: self.say(exc.line, ERR))
        self._loop = asyncio.get_running_loop()
        # Done when the sockets are closed and no process is left.
        self.closed: asyncio.Future[None] = self._loop.create_future()
        self._rundir = settings.places.run
        # The workers that a start brings up; kept in a file.
        self._enabled = EnabledWorkers(settings.wants)
        self._sockets = HeldSockets(settings)
        # The test kit records what each process sends.
        self._process = process
        self._launcher = Launcher(settings, self._sockets)
        self.services = Services(self._launcher)
        # The start, reload, scale or restart under way: only one at a time.
        self._task: asyncio.Task[None] | None = None
        # The calls of `wait_until` that wait for the next event.
        self._waiters: set[asyncio.Future[None]] = set()
        # The functions that receive each line of progress.
        self._listeners: list[Callable[[str], None]] = []

    async def __aenter__(self) -> Supervisor:
        await self.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.stop()

    @property
    def url(self) -> str:
        """The URL of the listener; "" while it is closed."""
        return self._sockets.url

    @property
    def enabled(self) -> list[int]:
        """The slots of the enabled workers."""
        return sorted(self._enabled.slots)

    @property
    def deaths(self) -> int:
        """The number of processes that ended without a request to stop."""
        return sum(service.deaths for service in self.services)

    @property
    def pids(self) -> set[int]:
        """The processes that are reaped here."""
        return self.services.pids

    @property
    def waiting(self) -> str:
        """The services that are not ready, each with its status."""
        return self.services.waiting or self.operation

    def service(self, unit: str) -> Service:
        """Returns a unit; it need not run."""
        return self.services[unit]

    def report(self) -> list[dict[str, object]]:
        """Returns the state of all units in systemd's terms."""
        return [service.report() for service in self.services]

    def configure(self, settings: Settings) -> None:
        """Changes the settings of the processes that start from now on."""
        self.settings = self._launcher.settings = settings

    async def wait_until(self, happened: Callable[[], bool]) -> None:
        """Waits until `happened()`, which is called after every event of any process."""
        while not happened():
            future = self._loop.create_future()
            self._waiters.add(future)
            try:
                await future
            finally:
                self._waiters.discard(future)

    async def start(self) -> None:
        """Starts sockets, agent and workers; raises BootError and leaves nothing running."""
        await self.exclusively("start", self._start())

    async def stop(self, timeout: float = 0.0) -> None:
        """Stops the workers, then the agent, and closes the sockets; may be called repeatedly.

        `timeout` is in seconds per process; 0 means the time limits of the units.
        """
        self.stopping = True
        await self.reloads.end()
        if timeout:
            self.limit_stop(timeout)
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])
        if self.services.running:
            await self._perform(stop())
        self._close()

    def limit_stop(self, seconds: float) -> None:
        """Makes each stop, also a running one, end with SIGKILL `seconds` from now."""
        for service in self.services:
            service.limit_stop(seconds)

    async def restart(self) -> None:
        """Stops and starts all processes; the sockets stay open. Raises BootError as `start`."""
        await self.exclusively("restart", self._restart())

    async def reload(self, min_ready: float | None = None) -> None:
        """Replaces the running workers one after the other (`eggd.suite.reload`).

        Each new process must stay ready for `min_ready` seconds (default: that of the settings).
        Raises BootError as that rule does.
        """
        seconds = self.settings.min_ready if min_ready is None else min_ready
        await self.exclusively("reload", self._reload(seconds))

    async def scale(self, number: int) -> None:
        """Runs workers 1 to `number`. Raises BootError if one fails; then nothing is changed."""
        running = self.services.running
        ready = [unit for unit in running if self.services[unit].ready]
        rule = scale(
            number,
            enabled=self._enabled.slots,
            running=DEFAULT.slots(running),
            ready=DEFAULT.slots(ready),
        )
        await self.exclusively("scale", self._perform(rule))

    def say(self, text: str, priority: int = INFO) -> None:
        """Writes a line of the supervisor; an error is not progress: the command reports it."""
        self.operation = text
        self.merged_output.write_line(SUPERVISOR, os.getpid(), text, priority)
        for listener in self._listeners if priority != ERR else ():
            listener(text)
        self._notify_waiters()

    @contextmanager
    def reporting_to(self, listener: Callable[[str], None]) -> Iterator[None]:
        """Calls `listener` with each line of progress."""
        self._listeners.append(listener)
        try:
            yield
        finally:
            self._listeners.remove(listener)

    async def exclusively(self, what: str, work: Coroutine[object, object, None]) -> None:
        """Runs one operation, which `stop` cancels; raises RunningError while another runs."""
        doing = "stop" if self.stopping else self._task.get_name() if self._task else ""
        if doing:
            work.close()
            raise RunningError(f"another {doing} is running", hint="try again later")
        task = self._task = self._loop.create_task(work, name=what)
        try:
            await asyncio.shield(task)
        except asyncio.CancelledError:
            if task.cancelled():
                raise NotReadyError(f"{what}: the suite was stopped meanwhile") from None
            task.cancel()
            await asyncio.wait([task])
            raise
        finally:
            self._task = None
            self._notify_waiters()

    async def idle(self) -> None:
        """Waits until no start, stop, reload or scale runs."""
        while self._task is not None:
            await asyncio.wait([self._task])

    async def _perform(self, rule: Rule) -> None:
        executor = Executor(
            self.services, self._enabled, self.say, self._rundir, self.open, self._close
        )
        await perform(rule, executor.execute)

    async def _start(self) -> None:
        if self.services.host is None:
            slots = set(range(1, self.settings.workers + 1))
        else:  # a restart: the number may have been scaled
            slots = self._enabled.slots
        await self._perform(start(DEFAULT.workers_of(slots)))

    async def _restart(self) -> None:
        await self._perform(stop())
        try:
            await self._start()
        except BootError:
            self.broken = True
            raise

    async def _reload(self, min_ready: float) -> None:
        self.merged_output.reopen()
        await self._perform(reload(_worker_states(self.services), min_ready))

    async def _renew_workers(self) -> None:
        """Reloads when no other operation runs; if no worker is ready, restarts all."""
        await self.idle()
        if any(each.ready for each in self.services.matching(DEFAULT.workers)):
            await self.reload(min_ready=0)  # a save under `eggd dev` does not wait
        else:
            await self.exclusively(
                "reload", self._perform(revive(DEFAULT.workers_of(self._enabled.slots)))
            )

    def enable(self, slots: set[int]) -> None:
        """Writes the list of enabled workers; raises OSError."""
        self._enabled.set(slots)

    def files(self) -> list[NotifyListener | EnabledWorkers | SocketFile]:
        """Returns the files in the runtime directory that can be created again."""
        host = self.services.host
        return [host.listener, *self._sockets.files(), self._enabled] if host else []

    def open(self) -> None:
        """Creates directories and sockets unless they exist; the first step of `start`."""
        if self.services.host is not None:
            return
        try:
            secure_tree(self._rundir)
            self.enable(set(range(1, self.settings.workers + 1)))
        except OSError as exc:
            raise DirectoryError(f"{exc.filename}: cannot be made: {exc.strerror}") from exc
        with suppress(OSError):  # the processes report it if they need it
            self.settings.places.logs.mkdir(mode=MODE)
        self._sockets.open()
        host = Host(
            NotifyListener(self.settings.notify),
            Guard(lambda line: self.say(line, WARNING)),
            self.merged_output,
            (SUPERVISOR, os.getpid()),
            self._process,
            self._notify_waiters,
            self._reload_requested,
            self._record_end,
        )
        self.services.open(host)
        self.on_open()

    def _close(self) -> None:
        try:
            self._sockets.close()
            if self.services.host is not None:
                with suppress(OSError):
                    self.enable(set())
        finally:
            self.services.close()
            if not self.closed.done():
                self.closed.set_result(None)

    def _reload_requested(self, unit: str, why: str) -> None:
        """Handles X_EGGD_RELOAD: the agent's development plugin saw that a file was saved."""
        if unit == DEFAULT.agent:
            self.on_reload_request(why)

    def _record_end(self, unit: str, end: ProcessEnd) -> None:
        """Writes the unclean end of a worker, for the next process of its slot."""
        slot = DEFAULT.slot(unit)
        if slot is not None and end.line:
            write_exit(self._rundir, slot, end.line)

    def _notify_waiters(self) -> None:
        for future in self._waiters:
            if not future.done():
                future.set_result(None)


def _worker_states(services: Services) -> Iterator[WorkerState]:
    for service in services:
        slot = DEFAULT.slot(service.plan.unit)
        if slot is not None:
            down = service.state not in (INACTIVE, DEACTIVATING) and not service.ready
            yield WorkerState(slot=slot, ready=service.ready, down=down)
