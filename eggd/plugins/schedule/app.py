"""A worker runs the jobs that the agent sends to it."""

from __future__ import annotations

from eggd import Boot
from eggd.plugins.schedule.cautions import warnings_of
from eggd.plugins.schedule.loading import load_jobs
from eggd.plugins.schedule.planner import schedule_logger
from eggd.plugins.schedule.runner import Runner
from eggd.plugins.schedule.shared import check_client, client_name
from eggd.plugins.schedule.types import check_types


class ScheduleApp(Boot):
    """Loads the jobs, and waits for those that run when the worker stops."""

    _runner: Runner | None = None
    """None before `did_load`."""

    def config_did_load(self) -> None:
        """Loads and checks the jobs."""
        self.app.schedules = load_jobs(self.app)
        self.app.warnings += warnings_of(self.app.schedules.values())
        self.app.add_check(self._check)

    async def did_load(self) -> None:
        """Takes runs from the agent, which sends them to ready workers only."""
        log = schedule_logger(self.app.get_logger("schedule_logger"), self.app.core_logger)
        self._runner = self.app.schedule_runner = Runner(self.app, self.app.schedules, log)
        self._runner.start()
        self.app.on_drain(self._runner.wait)
        for job in self.app.schedules.values():
            if not job.options.disable:
                log.info("[egg-schedule]: register schedule %s", job.key)

    def _check(self) -> list[str]:
        check_client(self.app)
        for job in self.app.schedules.values():
            if job.options.type == "cluster" and not job.options.disable:
                client_name(self.app, job)
        own = [unit for unit in self.app.units if not unit.package.startswith("eggd.plugins.")]
        files = [file for unit in own if (file := unit.file("agent.py")) is not None]
        return check_types(self.app.schedules.values(), files)

    async def before_close(self) -> None:
        """Waits for the runs that go on, up to `close_timeout`."""
        if self._runner is not None:
            await self._runner.end()
