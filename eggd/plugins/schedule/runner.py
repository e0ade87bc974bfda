"""Runs jobs in a worker: those that the agent sends, and those of `app.run_schedule`."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from time import perf_counter

from eggd import AnonymousRequest, Application, Context, Logger, MessengerError
from eggd.plugins.schedule.claim import Claim, by_hand
from eggd.plugins.schedule.dispatcher import ACTION
from eggd.plugins.schedule.job import Job


class ClaimEndedError(Exception):
    """Raised for a run whose claim ended before it began."""


PATIENCE = 5.0
"""Seconds after its timeout in which a job may end before a warning says that it goes on."""
MOST_REPORTS = 100
"""Reports that a worker keeps, for an agent that lost them when it was killed."""


class Runner:
    """The jobs of one worker, and the runs that go on."""

    def __init__(self, app: Application, jobs: dict[str, Job], log: Logger) -> None:
        self._app = app
        self._jobs = jobs
        self._log = log
        self._tasks: set[asyncio.Task[None]] = set()
        """Held here: the event loop itself holds tasks weakly (known:KO-14)."""
        self._going: set[str] = set()
        """The ids of the runs that the agent sent and that go on."""
        self._claims: dict[str, Claim] = {}
        """The claims of those that are of type `cluster`."""
        self._reports: dict[str, dict[str, object]] = {}
        """The last reports, by id of the run."""

    def start(self) -> None:
        """Takes the messages of the agent from now on."""
        self._app.messenger.on(ACTION, self._on_message)

    async def run(self, job: Job, *args: object, claim: Claim | None = None) -> object:
        """Returns the result of a job in a ctx of its own (process:SCH-40); raises as the job.

        A job of type `cluster` without a claim runs by hand.
        """
        if claim is None and job.options.type == "cluster":
            claim = by_hand()
        query = {"path": job.key, **job.schedule}
        request = AnonymousRequest(method="SCHEDULE", url="/__schedule", query=query)
        scope = asyncio.timeout(job.options.timeout)
        try:
            with self._late_warning(job):
                async with scope:
                    result = await self._app.run_in_anonymous_context_scope(
                        lambda ctx: job.task(_with_claim(ctx, claim), *args), request
                    )
        except TimeoutError as exc:
            if not scope.expired():  # the job's own
                raise
            raise TimeoutError(f"timed out after {job.options.timeout:g} s") from exc
        if scope.expired():  # it has caught the CancelledError
            raise TimeoutError(f"timed out after {job.options.timeout:g} s, and went on")
        return result

    @contextmanager
    def _late_warning(self, job: Job) -> Iterator[None]:
        """Logs a warning if the job goes on `PATIENCE` seconds after its timeout."""
        if job.options.timeout is None:
            yield
            return
        text = (
            "%s goes on %g s after its timeout: its code catches CancelledError, or waits for a"
            " thread (let the exception pass)"
        )
        late = asyncio.get_running_loop().call_later(
            job.options.timeout + PATIENCE, self._log.warn, text, job.key, PATIENCE
        )
        try:
            yield
        finally:
            late.cancel()

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
        if data.get("ask"):
            self._answer(number, data)
            return
        if data.get("extend"):
            self._extend(number, data.get("claim"))
            return
        job = self._jobs.get(key)
        if job is None:
            self._log.warn("[Job#%s] %s unknown task", number, key)
            self._reply(data, success=False, cost=0, message="unknown task")
            return
        self._going.add(number)
        task = asyncio.get_running_loop().create_task(self._execute(job, data), name=job.name)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _execute(self, job: Job, data: Mapping[str, object]) -> None:
        number, args, began = str(data["id"]), data["args"], perf_counter()
        assert isinstance(args, list)
        self._log.info("[Job#%s] %s executing by app", number, job.key)
        message, repeat, has_begun = "", False, True
        error: BaseException | None = None
        try:
            claim = self._claim(number, data.get("claim"))
            await self.run(job, *args, claim=claim)
        except asyncio.CancelledError:
            message, repeat = "cancelled: the worker stops", True
        except ClaimEndedError as exc:
            message, repeat, has_begun = str(exc), True, False
        except (Exception, SystemExit) as exc:
            error, message = exc, str(exc) or type(exc).__name__
        cost = (perf_counter() - began) * 1000
        if not message:
            self._log.info("[Job#%s] %s execute succeed, used %.0fms.", number, job.key, cost)
        else:
            text = "[Job#%s] %s execute failed, used %.0fms. %s"
            self._log.error(text, number, job.key, cost, message, exc_info=error)
        self._going.discard(number)
        self._claims.pop(number, None)
        flags = {"repeat": repeat, "has_begun": has_begun}
        self._reply(data, success=not message, cost=cost, message=message, **flags)

    def _claim(self, number: str, data: object) -> Claim | None:
        """Returns the claim of a run. Raises ClaimEndedError if this host was paused too long."""
        if not isinstance(data, dict):
            return None
        claim = Claim(int(data["token"]), data["tick"], data["deadline"])
        if not claim.is_valid:
            raise ClaimEndedError("its claim ended before it began")
        self._claims[number] = claim
        return claim

    def _extend(self, number: str, data: object) -> None:
        if isinstance(data, dict) and (claim := self._claims.get(number)) is not None:
            claim.extend(data["deadline"])

    def _answer(self, number: str, data: Mapping[str, object]) -> None:
        """Reports a run again to an agent that asks for it; nothing while it goes on."""
        if number in self._going:
            return
        if (report := self._reports.get(number)) is not None:
            self._send(report)
            return
        text = "the agent ended before it sent the run"
        self._log.error("[Job#%s] %s execute failed: %s", number, data.get("key"), text)
        self._reply(data, success=False, cost=0, message=text, repeat=True, has_begun=False)

    def _reply(
        self,
        data: Mapping[str, object],
        *,
        success: bool,
        cost: float,
        message: str,
        repeat: bool = False,
        has_begun: bool = True,
    ) -> None:
        """Reports to the agent (process:SCH-42)."""
        known = {name: data.get(name) for name in ("key", "id", "args")}
        reply = {"success": success, "worker_id": os.getpid(), "rt": cost, "message": message}
        reply |= {"repeat": True} if repeat else {}
        reply |= {} if has_begun else {"has_begun": False}
        report = self._reports[str(data.get("id"))] = {**known, **reply}
        while len(self._reports) > MOST_REPORTS:
            del self._reports[next(iter(self._reports))]
        self._send(report)

    def _send(self, report: Mapping[str, object]) -> None:
        try:
            self._app.messenger.send_to_agent(ACTION, report)
        except MessengerError as exc:
            self._log.error("[Job#%s] cannot report to the agent: %s", report["id"], exc.line)


def _with_claim(ctx: Context, claim: Claim | None) -> Context:
    if claim is not None:
        ctx.claim = claim
    return ctx
