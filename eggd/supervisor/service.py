"""One service unit: started, ready, watched, stopped, and restarted after a death.

Its states have systemd's names. If a boot fails, `start` raises the reason, and the unit is tried
again after RestartSec= until it is stopped.
"""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable
from dataclasses import dataclass, replace

from eggd.errors import NotReadyError
from eggd.supervisor import process_end
from eggd.supervisor.child import Child, Launch
from eggd.supervisor.guard import Guard
from eggd.supervisor.merged_output import ERR, INFO, NOTICE, MergedOutput, split_priority
from eggd.supervisor.notify_listener import NotifyListener
from eggd.supervisor.units import ServicePlan
from eggd.wire.notify import seconds

INACTIVE, ACTIVATING, ACTIVE, DEACTIVATING, RETRYING = (
    "inactive",
    "activating",
    "active",
    "deactivating",
    "auto-restart",
)


@dataclass(frozen=True, slots=True)
class Host:
    """The parts that all services of one supervisor share."""

    listener: NotifyListener
    """Receives from their processes."""
    guard: Guard
    """Ends them if the supervisor is killed."""
    merged_output: MergedOutput
    """Takes their lines."""
    identifier: tuple[str, int]
    """Name and pid under which the supervisor's own lines are written."""
    process: Callable[[Service, Launch], MainProcess]
    """Spawns a process."""
    changed: Callable[[], None] = lambda: None
    """Called after each event of any process."""
    asked: Callable[[str, str], None] = lambda unit, why: None
    """Called with unit and reason when a process requests a reload (X_EGGD_RELOAD)."""
    ended: Callable[[str, process_end.ProcessEnd], None] = lambda unit, end: None
    """Called with unit and end of each process."""


