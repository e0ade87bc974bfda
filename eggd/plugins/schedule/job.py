"""One job: its file, its options, and the function that does its work."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from eggd import LoadError, mismatch
from eggd.plugins.schedule.options import TYPES, JobOptions, OptionError, read_options
from eggd.plugins.schedule.places import place_of

FORMS = (
    "class Clean(Service): schedule = {...}; async def subscribe(self): ..., or"
    " schedule = {...} and async def task(ctx): ..."
)


@dataclass(frozen=True, slots=True)
class Job:
    """A job of a file below `app/schedule`."""

    key: str
    """The path of its file relative to the app, such as `app/schedule/clean.py`; in a plugin or
    framework relative to that, with its name in front: `money:app/schedule/rates.py`. So a release
    in a new directory has the same jobs."""
    file: Path
    """The real path of its file."""
    name: str
    """Its path below `app/schedule`, without the suffix."""
    schedule: Mapping[str, object]
    """Its options as they are written; those of custom types, too."""
    options: JobOptions
    """The options, checked."""
    task: Callable[..., object]
    """Does the work: `task(ctx, *args)`."""

    def place(self, key: str) -> str:
        """Returns file and line of a key of the job's `schedule`."""
        return place_of(self.file, key)


def job_of(export: object, file: Path, name: str, key: str) -> Job:
    """Returns the job that a file exports; raises LoadError with file and line (SCH-2, SCH-3)."""
    schedule = _member(export, "schedule")
    task = _subscriber(export, file) if isinstance(export, type) else _member(export, "task")
    if schedule is None or task is None:
        missing = "schedule" if schedule is None else "task"
        raise LoadError(f"{place_of(file)}: the job has no {missing!r}", hint=FORMS)
    task = _checked(task, file)
    try:
        options = read_options(schedule)
    except OptionError as exc:
        raise LoadError(
            f"{place_of(file, exc.key)}: schedule: {exc.message}", hint=exc.hint
        ) from exc
    assert isinstance(schedule, Mapping)
    if options.type in TYPES and not options.disable:
        _check_call(task, file)
    return Job(key, file.resolve(), name, dict(schedule), options, task)


def _member(export: object, name: str) -> object:
    return export.get(name) if isinstance(export, Mapping) else getattr(export, name, None)


def _subscriber(cls: type, file: Path) -> Callable[..., object]:
    """Returns a function that calls `subscribe` of a new object of a class."""
    subscribe = getattr(cls, "subscribe", None)
    if not callable(subscribe):
        raise LoadError(
            f"{place_of(file)}: class {cls.__name__} has no method 'subscribe'", hint=FORMS
        )
    _checked(subscribe, file)
    if wrong := mismatch(cls, None):
        hint = "subclass Service, or define __init__(self, ctx)"
        text = f"{place_of(file)}: class {cls.__name__} cannot be called: {wrong}"
        raise LoadError(text, hint=hint)

    @functools.wraps(subscribe)  # an error names it
    def run(ctx: object, *args: object) -> object:
        return cls(ctx).subscribe(*args)

    return run


def _checked(function: object, file: Path) -> Callable[..., object]:
    """Returns a function that takes at least one argument; raises LoadError for another."""
    if not callable(function):
        raise LoadError(f"{place_of(file)}: task must be a function, not {function!r}", hint=FORMS)
    name = getattr(function, "__name__", "task")
    if inspect.isgeneratorfunction(function) or inspect.isasyncgenfunction(function):
        raise LoadError(f"{place_of(file)}: {name} must not be a generator", hint="remove yield")
    _check_call(function, file, more=True)
    return function


def _check_call(function: Callable[..., object], file: Path, *, more: bool = False) -> None:
    """Raises LoadError for a function that a call with one argument does not fit.

    Only a job of a type of the app's own, or one that is disabled, is called with `more`.
    """
    if wrong := mismatch(function, None, more=more):
        name = getattr(function, "__name__", "task")
        raise LoadError(
            f"{place_of(file)}: {name} cannot be called: {wrong}",
            hint="subscribe(self, *args) or task(ctx, *args)",
        )
