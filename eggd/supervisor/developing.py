"""The main of `eggd dev`: one worker, which is replaced after each save.

The agent's development plugin requests a reload (X_EGGD_RELOAD); while the agent cannot start, this
process watches the files itself. A new worker starts in the other of two slots, and the old one
stops when it is ready. If the new code does not start, the old worker keeps serving, and the next
attempt follows the next save.

The rotation is not a rule of `eggd/suite/`: rules exist for what systemd and the supervisor both
execute, and systemd never does this. As a rule it is longer, since a cancelled attempt must stop
the service that it started.
"""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress

from eggd.errors import BootError, EggError
from eggd.suite.files import boot_file
from eggd.suite.names import DEFAULT
from eggd.suite.reload_policy import ReloadPolicy
from eggd.supervisor.app_watcher import AppWatcher
from eggd.supervisor.control import Control
from eggd.supervisor.foreground import Run, signals
from eggd.supervisor.merged_output import NOTICE, WARNING
from eggd.supervisor.runtime_files import RuntimeFiles
from eggd.supervisor.service import INACTIVE, Service
from eggd.supervisor.supervisor import Supervisor

SLOTS = (1, 2)


class Developing:
    """Serves one app during development; `overlap`: two workers may run for a moment."""

    def __init__(self, this: Run, *, overlap: bool = True) -> None:
        self.supervisor = Supervisor(this.settings, this.merged_output)
        self.supervisor.on_reload_request = self._reload_requested
        self._run = this
        self._overlap = overlap
        self._loop = asyncio.get_running_loop()
        self._saved = asyncio.Event()
        # The reason of the last reload request.
        self._reason = ""
        # Whether a worker has been ready since the start.
        self._served = False
        # Whether this process watches the files.
        self._watches = False
        self._pending: asyncio.TimerHandle | None = None
        base_dir = str(this.settings.base_dir)
        self._policy = ReloadPolicy.of(base_dir)
        self._watcher = AppWatcher(base_dir, self._on_save, self._on_problem)

    async def run(self) -> int:
        """Serves until a signal or a stop; returns the exit code."""
        supervisor, control = self.supervisor, Control(self.supervisor)
        files = RuntimeFiles(supervisor, self._run.pidfile.run, self._run.pidfile, control)
        with signals(supervisor):
            try:
                await control.open()
                supervisor.open()
                await self._serve_until_closed()
            except EggError as exc:
                self._run.failed(exc)
                await supervisor.stop()
                return 1
            finally:
                await files.close()
                await control.close()
        return 0

    async def _serve_until_closed(self) -> None:
        """Returns when the supervisor has stopped; raises what ends the serving before that."""
        supervisor, serving = self.supervisor, asyncio.ensure_future(self._serve())
        await asyncio.wait([serving, supervisor.closed], return_when=asyncio.FIRST_COMPLETED)
        if serving.done():
            await supervisor.stop()
        serving.cancel()
        await asyncio.wait([serving])
        await asyncio.to_thread(self._watcher.stop)
        if not serving.cancelled():
            serving.result()

    async def _serve(self) -> None:
        """Starts a worker after each save; a save during an attempt cancels it."""
        while True:
            self._saved.clear()
            await self._watch()
            attempt = asyncio.ensure_future(self._replace(self._reason))
            saved = asyncio.ensure_future(self._saved.wait())
            try:
                await asyncio.wait([attempt, saved], return_when=asyncio.FIRST_COMPLETED)
                if not attempt.done():
                    attempt.cancel()
                    await asyncio.wait([attempt])
                await self._watch()
                await saved
            finally:
                saved.cancel()
                attempt.cancel()

    async def _watch(self) -> None:
        """Watches the files here while no agent does."""
        self._watches = not self.supervisor.service(DEFAULT.agent).ready
        await asyncio.to_thread(self._watcher.start if self._watches else self._watcher.stop)

    async def _replace(self, why: str) -> None:
        supervisor = self.supervisor
        try:
            await supervisor.exclusively("reload", self._start_worker(why))
        except BootError:
            if not supervisor.stopping:
                serves = "the old code keeps serving" if self._serving() else "nothing serves yet"
                supervisor.say(f"failed, see above: {serves}; the next save tries again", WARNING)

    async def _start_worker(self, why: str) -> None:
        began, agent = time.monotonic(), self.supervisor.service(DEFAULT.agent)
        if not agent.ready or (why and self._policy.of_agent(why)):
            await self._started(agent)
        old = self._serving()
        slot = next(each for each in SLOTS if self._worker(each) is not old)
        new = self._worker(slot)
        if old is not None and not self._overlap:
            await old.stop()
        # After a save the worker must not sleep because of the failed boot before it.
        (self.supervisor.settings.places.run / boot_file(slot)).unlink(missing_ok=True)
        await self._started(new)
        self.supervisor.enable({slot})
        for each in map(self._worker, SLOTS):
            if each is not new:
                await each.stop()
        self._report(why, (time.monotonic() - began) * 1000)

    def _report(self, why: str, took: float) -> None:
        url = self.supervisor.url
        if self._served:
            self.supervisor.say(f"reloaded ({took:.0f}ms): {why}", NOTICE)
        else:
            self._served = True
            self.supervisor.say(f"eggd started on {url} ({took:.0f}ms)")
            self._run.ready(url)
        self._run.served()

    async def _started(self, service: Service) -> None:
        """Restarts a service; stops it if it fails, so that it is not retried."""
        try:
            await service.restart()
        except BaseException:
            await service.stop()
            raise

    def _worker(self, slot: int) -> Service:
        return self.supervisor.service(DEFAULT.worker(slot))

    def _serving(self) -> Service | None:
        return next((each for each in map(self._worker, SLOTS) if each.state != INACTIVE), None)

    def _reload_requested(self, why: str) -> None:
        self._reason = why
        self._saved.set()

    def _on_save(self, path: str) -> None:
        """Handles a saved file, on the observer's thread."""
        with suppress(RuntimeError):  # the loop has ended
            self._loop.call_soon_threadsafe(self._debounce, path)

    def _on_problem(self, text: str) -> None:
        """Reports a path that cannot be watched, on the observer's thread."""
        with suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self.supervisor.say, text, WARNING)

    def _debounce(self, path: str) -> None:
        if self._pending is not None:
            self._pending.cancel()
        if self._watches:
            self._pending = self._loop.call_later(
                ReloadPolicy.debounce, self._reload_requested, path
            )
