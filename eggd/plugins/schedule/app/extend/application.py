"""`app.schedules` and `app.run_schedule`."""

from __future__ import annotations

import eggd
from eggd.plugins.schedule.job import Job
from eggd.plugins.schedule.loading import find_job
from eggd.plugins.schedule.runner import Runner


class Application(eggd.Application):
    """An application with jobs."""

    schedules: dict[str, Job]
    """The jobs by key, disabled ones, too; set before `did_load`."""
    schedule_runner: Runner
    """Runs the jobs of this worker."""

    async def run_schedule(self, name: str, *args: object) -> object:
        """Runs a job now, in this process, and returns its result (process:SCH-60).

        `name` is its path below `app/schedule`, relative to the app's folder, or absolute, with or
        without `.py`. Raises LoadError for an unknown job, and what the job raises.
        """
        return await self.schedule_runner.run(find_job(self.schedules, name, self.base_dir), *args)