class Service:
    """One service unit; `launch` is called for each start."""

    def __init__(self, plan: ServicePlan, host: Host, launch: Callable[[], Launch]) -> None:
        self.plan = plan
        self.state = INACTIVE
        self.status = ""
        # Why the last boot failed; kept during the next attempt.
        self.failure = ""
        # The end of the last process, or its reason.
        self.last_end = ""
        # The number of ends without a request to stop.
        self.deaths = 0
        self.child: Child | None = None
        self._host = host
        self._make_launch = launch
        # Whether a stop was requested.
        self._stop_requested = False
        # The exceeded time limit for which the process is being killed, or "".
        self._exceeded_limit = ""
        # Its last line of priority error, and its last line; after the end, why it ended.
        self._last_error = ""
        self._last_line = ""
        # Whether the status is why the process ends.
        self._status_explains = False
        # The limit of the start or stop under way, or the delay before the next start.
        self._timer: asyncio.TimerHandle | None = None
        self._watchdog: asyncio.TimerHandle | None = None
        self._loop = asyncio.get_running_loop()
        # Whether the boot under way succeeded; and the end of its process.
        self._boot_result: asyncio.Future[bool] = self._loop.create_future()
        self._exited: asyncio.Future[None] = self._loop.create_future()

    @property
    def ready(self) -> bool:
        """Whether it is ready."""
        return self.state == ACTIVE

    @property
    def pid(self) -> int:
        """The pid of its process; 0 without one."""
        return self.child.pid if self.child is not None else 0

    @property
    def deadline(self) -> float:
        """Seconds left for the start or stop under way; 0 without a limit."""
        return self._timer.when() - self._loop.time() if self._timer is not None else 0.0

    @property
    def reason(self) -> str:
        """Why it is not ready: its last error, its status, or its state."""
        return self._last_error or self.status or f"{self.state}"

    def report(self) -> dict[str, object]:
        """Returns its state in systemd's terms."""
        retrying = self.state == RETRYING
        return {
            "unit": self.plan.unit,
            "active": "activating" if retrying else self.state,
            "sub": self.state,
            "status": self.status if self.pid else self.reason,
            "pid": self.pid,
            "deaths": self.deaths,
        }

    async def start(self) -> None:
        """Starts it unless it runs, and waits until it is ready.

        Raises BootError with the reason if this boot fails; it is then retried until `stop`. The
        attribute `failure` keeps the reason during the next attempt.
        """
        if self.state == DEACTIVATING:
            await asyncio.wait([self._exited])
        self.launch()
        await asyncio.wait([self._boot_result])
        if not self._boot_result.result():
            raise NotReadyError(f"{self.plan.unit.removesuffix('.service')}: {self.failure}")

    def launch(self) -> None:
        """Starts it unless it runs; does not wait until it is ready."""
        self._stop_requested = False
        if self.child is None:
            self._spawn()

    async def stop(self) -> None:
        """Sends SIGTERM, and SIGKILL after the unit's time limit; waits for the end."""
        self._stop_requested = True
        if self.state == RETRYING:
            self._clear_timers()
            self.state = INACTIVE
        if self.child is not None:
            if self.state != DEACTIVATING:
                self._terminate(signal.SIGTERM)
            await asyncio.wait([self._exited])

    def limit_stop(self, seconds: float) -> None:
        """Makes a stop, also a running one, end with SIGKILL `seconds` from now."""
        self.plan = replace(self.plan, stop_timeout=seconds)
        if self.state == DEACTIVATING and not 0 < self.deadline <= seconds:
            self._clear_timers()
            self._arm(seconds, self._stop_timed_out)

    async def stays_ready(self, seconds: float) -> bool:
        """Waits `seconds`, or until the process ends; returns whether it is still ready."""
        child = self.child
        await asyncio.wait([self._exited], timeout=seconds)
        return self.ready and self.child is child

    async def restart(self) -> None:
        """Stops and starts it; raises BootError as `start` does."""
        await self.stop()
        await self.start()

    def _spawn(self) -> None:
        self._clear_timers()
        self._boot_result, self._exited = self._loop.create_future(), self._loop.create_future()
        self.state, self.status, self._last_error, self._exceeded_limit = ACTIVATING, "", "", ""
        self._last_line = ""
        self._status_explains = False
        try:
            self.child = self._host.process(self, self._make_launch())
        except OSError as exc:
            self._not_spawned(exc)
            return
        self._host.guard.add(self.child)
        self._host.listener.listen(self.child)
        self._arm(self.plan.start_timeout, self._start_timed_out)

    def _not_spawned(self, exc: OSError) -> None:
        """Handles a process that could not be spawned like one that died."""
        self._last_error = f"cannot be started: {exc.strerror}"
        self._log(self._last_error, ERR)
        self._again(self.plan.restart_sec)

    def _again(self, delay: float | None) -> None:
        self.state = INACTIVE if delay is None else RETRYING
        if delay is not None:
            self.deaths += 1
            self._timer = self._loop.call_later(delay, self._spawn)
        if not self._boot_result.done():
            self.failure = self.reason
            self._boot_result.set_result(False)
        self._exited.set_result(None)
        self._host.changed()

    def on_field(self, key: str, value: str) -> None:
        """Handles one field of a notification of the main process."""
        if key == "STATUS":
            self.status = value
        elif key == "ERRNO":  # the status says why it ends (Notifier.failed)
            self._status_explains = value != "0"
        elif (key, value) == ("READY", "1") and self.state == ACTIVATING:
            self._became_ready()
        elif (key, value) == ("WATCHDOG", "1") and self._watchdog is not None:
            self._watch()
        elif (key, value) == ("STOPPING", "1") and self.state == ACTIVE:
            self._terminate(None)
        elif key == "X_EGGD_RELOAD":
            self._host.asked(self.plan.unit, value)
        elif key == "EXTEND_TIMEOUT_USEC" and self._timer is not None:
            self._extend(seconds(value) or 0.0)
        self._host.changed()

    def on_line(self, text: str) -> None:
        """Handles a line of the process's output."""
        message, priority = split_priority(text)
        self._last_line = message
        if priority <= ERR:
            self._last_error = message
        self._host.merged_output.write_line(self.plan.identifier, self.pid, text)

    def on_exit(self) -> None:
        """Handles the end of the process: restarts it after a while unless a stop was requested."""
        assert self.child is not None
        assert self.child.exit_code is not None
        end = process_end.ProcessEnd(
            code=self.child.exit_code,
            was_ready=self.child.ready,
            asked=self._stop_requested,
            announced=self.state == DEACTIVATING,
            cause=self._exceeded_limit,
        )
        self._host.guard.drop(self.child)
        self._host.ended(self.plan.unit, end)
        self._clear_timers()
        self._log(f"{end.how}", process_end.priority(end))
        explained = self._status_explains and end.code > 0 and not end.cause
        message = process_end.reason(end, self._last_error, self.status, self._last_line)
        self._last_error = self.last_end = self.status if explained else message
        self.child.close()
        self.child = None
        self._again(process_end.again(self.plan, end))

    def _became_ready(self) -> None:
        self._clear_timers()
        self.state = ACTIVE
        self._log("ready", INFO)
        self._watch()
        if not self._boot_result.done():
            self._boot_result.set_result(True)

    def _watch(self) -> None:
        """Starts the watchdog's timer; each WATCHDOG=1 restarts it."""
        if self._watchdog is not None:
            self._watchdog.cancel()
        if self.plan.watchdog:
            self._watchdog = self._loop.call_later(self.plan.watchdog, self._hung)

    def _hung(self) -> None:
        self._kill(f"{process_end.HUNG} {self.plan.watchdog:g} s", signal.SIGABRT)

    def _start_timed_out(self) -> None:
        self._kill(f"not ready after {self.plan.start_timeout:g} s", signal.SIGTERM)

    def _kill(self, cause: str, number: signal.Signals) -> None:
        self._exceeded_limit = cause
        self._log(cause, ERR)
        self._terminate(number)

    def _terminate(self, number: signal.Signals | None) -> None:
        """Sends a signal (None: it ends by itself) and starts the stop's time limit."""
        assert self.child is not None
        self._clear_timers()
        self.state = DEACTIVATING
        if number is not None:
            self.child.signal(number)
        self._arm(self.plan.stop_timeout, self._stop_timed_out)

    def _stop_timed_out(self) -> None:
        assert self.child is not None
        text = f"not stopped after {self.plan.stop_timeout:g} s"
        self._exceeded_limit = self._exceeded_limit or text
        self._log(f"{text}, killing it", NOTICE)
        self.child.signal(signal.SIGKILL)

    def _arm(self, delay: float, due: Callable[[], None]) -> None:
        if delay != float("inf"):
            self._timer = self._loop.call_later(delay, due)

    def _extend(self, delay: float) -> None:
        """Extends the start or stop under way to at least that many seconds from now."""
        assert self._timer is not None
        if self._loop.time() + delay > self._timer.when():
            due = self._start_timed_out if self.state == ACTIVATING else self._stop_timed_out
            self._timer.cancel()
            self._arm(delay, due)

    def _clear_timers(self) -> None:
        for timer in (self._timer, self._watchdog):
            if timer is not None:
                timer.cancel()
        self._timer = self._watchdog = None

    def _log(self, text: str, priority: int) -> None:
        name, pid = self._host.identifier
        self._host.merged_output.write_line(name, pid, f"{self.plan.unit}: {text}", priority)


class MainProcess(Child):
    """The main process of a service, to which it reports all events."""

    def __init__(self, service: Service, launch: Launch) -> None:
        super().__init__(service.plan.unit, launch)
        self._service = service

    def on_field(self, key: str, value: str) -> None:
        """Reports one field of a notification."""
        self._service.on_field(key, value)

    def on_line(self, text: str) -> None:
        """Reports one line of output."""
        self._service.on_line(text)

    def on_exit(self) -> None:
        """Reports the end."""
        self._service.on_exit()
