"""Loads the jobs of all load units, and of the folders of the config (process:SCH-1)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from eggd import Agent, Application, LoadError, call_export, find_export, suggestion_or_list
from eggd.plugins.schedule.job import Job, job_of

FOLDER = Path("app", "schedule")


def load_jobs(app: Application | Agent) -> dict[str, Job]:
    """Returns the jobs by key, the app's last; raises LoadError with file and line.

    A job whose `env` does not fit is left out (process:SCH-9).
    """
    jobs: dict[str, Job] = {}
    for folder, unit, prefix in _folders(app):
        if isinstance(app, Agent):
            app.loaded_files.add(folder, "**/*.py")
        for file in _files(folder):
            name = file.relative_to(folder).with_suffix("").as_posix()
            export = find_export(file, unit)
            if export is None:
                raise LoadError(f"{file}: has no job", hint="see docs/schedules.md")
            key = f"{prefix}/{name}.py"
            job = job_of(call_export(export, file, app), file, name, key)
            if job.options.env and app.env not in job.options.env:
                text = "[egg-schedule] ignore schedule %s due to `schedule.env` not match"
                app.core_logger.info(text, file)
            elif all(job.file != each.file for each in jobs.values()):
                jobs[key] = job
    return jobs


def find_job(jobs: Mapping[str, Job], name: str, base_dir: Path) -> Job:
    """Returns the job of a name, or of a path with or without `.py`; raises LoadError (SCH-60)."""
    if not isinstance(name, str) or "\0" in name:
        raise LoadError(f"run_schedule: the name of a job must be text, not {name!r}")
    stem = name.removesuffix(".py")
    path = (base_dir / f"{stem}.py").resolve()
    for job in jobs.values():
        if path == job.file or name == job.key:
            return job
    for job in reversed(list(jobs.values())):  # the app's come first
        if job.name == stem:
            return job
    names = [job.name for job in jobs.values()]
    raise LoadError(f"schedule {name!r} does not exist", hint=suggestion_or_list(stem, names))


def _folders(app: Application | Agent) -> Iterator[tuple[Path, str, str]]:
    """Yields each folder, the name of its load unit, and the beginning of its jobs' keys."""
    for unit in app.units:
        name = "" if unit.kind == "app" else f"{unit.name}:"
        yield unit.root / FOLDER, unit.name, f"{name}{FOLDER}"
    for directory in app.config.schedule.directory:
        folder = app.base_dir / directory
        if not folder.is_dir():
            raise LoadError(f"schedule.directory: {directory!r} is not a folder")
        yield folder, app.name, _relative(folder, app.base_dir)


def _relative(folder: Path, base_dir: Path) -> str:
    """Returns the path of a folder relative to the app, or the absolute one of another folder."""
    for path, base in ((folder, base_dir), (folder.resolve(), base_dir.resolve())):
        if path.is_relative_to(base):
            return path.relative_to(base).as_posix()
    return str(folder)


def _files(folder: Path) -> list[Path]:
    """Returns the files of jobs below a folder, sorted; names with `_` or `.` in front are not."""
    return [
        file
        for file in sorted(folder.rglob("*.py"))
        if not any(part[0] in "_." for part in file.relative_to(folder).parts)
    ]
