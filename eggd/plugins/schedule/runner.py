"""Runs jobs in a worker: those that the agent sends, and those of `app.run_schedule`."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping
from time import perf_counter

from eggd import AnonymousRequest, Application, Logger, MessengerError
from eggd.plugins.schedule.dispatcher import ACTION
from eggd.plugins.schedule.job import Job


class Runner:
    """The jobs of one worker, and the runs that go on."""

    def __init__(self, app: Application, jobs: dict[str, Job], log: Logger) -> None:
        self._app = app
        self._jobs = jobs
        self._log = log
        self._tasks: set[asyncio.Task[None]] = set()
        """Held here: the event loop itself holds tasks weakly (known:KO-14)."""

    def start(self) -> None:
        """Takes the messages of the agent from now on."""
        self._app.messenger.on(ACTION, self._on_message)

    async def run(self, job: Job, *args: object) -> object:
        """Returns the result of a job in a ctx of its own (process:SCH-40); raises as the job."""
        query = {"path": job.key, **job.schedule}
        request = AnonymousRequest(method="SCHEDULE", url="/__schedule", query=query)
        async with asyncio.timeout(job.options.timeout):
            return await self._app.run_in_anonymous_context_scope(
                lambda ctx: job.task(ctx, *args), request
            )

    async def wait(self) -> None:
        """Waits for the runs that go on."""
        while self._tasks:
            await asyncio.wait(self._tasks)

    async def end(self) -> None:
        """Waits for the runs; those that the time limit of this hook leaves are cancelled."""
        try:
            await self.wait()
        finally:
            for task in self._tasks:
                task.cancel()

    def _on_message(self, data: object) -> None:
        if not isinstance(data, dict) or not isinstance(data.get("args"), list):
            return
        key, number = str(data.get("key")), str(data.get("id"))
        job = self._jobs.get(key)
        if job is None:
            self._log.warn("[Job#%s] %s unknown task", number, key)
            self._reply(data, success=False, cost=0, message="unknown task")
            return
        task = asyncio.get_running_loop().create_task(self._execute(job, data), name=job.name)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _execute(self, job: Job, data: Mapping[str, object]) -> None:
        number, args, began = data["id"], data["args"], perf_counter()
        assert isinstance(args, list)
        self._log.info("[Job#%s] %s executing by app", number, job.key)
        message = ""
        error: BaseException | None = None
        try:
            await self.run(job, *args)
        except TimeoutError as exc:
            limit = job.options.timeout
            error, message = exc, f"timed out after {limit:g} s" if limit else str(exc)
        except asyncio.CancelledError:
            message = "cancelled: the worker stops"
        except (Exception, SystemExit) as exc:
            error, message = exc, str(exc) or type(exc).__name__
        cost = (perf_counter() - began) * 1000
        if not message:
            self._log.info("[Job#%s] %s execute succeed, used %.0fms.", number, job.key, cost)
        else:
            text = "[Job#%s] %s execute failed, used %.0fms. %s"
            self._log.error(text, number, job.key, cost, message, exc_info=error)
        self._reply(data, success=not message, cost=cost, message=message)

    def _reply(
        self, data: Mapping[str, object], *, success: bool, cost: float, message: str
    ) -> None:
        """Reports to the agent (process:SCH-42)."""
        known = {name: data.get(name) for name in ("key", "id", "args")}
        reply = {"success": success, "worker_id": os.getpid(), "rt": cost, "message": message}
        try:
            self._app.messenger.send_to_agent(ACTION, {**known, **reply})
        except MessengerError as exc:
            self._log.error("[Job#%s] cannot report to the agent: %s", data.get("id"), exc.line)
