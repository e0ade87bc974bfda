"""Runs a job of `app/schedule/` now, as its trigger would (process:SCH-40, SCH-60)."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlencode

from eggd.app.application import Application
from eggd.app.context.anonymous import AnonymousRequest
from eggd.app.context.context import Context
from eggd.calling import call
from eggd.errors import LoadError
from eggd.loader.exports import find_export
from eggd.testing.arguments import check_kind


async def run_schedule(app: Application, name: str, *args: object) -> object:
    """Runs the job of a file, below `app/schedule` or absolute, and returns its result.

    `subscribe(*args)` of its class is called with a new anonymous ctx, on the app's loop. Raises
    LoadError if the job does not exist, and the exceptions of the job.
    """
    check_kind("the name of a job", name, str, "text")
    file, unit = _file(app, name)
    cls = find_export(file, unit)
    schedule, subscribe = getattr(cls, "schedule", None), getattr(cls, "subscribe", None)
    if not isinstance(cls, type) or schedule is None or subscribe is None:
        raise LoadError(
            f"{file}: the class must have `schedule` and `subscribe`",
            hint="class Clean(BaseContextClass): schedule = {...}; async def subscribe(self): ...",
        )

    async def run(ctx: Context) -> object:
        return await call(cls(ctx).subscribe, *args)

    query = urlencode({"path": str(file), **schedule}, doseq=True)
    request = AnonymousRequest(method="SCHEDULE", url=f"/__schedule?{query}")
    return await app.run_in_anonymous_context_scope(run, request)


def _file(app: Application, name: str) -> tuple[Path, str]:
    """Returns the file of a job and its unit; the app's files come first."""
    relative = name if name.endswith(".py") else f"{name}.py"
    for unit in reversed(app.units):
        file = unit.root / "app" / "schedule" / relative
        if file.is_file():
            return file, unit.name
    raise LoadError(f"schedule {name!r} does not exist", hint=f"create app/schedule/{relative}")
