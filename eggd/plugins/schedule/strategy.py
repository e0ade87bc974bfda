"""Strategies: when a job of a type is due, and which workers run it (process:SCH-28)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Protocol

from eggd import Agent
from eggd.plugins.schedule.job import Job


class Planning(Protocol):
    """The planner, as a strategy uses it."""

    agent: Agent
    """The agent."""

    def start_timer(self, job: Job, handler: Callable[[], object]) -> None:
        """Calls `handler()` at the times of a job."""
        ...

    def send(self, job: Job, args: list[object], *, to_all: bool) -> None:
        """Runs a job in one ready worker or in all."""
        ...


class ScheduleStrategy:
    """Base of the strategies of your own types: `agent.schedule.use("cluster", ClusterStrategy)`.

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
