"""Runs a job of `app/schedule/` now, as its trigger would (process:SCH-40, SCH-60)."""

from __future__ import annotations

from eggd import Application
from eggd.errors import LoadError
from eggd.testing.arguments import check_kind


async def run_schedule(app: Application, name: str, *args: object) -> object:
    """Runs a job on the app's loop and returns its result: `app.run_schedule`.

    `name` is a path below `app/schedule`, or absolute. Raises LoadError if the job does not exist,
    or the plugin is off, and the exceptions of the job.
    """
    check_kind("the name of a job", name, str, "text")
    if not hasattr(app, "run_schedule"):
        raise LoadError("the plugin schedule is off", hint="switch it on in config/plugin.py")
    return await app.run_schedule(name, *args)
