"""`agent.schedule`: the jobs, their strategies and timers."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping

from eggd import Agent, LoadError, Logger, suggestion_or_list
from eggd.plugins.schedule.dispatcher import ACTION, Dispatcher
from eggd.plugins.schedule.job import Job
from eggd.plugins.schedule.job_timer import JobTimer
from eggd.plugins.schedule.places import place_of
from eggd.plugins.schedule.record import Mark, ScheduleRecord, boot_id
from eggd.plugins.schedule.strategy import AllStrategy, ScheduleStrategy, WorkerStrategy


class Planner:
    """Runs jobs at their times; `jobs` is set before `prepare`."""

    def __init__(self, agent: Agent, jobs: Mapping[str, Job]) -> None:
        self.agent = agent
        self.jobs = jobs
        """All jobs by key, disabled ones, too."""
        self._types: dict[str, type[ScheduleStrategy]] = {
            "worker": WorkerStrategy,
            "all": AllStrategy,
        }
        self._strategies: dict[str, ScheduleStrategy] = {}
        self._timers: list[JobTimer] = []
        self._is_closed = False

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
                    f"{place_of_job(job, 'type')}: schedule type {job.options.type!r} is not"
                    " defined",
                    hint=suggestion_or_list(job.options.type, self._types),
                )
            if not job.options.disable:
                self._strategies[job.key] = strategy(job, self)
        path = self.agent.state_dir / "schedule.json"
        boot = boot_id(self.agent.rundir)
        self._record = ScheduleRecord(path, boot, self.agent.core_logger.warn)
        self._record.keep({*self._strategies})
        self._dispatcher = Dispatcher(
            self.agent, self._record, self._log, self._started, self._finished
        )
        self.agent.messenger.on(ACTION, self._dispatcher.report)

    def start(self) -> None:
        """Starts all timers: the suite is ready (process:SCH-20)."""
        self.agent.messenger.on_members(lambda members: self._dispatcher.members_changed())
        self._dispatcher.members_changed()
        for strategy in self._strategies.values():
            strategy.start()
        self._record.write()

    def start_timer(self, job: Job, handler: Callable[[], object]) -> None:
        """Calls `handler()` at the times of a job, and at once if it is immediate or overdue."""

        def fire(wall: float, elapsed: float) -> None:
            if self._is_closed:
                self._log.warn("%s skip due to schedule closed", job.key)
                return
            mark.wall, mark.elapsed = wall, elapsed
            handler()

        spec = _spec(job)
        known, timers = self._record.mark(job.key, spec), self.agent.timers
        mark = known or Mark(spec, timers.wall_time(), timers.elapsed_time())
        self._record.marks[job.key] = mark
        timer = JobTimer(job.options, timers, fire, lambda text: self._report(job, text))
        self._timers.append(timer)
        timer.start(known, is_same_boot=self._record.is_same_boot)
        if (job.options.immediate and not mark.immediate) or mark.owed:
            self._report(job, "next time will execute immediate")
            mark.immediate, mark.owed = True, False
            handler()

    def send(self, job: Job, args: list[object], *, to_all: bool) -> None:
        """Runs a job in one ready worker or in all; nothing after the agent began to close."""
        if self._is_closed:
            self._log.warn("%s skip due to schedule closed", job.key)
        else:
            self._dispatcher.send(job, args, to_all=to_all)

    def close(self) -> None:
        """Stops all timers (process:SCH-27)."""
        self._is_closed = True
        for timer in self._timers:
            timer.stop()
        for strategy in self._strategies.values():
            strategy.close()
        if self._timers and not any(m.state == "ready" for m in self.agent.messenger.members):
            self._record.end_suite()

    @property
    def _log(self) -> Logger:
        return schedule_logger(self.agent.get_logger("schedule_logger"), self.agent.core_logger)

    def _report(self, job: Job, text: str) -> None:
        self._log.info("[Timer] %s %s", job.key, text)

    def _started(self, info: Mapping[str, object]) -> None:
        self._strategies[str(info["key"])].on_job_start(info)

    def _finished(self, info: Mapping[str, object]) -> None:
        strategy = self._strategies.get(str(info["key"]))
        if strategy is not None:
            strategy.on_job_finish(info)


def schedule_logger(own: Logger | None, core: Logger) -> Logger:
    """Returns the logger of schedules; an app that removed it from the config gets the core's."""
    return own or core


def place_of_job(job: Job, key: str) -> str:
    """Returns file and line of a key of the job's `schedule`."""
    from pathlib import Path

    return place_of(Path(job.key), key)


def _spec(job: Job) -> str:
    """Returns the options that decide about the times, as text to compare."""
    names = ("interval", "cron", "cron_options", "immediate")
    return json.dumps({name: job.schedule.get(name) for name in names}, default=str)
