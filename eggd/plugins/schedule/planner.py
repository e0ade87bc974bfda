"""`agent.schedule`: the jobs, their strategies and timers."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping

from eggd import Agent, LoadError, Logger, Outage, suggestion_or_list
from eggd.plugins.schedule.claims import Claims
from eggd.plugins.schedule.cluster_strategy import ClusterStrategy
from eggd.plugins.schedule.dispatcher import ACTION, Dispatcher
from eggd.plugins.schedule.job import Job
from eggd.plugins.schedule.job_timer import JobTimer
from eggd.plugins.schedule.record import Mark, Run, ScheduleRecord, boot_id
from eggd.plugins.schedule.shared import claims_of, last_runs
from eggd.plugins.schedule.strategy import AllStrategy, ScheduleStrategy, WorkerStrategy

RUNS = "schedule-runs"
"""The action by which `eggd schedule list` asks for the last runs on all hosts."""


class Planner:
    """Runs jobs at their times; `jobs` is set before `prepare`."""

    def __init__(self, agent: Agent, jobs: Mapping[str, Job]) -> None:
        self._outage: Outage | None = None
        self.agent = agent
        self.jobs = jobs
        """All jobs by key, disabled ones, too."""
        self._types: dict[str, type[ScheduleStrategy]] = {
            "worker": WorkerStrategy,
            "all": AllStrategy,
            "cluster": ClusterStrategy,
        }
        self._strategies: dict[str, ScheduleStrategy] = {}
        self._timers: list[JobTimer] = []
        self._is_closed = False

    @property
    def log(self) -> Logger:
        """The logger of schedules."""
        return schedule_logger(self.agent.get_logger("schedule_logger"), self.agent.core_logger)

    @property
    def has_worker(self) -> bool:
        """Whether a worker of this host is ready."""
        return not self._is_closed and self._dispatcher.has_worker

    @property
    def outage(self) -> Outage:
        """Reports an outage of the server that hosts share."""
        if self._outage is None:
            title = f"[egg-schedule] redis client {self.agent.config.schedule.cluster!r}"
            self._outage = Outage(title, lambda: self.log, effect="cluster jobs wait")
        return self._outage

    def use(self, name: str, strategy: type[ScheduleStrategy]) -> None:
        """Adds a type of jobs; in a hook of agent.py up to `did_load`. Raises LoadError."""
        if not isinstance(strategy, type) or not issubclass(strategy, ScheduleStrategy):
            raise LoadError(
                f"agent.schedule.use: {strategy!r} is not a class of ScheduleStrategy",
                hint="from eggd.plugins.schedule import TimerScheduleStrategy",
            )
        self._types[name] = strategy

    def prepare(self) -> None:
        """Makes the strategies of all jobs; raises LoadError for an unknown type (SCH-6)."""
        for job in self.jobs.values():
            strategy = self._types.get(job.options.type)
            if strategy is None:
                raise LoadError(
                    f"{job.place('type')}: schedule type {job.options.type!r} is not defined",
                    hint=suggestion_or_list(job.options.type, self._types),
                )
            if not job.options.disable:
                self._strategies[job.key] = strategy(job, self)
        path = self.agent.state_dir / "schedule.json"
        boot = boot_id(self.agent.rundir)
        self._record = ScheduleRecord(path, boot, self.agent.core_logger.warn)
        self._record.rename({job.key: job.file for job in self.jobs.values()})
        self._record.keep({*self._strategies})
        self._dispatcher = Dispatcher(
            self.agent, self._record, self.log, self._started, self._finished
        )
        self.agent.messenger.on(ACTION, self._dispatcher.report)
        self.agent.messenger.on_request(RUNS, self._last_runs)

    def start(self) -> None:
        """Starts all timers: the suite is ready (process:SCH-20)."""
        self.agent.messenger.on_members(lambda members: self._members_changed())
        self._dispatcher.members_changed()
        for strategy in self._strategies.values():
            strategy.start()
        self._record.write()

    def start_timer(self, job: Job, handler: Callable[[], object]) -> None:
        """Calls `handler()` at the times of a job, and at once if it is immediate or overdue."""

        def fire(wall: float, elapsed: float) -> None:
            if self._is_closed:
                self.log.warning("%s skip due to schedule closed", job.key)
                return
            mark.wall, mark.elapsed = timer.done_until(wall), elapsed
            handler()

        spec = _spec(job)
        known, timers = self._record.mark(job.key, spec), self.agent.timers
        mark = known or Mark(spec, timers.wall_time(), timers.elapsed_time())
        self._record.marks[job.key] = mark
        timer = JobTimer(job.options, timers, fire, lambda text: self._report(job, text))
        self._timers.append(timer)
        timer.start(known, is_same_boot=self._record.is_same_boot)
        if timer.is_overdue:
            mark.owed = False  # ticks that were missed together run once (process:SCH-24)
        if (job.options.immediate and not mark.immediate) or mark.owed:
            self._report(job, "next time will execute immediate")
            mark.immediate, mark.owed = True, False
            handler()

    def send(self, job: Job, args: list[object], *, to_all: bool) -> None:
        """Runs a job in one ready worker or in all; nothing after the agent began to close."""
        if self._is_closed:
            self.log.warning("%s skip due to schedule closed", job.key)
        else:
            self._dispatcher.send(job, args, to_all=to_all)

    def send_claimed(self, job: Job, claim: dict[str, float]) -> None:
        """Runs a job of type `cluster` in one ready worker; if the agent closes, the claim ends."""
        if not self._is_closed:
            self._dispatcher.send(job, [], to_all=False, claim=claim)

    def claims_of(self, job: Job) -> Claims:
        """Returns the claims of a job of type `cluster`; raises LoadError without a server."""
        return claims_of(self.agent, job, self.outage.success)

    def runs(self, job: Job) -> list[Run]:
        """Returns the runs of a job that go on."""
        return [run for run in self._record.runs.values() if run.key == job.key]

    def owe(self, job: Job, *, owed: bool) -> None:
        """Notes whether the last tick of a job still has to run; a restarted agent runs it."""
        if (mark := self._record.marks.get(job.key)) is not None:
            mark.owed = owed
            self._record.write()

    def extend(self, run: str, deadline: float) -> None:
        """Tells the worker of a run the new end of its claim."""
        self._dispatcher.extend(run, deadline)

    def close(self) -> None:
        """Stops all timers (process:SCH-27)."""
        self._is_closed = True
        for timer in self._timers:
            timer.stop()
        for strategy in self._strategies.values():
            strategy.close()
        if self._timers and not any(m.state == "ready" for m in self.agent.messenger.members):
            self._record.end_suite()

    def _members_changed(self) -> None:
        self._dispatcher.members_changed()
        for strategy in self._strategies.values():
            strategy.members_changed()

    async def _last_runs(self, data: object) -> object:
        return await last_runs(self.agent, self.jobs.values())

    def _report(self, job: Job, text: str) -> None:
        self.log.info("[Timer] %s %s", job.key, text)

    def _started(self, info: Mapping[str, object]) -> None:
        self._strategies[str(info["key"])].on_job_start(info)

    def _finished(self, info: Mapping[str, object]) -> None:
        result = "success" if info.get("success") else "failure"
        self.agent.job_runs[str(info["key"]), result] += 1
        strategy = self._strategies.get(str(info["key"]))
        if strategy is not None:
            strategy.on_job_finish(info)


def schedule_logger(own: Logger | None, core: Logger) -> Logger:
    """Returns the logger of schedules; an app that removed it from the config gets the core's."""
    return own or core


def _spec(job: Job) -> str:
    """Returns the options that decide about the times, as text to compare."""
    names = ("interval", "cron", "cron_options", "immediate")
    return json.dumps({name: job.schedule.get(name) for name in names}, default=str)
