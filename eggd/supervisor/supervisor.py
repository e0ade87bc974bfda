"""The suite: sockets, the agent, then the workers; scale, reload and shutdown by systemd's rules.

On any running loop, in a test as well as in `eggd start`:

    async with Supervisor(Settings(base_dir=app, workers=2, listen="127.0.0.1:0")) as supervisor:
        supervisor.url                                # where it listens; port 0 took a free one
        os.kill(supervisor.service("egg-worker@1.service").pid, signal.SIGKILL)
        await supervisor.until(lambda: supervisor.deaths == 1)         # waits for events
        await supervisor.reload()
        await supervisor.scale(4)

`start` either has everything up or raises BootError and leaves nothing running. From then on every
death is repaired. Whoever runs it in a thread of its own gives that thread a loop; processes end
with `stop`, and also when the supervisor's process is killed.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Coroutine, Iterable, Iterator
from contextlib import contextmanager, suppress
from types import TracebackType

from eggd.errors import BootError
from eggd.suite.slots import (
    AGENT,
    LAST_SLOT,
    SPARE,
    unit_of,
)
from eggd.supervisor import units
from eggd.supervisor.boots import started
from eggd.supervisor.ears import Ears
from eggd.supervisor.enabled import Enabled
from eggd.supervisor.guard import Guard
from eggd.supervisor.handover import Handover, HeldSocket
from eggd.supervisor.journal import ERR, INFO, WARNING, Journal
from eggd.supervisor.reloading import Reloading
from eggd.supervisor.renewal import Renewal
from eggd.supervisor.rundir import MODE, secure_tree
from eggd.supervisor.service import ACTIVE, INACTIVE, Host, Service
from eggd.supervisor.settings import Settings

_NAME = "egg-master"


class Supervisor:
    """One suite, on the running loop; `journal` takes everybody's lines (standard output)."""

    def __init__(self, settings: Settings, journal: Journal | None = None) -> None:
        self.settings = settings
        self.journal = journal or Journal()
        self.doing = ""
        self._places = settings.places
        self._enabled = Enabled(settings.wants)
        self._loop = asyncio.get_running_loop()
        self._services: dict[str, Service] = {}
        self._handover = Handover(settings)
        self._host: Host | None = None
        self._task: asyncio.Task[None] | None = None
        self._changed: set[asyncio.Future[None]] = set()
        self.renewal = Renewal(self._renew_workers, lambda exc: self.say(exc.line, ERR))
        self._listeners: list[Callable[[str], None]] = []
        self.reload_asked: Callable[[str], None] = lambda why: self.renewal.asked()
        self.opened: Callable[[], None] = lambda: None
        self.stopping = False
        self.broken = False
        self.closed: asyncio.Future[None] = self._loop.create_future()

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
        """Where this host reaches the listener; "" while there is none."""
        return self._handover.url

    @property
    def enabled(self) -> list[int]:
        """The slots that are to run."""
        return sorted(self._enabled.slots)

    @property
    def deaths(self) -> int:
        """How many processes have ended that nobody asked to."""
        return sum(service.deaths for service in self._services.values())

    @property
    def pids(self) -> set[int]:
        """The processes whose ends are seen here."""
        guard = {self._host.guard.pid} if self._host else set()
        return guard | {service.pid for service in self._services.values()}

    @property
    def waiting(self) -> str:
        """Who is not ready yet, and what each says that it is doing."""
        late = [each for each in self._services.values() if each.state not in (INACTIVE, ACTIVE)]
        return "; ".join(f"{each.plan.unit}: {each.reason}" for each in late) or self.doing

    def service(self, unit: str) -> Service:
        """Returns a unit; it need not run."""
        if unit not in self._services:
            assert self._host is not None, "the supervisor is not started"
            plan = self._handover.plan(unit)
            self._services[unit] = Service(plan, self._host, lambda: self._handover.launch(plan))
        return self._services[unit]

    def report(self) -> list[dict[str, object]]:
        """Returns the units that there are, in systemd's words."""
        return [service.report() for service in self._services.values()]

    async def until(self, happened: Callable[[], bool]) -> None:
        """Waits until `happened()`, asked after every event of any process."""
        while not happened():
            future = self._loop.create_future()
            self._changed.add(future)
            try:
                await future
            finally:
                self._changed.discard(future)

    async def start(self) -> None:
        """Brings up sockets, agent and workers. Raises BootError, and leave nothing running."""
        await self.alone("start", self._start())

    async def stop(self, timeout: float = 0.0) -> None:
        """Stops the workers, then the agent, and give everything back; repeats wait with it.

        `timeout` are the seconds that each process has, 0 leaves that to its unit.
        """
        self.stopping = True
        await self.renewal.end()
        if timeout:
            self.limit_stop(timeout)
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])
        await self._down(self._services.values())
        self._close()

    def limit_stop(self, seconds: float) -> None:
        """Makes each stop, also a running one, end with SIGKILL `seconds` from now."""
        for service in self._services.values():
            service.limit_stop(seconds)

    async def restart(self) -> None:
        """Stops and starts all processes, the sockets stay; a failure is that of `start`."""
        await self.alone("restart", self._restart())

    async def reload(self, min_ready: float | None = None) -> None:
        """Replaces the running workers one after the other, always with N ready.

        Each new process must stay ready for the `min_ready` seconds of the settings. Raises
        BootError if nothing serves, if the new code does not start or does not stay ready (the
        spare is stopped, no worker was touched), or if a worker does not come back (the spare
        stays).
        """
        seconds = self.settings.min_ready if min_ready is None else min_ready
        await self.alone("reload", self._reload(seconds))

    async def scale(self, number: int) -> None:
        """Has workers 1 to `number`. Raises BootError, and nothing is changed, if one fails."""
        if not 1 <= number <= LAST_SLOT:
            raise BootError(f"the number of workers must be from 1 to {LAST_SLOT}, not {number}")
        await self.alone("scale", self._scale(number))

    def say(self, text: str, priority: int = INFO) -> None:
        """Writes a line of the supervisor."""
        self.doing = text
        self.journal.entry(_NAME, os.getpid(), text, priority)
        for listener in self._listeners:
            listener(text)
        self._something_changed()

    @contextmanager
    def heard_by(self, listener: Callable[[str], None]) -> Iterator[None]:
        """Has a function hear what is being done."""
        self._listeners.append(listener)
        try:
            yield
        finally:
            self._listeners.remove(listener)

    async def alone(self, what: str, work: Coroutine[object, object, None]) -> None:
        """Does one thing, which `stop` ends; BootError while another is being done."""
        doing = "stop" if self.stopping else self._task.get_name() if self._task else ""
        if doing:
            work.close()
            raise BootError(f"another {doing} is running", hint="try again later")
        task = self._task = self._loop.create_task(work, name=what)
        try:
            await asyncio.shield(task)
        except asyncio.CancelledError:
            if task.cancelled():
                raise BootError(f"{what}: the suite was stopped meanwhile") from None
            task.cancel()
            await asyncio.wait([task])
            raise
        finally:
            self._task = None
            self._something_changed()

    async def idle(self) -> None:
        """Waits until no start, stop, reload or scale runs."""
        while self._task is not None:
            await asyncio.wait([self._task])

    async def _start(self) -> None:
        try:
            self.open()
            await self._up()
        except (BootError, asyncio.CancelledError) as exc:
            await self._down(self._services.values())
            self._close()
            if isinstance(exc, BootError):
                text = f"not started, and nothing is left running: {exc.message}"
                raise BootError(text, hint=exc.hint) from exc
            raise

    async def _up(self) -> None:
        slots = self.enabled
        wanted = [self.service(AGENT), *(self.service(unit_of(slot)) for slot in slots)]
        by_unit = {service.plan.unit: service for service in wanted}
        for group in units.ordered([service.plan for service in wanted]):
            self.say(f"starting {', '.join(plan.unit for plan in group)}")
            await started(by_unit[plan.unit] for plan in group)
        self.say(f"workers ready: {len(slots)}")

    async def _down(self, services: Iterable[Service]) -> None:
        """Stops services in the reverse order of their start."""
        running = {each.plan.unit: each for each in services if each.state != INACTIVE}
        for group in reversed(units.ordered([each.plan for each in running.values()])):
            self.say(f"stopping {', '.join(plan.unit for plan in group)}")
            await asyncio.gather(*(running[plan.unit].stop() for plan in group))

    async def _restart(self) -> None:
        await self._down(self._services.values())
        try:
            await self._start()
        except BootError:
            self.broken = True
            raise

    async def _reload(self, min_ready: float) -> None:
        self.journal.reopen()
        await Reloading(self._services, self.service, self.say, self._places.run, min_ready).run()

    async def _renew_workers(self) -> None:
        """Reloads once nothing else is under way; where no worker is ready, start them anew."""
        await self.idle()
        workers = [self._worker(slot) for slot in self.enabled]
        if any(each.ready for each in (*workers, self._worker(SPARE))):
            await self.reload(min_ready=0)  # a restart by `eggd dev` does not wait
        else:
            await self.alone("reload", self._revive(workers))

    async def _revive(self, workers: list[Service]) -> None:
        await self._down(workers)
        await started(workers, again=True)
        self.say(f"workers ready: {len(workers)}")

    async def _scale(self, number: int) -> None:
        before, wanted = set(self.enabled), set(range(1, number + 1))
        self.enable(wanted | before)
        new = [self.service(unit_of(slot)) for slot in sorted(wanted - before)]
        try:
            await started([s for s in map(self._worker, sorted(wanted)) if not s.ready])
        except BaseException as exc:
            await self._down(new)
            self.enable(before)
            if isinstance(exc, BootError):
                raise BootError(exc.message, hint="nothing was changed") from exc
            raise
        self.enable(wanted)
        await self._down([self._worker(slot) for slot in sorted(before - wanted)])
        self.say(f"workers ready: {number}")

    def _worker(self, slot: int) -> Service:
        return self.service(unit_of(slot))

    def enable(self, slots: set[int]) -> None:
        """Writes the list of enabled workers; raises OSError."""
        self._enabled.set(slots)

    def parts(self) -> list[Ears | Enabled | HeldSocket]:
        """Returns the parts of the suite in the runtime directory that can be created again."""
        if self._host is None:
            return []
        return [self._host.ears, *self._handover.parts(), self._enabled]

    def open(self) -> None:
        """Makes directories, sockets and ears, unless they are there; the first step of `start`."""
        if self._host is not None:
            return
        try:
            secure_tree(self._places.run)
            self.enable(set(range(1, self.settings.workers + 1)))
        except OSError as exc:
            raise BootError(f"{exc.filename}: cannot be made: {exc.strerror}") from exc
        with suppress(OSError):  # the processes report it if they need it
            self._places.logs.mkdir(mode=MODE)
        self._handover.open()
        self._host = Host(
            Ears(self.settings.notify),
            Guard(lambda line: self.say(line, WARNING)),
            self.journal,
            (_NAME, os.getpid()),
            self._something_changed,
            self._asked,
        )
        self.opened()

    def _close(self) -> None:
        try:
            self._handover.close()
            if self._host is not None:
                self._host.ears.close()
                self._host.guard.close()
                with suppress(OSError):
                    self.enable(set())
        finally:
            self._services.clear()
            self._host = None
            if not self.closed.done():
                self.closed.set_result(None)

    def _asked(self, unit: str, why: str) -> None:
        """The agent asks for new workers: its development plugin saw that a file was saved."""
        if unit == AGENT:
            self.reload_asked(why)

    def _something_changed(self) -> None:
        for future in self._changed:
            if not future.done():
                future.set_result(None)
