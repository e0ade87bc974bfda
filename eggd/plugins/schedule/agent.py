"""The agent has the timers of all jobs, and sends each run to a worker."""

from __future__ import annotations

from eggd import Agent, Boot
from eggd.plugins.schedule.loading import load_jobs
from eggd.plugins.schedule.planner import Planner


class ScheduleAgent(Boot[Agent]):
    """Makes `agent.schedule`, which runs jobs from when the suite is ready."""

    _planner: Planner | None = None
    """None before `config_did_load`."""

    def config_did_load(self) -> None:
        """Loads and checks the jobs, so that `agent.schedule.use` works in later hooks."""
        self._planner = self.app.schedule = Planner(self.app, load_jobs(self.app))

    async def will_ready(self) -> None:
        """Checks the types of the jobs: all strategies have been added."""
        if self._planner is not None:
            self._planner.prepare()

    async def server_did_ready(self) -> None:
        """Starts the timers, except in a command or a test."""
        if self._planner is not None and self.app.host.runs_schedules:
            self._planner.start()

    async def before_close(self) -> None:
        """Stops the timers."""
        if self._planner is not None:
            self._planner.close()
