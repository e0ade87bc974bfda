"""Strategies: when a job of a type is due, and which workers run it (process:SCH-28)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Protocol

from eggd import Agent, Logger, Outage
from eggd.plugins.schedule.claims import Claims
from eggd.plugins.schedule.job import Job
from eggd.plugins.schedule.record import Run


class Planning(Protocol):
    """The planner, as a strategy uses it."""

    agent: Agent
    """The agent."""

    @property
    def log(self) -> Logger:
        """The logger of schedules."""
        ...

    @property
    def has_worker(self) -> bool:
        """Whether a worker of this host is ready."""
        ...

    @property
    def outage(self) -> Outage:
        """Reports an outage of the server that hosts share."""
        ...

    def claims_of(self, job: Job) -> Claims:
        """Returns the claims of a job of type `cluster`; raises LoadError without a server."""
        ...

    def runs(self, job: Job) -> list[Run]:
        """Returns the runs of a job that go on."""
        ...

    def owe(self, job: Job, *, owed: bool) -> None:
        """Notes whether the last tick of a job still has to run; a restarted agent runs it."""
        ...

    def send_claimed(self, job: Job, claim: dict[str, float]) -> None:
        """Runs a job of type `cluster` in one ready worker, with its claim."""
        ...

    def extend(self, run: str, deadline: float) -> None:
        """Tells the worker of a run the new end of its claim."""
        ...

    def start_timer(self, job: Job, handler: Callable[[], object]) -> None:
        """Calls `handler()` at the times of a job."""
        ...

    def send(self, job: Job, args: list[object], *, to_all: bool) -> None:
        """Runs a job in one ready worker or in all."""
        ...


class ScheduleStrategy:
    """Base of the strategies of your own types: `agent.schedule.use("message", OnUpload)`.

    One object for each job. `start` begins to watch for its times and calls `send_one` or
    `send_all` for each; `close` ends that.
    """

    def __init__(self, job: Job, planner: Planning) -> None:
        self.job = job
        """The job, with its key and options."""
        self.schedule: Mapping[str, object] = job.schedule
        """The job's `schedule`, with keys of your own."""
        self.agent: Agent = planner.agent
        """The agent."""
        self.count = 0
        """The number of runs that were sent."""
        self._planner = planner

    def start(self) -> None:
        """The suite is ready: begin."""

    def close(self) -> None:
        """The agent ends: send no more."""

    def send_one(self, *args: object) -> None:
        """Runs the job in one ready worker, picked at random, with arguments that JSON can hold."""
        self.count += 1
        self._planner.send(self.job, list(args), to_all=False)

    def send_all(self, *args: object) -> None:
        """Runs the job in every ready worker, with arguments that JSON can hold."""
        self.count += 1
        self._planner.send(self.job, list(args), to_all=True)

    def members_changed(self) -> None:
        """The workers of this host, or their states, have changed."""

    def on_job_start(self, info: Mapping[str, object]) -> None:
        """The job was sent: `key`, `id`, `args`."""

    def on_job_finish(self, info: Mapping[str, object]) -> None:
        """A worker has reported: also `success`, `worker_id` (its pid), `rt` (ms), `message`."""


class TimerScheduleStrategy(ScheduleStrategy):
    """Calls `handler` at the times of `interval`, `cron` and `immediate`."""

    def __init__(self, job: Job, planner: Planning) -> None:
        super().__init__(job, planner)
        if type(self).handler is TimerScheduleStrategy.handler:
            name = type(self).__name__
            raise TypeError(f"{name}: a strategy with a timer must override handler()")

    def start(self) -> None:
        """Starts the timer of the job."""
        self._planner.start_timer(self.job, self.handler)

    def handler(self) -> None:
        """Called at each time of the job."""


class WorkerStrategy(TimerScheduleStrategy):
    """Type `worker`: one ready worker runs the job."""

    def handler(self) -> None:
        """Sends to one worker."""
        self.send_one()


class AllStrategy(TimerScheduleStrategy):
    """Type `all`: every ready worker runs the job."""

    def handler(self) -> None:
        """Sends to all workers."""
        self.send_all()
