"""Type `cluster`: one worker of all hosts runs each tick.

The agent of every host has the timer of the job and claims each tick (claims.py) when it has a
ready worker; the one that gets the claim sends the run. It extends the claim while the run goes on.
The others watch a claim that has not ended, and act when its time is up.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Mapping
from dataclasses import dataclass
from uuid import uuid4

from eggd import RetryPauses, Timer
from eggd.plugins.schedule.claim import boot_time
from eggd.plugins.schedule.claim_scripts import MOST_ATTEMPTS
from eggd.plugins.schedule.claims import Claims, Open
from eggd.plugins.schedule.every import latest
from eggd.plugins.schedule.job import Job
from eggd.plugins.schedule.strategy import Planning, TimerScheduleStrategy

LONGEST_RETRY = 5.0
"""Most seconds between two attempts to reach the server."""


@dataclass(frozen=True, slots=True)
class _Ended:
    """A run that has ended, until the server knows."""

    claim: Mapping[str, float]
    outcome: str
    """Empty for a run that never began and is to be repeated."""
    seconds: float


class ClusterStrategy(TimerScheduleStrategy):
    """Claims the ticks of one job for this host; a task does what an event or a time asks for."""

    def __init__(self, job: Job, planner: Planning) -> None:
        super().__init__(job, planner)
        # Commands and tests run no job by itself: they need no server.
        if self.agent.host.runs_schedules:
            self._claims: Claims = planner.claims_of(job)
        self._due: tuple[int, str] | None = None
        """The latest tick that this host has not settled, and the id of its request."""
        self._held: dict[str, Mapping[str, float]] = {}
        """The claims of the runs that go on, by id of the run."""
        self._ended: list[_Ended] = []
        self._extend_at = self._review_at = self._retry_at = float("inf")
        """Elapsed time at which claims are extended or reviewed, or the server is tried again."""
        self._pauses = RetryPauses(0.5, LONGEST_RETRY)
        self._news = asyncio.Event()
        self._timer: Timer | None = None
        self._task: asyncio.Task[None] | None = None
        """None before `start`."""

    def start(self) -> None:
        """Goes on with the runs of a former agent, and starts the timer."""
        for run in self._planner.runs(self.job):
            if run.claim is not None:
                self._held[run.id] = run.claim
        self._extend_at = self._review_at = 0.0
        self._task = asyncio.get_running_loop().create_task(self._work(), name=self.job.name)
        super().start()
        self._news.set()

    def close(self) -> None:
        """Claims nothing more; claims of runs that go on end at their time."""
        if self._timer is not None:
            self._timer.cancel()
        if self._task is not None:
            self._task.cancel()

    def handler(self) -> None:
        """Claims the latest tick: those that were missed run once (known:KO-15)."""
        options, now = self.job.options, int(self.agent.timers.wall_time())
        assert options.times is not None
        tick = latest(options.times, now if options.end is None else min(now, options.end))
        if tick is not None:
            self._due = tick, uuid4().hex
            self._planner.owe(self.job, owed=True)
            self._news.set()

    def members_changed(self) -> None:
        """Claims what has waited for a worker."""
        if self._task is not None:
            self._review_at = 0.0
            self._news.set()

    def on_job_start(self, info: Mapping[str, object]) -> None:
        """Extends the claim of the run from now on."""
        claim = info.get("claim")
        if isinstance(claim, dict):
            self._held[str(info["id"])] = claim
            self._extend_at = min(self._extend_at, self._now + self._period)

    def on_job_finish(self, info: Mapping[str, object]) -> None:
        """Ends the claim; in `least_once` not that of a run that did not come to its end."""
        claim, cost = info.get("claim"), info.get("rt")
        self._held.pop(str(info["id"]), None)
        if not isinstance(claim, dict):
            return
        if info.get("repeat") and self.job.options.at == "least_once":
            self._review_at = min(self._review_at, self._now + self.job.options.takeover)
            if info.get("has_begun") is False:
                self._ended.append(_Ended(claim, "", 0.0))
        else:
            outcome = "succeeded" if info.get("success") else "failed"
            seconds = cost / 1000 if isinstance(cost, int | float) else 0.0
            self._ended.append(_Ended(claim, outcome, seconds))
        self._news.set()

    @property
    def _now(self) -> float:
        return self.agent.timers.elapsed_time()

    @property
    def _period(self) -> float:
        """Seconds between two extensions of a claim."""
        return self.job.options.takeover / 3

    async def _work(self) -> None:
        while True:
            await self._news.wait()
            self._news.clear()
            try:
                await self._step()
                self._pauses.success()
                self._retry_at = float("inf")
            except Exception as exc:  # the client's errors depend on its version
                self._unreached(exc)
            self._arm()

    async def _step(self) -> None:
        """Does all that is due, in the order that keeps this host's own claims."""
        while self._ended:
            await self._finish(self._ended[0])
            self._ended.pop(0)
        if self._held and self._now >= self._extend_at:
            await self._extend()
        if self._due is not None and self._planner.has_worker:
            await self._claim_due(*self._due)
        if self._now >= self._review_at:
            self._review_at = float("inf")
            await self._review()

    async def _finish(self, ended: _Ended) -> None:
        tick, token = int(ended.claim["tick"]), int(ended.claim["token"])
        if not ended.outcome:
            await self._claims.give_back(self.job, tick, token)
            self._review_at = 0.0
            return
        held = await self._claims.finish(
            self.job, tick, token, outcome=ended.outcome, seconds=ended.seconds
        )
        if not held:
            text = "%s ended after its claim of %s was over (token %s)"
            self._planner.log.warning(text, self.job.key, tick, token)

    async def _extend(self) -> None:
        self._extend_at = self._now + self._period
        for run, claim in list(self._held.items()):
            asked = boot_time()
            held = await self._claims.extend(self.job, int(claim["tick"]), int(claim["token"]))
            if run not in self._held:  # it has ended meanwhile
                continue
            self._planner.extend(run, asked + self.job.options.takeover if held else 0.0)
            if not held:
                del self._held[run]
                text = "[Job#%s] %s has lost its claim of %s (token %s)"
                self._planner.log.error(text, run, self.job.key, claim["tick"], claim["token"])

    async def _claim_due(self, tick: int, request: str) -> None:
        await self._claim(tick, request)
        if self._due == (tick, request):  # no later tick has come meanwhile
            self._due = None
            self._planner.owe(self.job, owed=False)

    async def _claim(self, tick: int, request: str, former: str = "") -> None:
        asked = boot_time()
        outcome, token, others = await self._claims.claim(self.job, tick, request)
        if outcome == "granted":
            how = f"is taken over from {former}" if former else "is claimed"
            self._planner.log.info("%s %s %s with token %s", self.job.key, tick, how, token)
            self.count += 1
            deadline = asked + self.job.options.takeover
            self._planner.send_claimed(
                self.job, {"tick": tick, "token": token, "deadline": deadline}
            )
        elif outcome == "busy":
            text = "%s %s is left out: an earlier run is going on"
            self._planner.log.warning(text, self.job.key, tick)
        elif outcome == "spent":
            text = "%s %s execute failed: %d workers or hosts have ended or hung during it"
            self._planner.log.error(f"{text}, it is given up", self.job.key, tick, MOST_ATTEMPTS)
        if others:
            self._review_at = 0.0

    async def _review(self) -> None:
        """Acts on claims whose time is up, and looks again when that of the others will be."""
        mine = {int(claim["tick"]) for claim in self._held.values()}
        for claim in await self._claims.review(self.job):
            if claim.kind == "open":
                # Hosts look at different moments, the first of them takes it over.
                again = self._now + claim.left + random.uniform(0.01, 0.1)
                self._review_at = min(self._review_at, again)
            elif claim.kind == "lost":
                self._report_lost(claim)
            elif claim.tick not in mine and self._planner.has_worker:
                await self._claim(claim.tick, uuid4().hex, claim.host)

    def _report_lost(self, claim: Open) -> None:
        text = "%s %s execute failed: no sign of life of %s for %g s"
        takeover = self.job.options.takeover
        self._planner.log.error(text, self.job.key, claim.tick, claim.host, takeover)

    def _unreached(self, exc: Exception) -> None:
        """Tries again later: first with a review, as others may have ended meanwhile."""
        problem = self.agent.redis.problem(self.agent.config.schedule.cluster)
        self._planner.outage.failure(problem or exc)
        self._review_at = 0.0
        self._retry_at = self._now + self._pauses.failure()

    def _arm(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        extend = self._extend_at if self._held else float("inf")
        due = min(extend, self._review_at)
        due = self._retry_at if self._pauses.is_retrying else due
        if due < float("inf"):
            self._timer = self.agent.timers.at_elapsed(due, self._news.set)
