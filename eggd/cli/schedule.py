"""`eggd schedule`: lists the jobs of an app, shows their next times, and runs one."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from eggd.calling import call
from eggd.cli import parameters
from eggd.cli.current_app import enter, note_env
from eggd.cli.group import LoadedGroup
from eggd.cli.output import note, print_json, print_line, print_table
from eggd.cli.relay import WORK
from eggd.errors import EggError
from eggd.wire.terminal import visible_line

if TYPE_CHECKING:
    from eggd.plugins.schedule.job import Job

HEADINGS = ("job", "type", "times", "zone", "next", "file")
RUN_HEADINGS = ("job", "tick", "host", "outcome", "seconds", "token")
NEXT_HEADINGS = ("at", "in", "job")

EXAMPLES = """\b
Examples:
  eggd schedule list
  eggd schedule next --count 20
  eggd schedule run clean --env local
"""


@click.group(cls=LoadedGroup, epilog=EXAMPLES)
def command() -> None:
    """Lists and runs the jobs of the app in the current directory (docs/schedules.md)."""


@command.command("list")
@parameters.directory
@parameters.env
@parameters.as_json
def list_command(directory: Path | None, env: str, as_json: bool) -> None:
    """Lists the jobs of the app in DIR with their next times.

    If the app is running, also the last runs of jobs of type cluster, on all hosts.
    """
    base_dir, jobs = _jobs(directory, env)
    runs = _last_runs(directory, jobs)
    rows = [_record(job, base_dir) for job in jobs]
    if as_json:
        print_json(
            [{**row, "runs": runs.get(job.key, [])} for row, job in zip(rows, jobs, strict=True)]
        )
        return
    print_table([HEADINGS, *([str(row[name]) for name in HEADINGS] for row in rows)])
    if run_rows := [row for job in jobs for row in _run_rows(job, runs.get(job.key, []))]:
        print_line("")
        print_table([RUN_HEADINGS, *run_rows])


@command.command("next")
@parameters.directory
@parameters.env
@click.option(
    "--count", type=parameters.Count(), default=10, metavar="N", help="Number of times (10)."
)
@parameters.as_json
def next_command(directory: Path | None, env: str, count: int, as_json: bool) -> None:
    """Shows the next times of all cron jobs of the app in DIR, in order.

    The times of an interval depend on the start of the suite, so they are not listed.
    """
    _, jobs = _jobs(directory, env)
    now = time.time()
    times = sorted(each for job in jobs for each in _times(job, count, now))[:count]
    if as_json:
        print_json([{"at": at, "time": t, "job": name} for t, at, name in times])
        return
    print_table([NEXT_HEADINGS, *((at, f"{t - now:.0f} s", name) for t, at, name in times)])


@command.command("run")
@click.argument("name")
@parameters.env
def run_command(name: str, env: str) -> None:
    """Runs job NAME once, now, in this process; a running suite is not affected.

    The job gets an app of its own. Its result is printed; if it fails, the exit code is 1.
    """
    current = enter(None, bounds=WORK)

    from eggd.app.single import bring_up, linked

    async def run() -> object:
        app = await bring_up(linked(host))
        try:
            run_schedule = getattr(app, "run_schedule", None)
            if run_schedule is None:
                raise _off()
            return await call(run_schedule, name)
        finally:
            await app.close()

    with current.host(env) as host:
        began = time.perf_counter()
        result = asyncio.run(run())
    note(f"{name}: succeeded, {(time.perf_counter() - began) * 1000:.0f} ms")
    if result is not None:
        print_line(str(result))


def _jobs(directory: Path | None, env: str) -> tuple[Path, Sequence[Job]]:
    """Returns the folder and the jobs of an app. Raises EggError if the plugin is off."""
    current = enter(directory)

    from eggd.probe.check import load_app

    with current.host(env) as host:
        app, _ = load_app(host)
    note_env(host.info.env, host.info.env_origin)
    jobs: dict[str, Job] | None = getattr(app, "schedules", None)
    if jobs is None:
        raise _off()
    return current.base_dir, list(jobs.values())


def _last_runs(directory: Path | None, jobs: Sequence[Job]) -> dict[str, list[dict[str, object]]]:
    """Returns the last runs by key of the job; empty without a running suite."""
    if not any(job.options.type == "cluster" for job in jobs):
        return {}
    from eggd.cli.agent_request import ask_agent

    try:
        answer = ask_agent(directory, "schedule-runs", "asking for the last runs")
    except EggError as exc:
        note(f"no last runs: {exc.message}")
        return {}
    lists = answer.items() if isinstance(answer, dict) else ()
    return {key: [run for run in runs if isinstance(run, dict)] for key, runs in lists}


def _run_rows(job: Job, runs: Sequence[dict[str, object]]) -> Iterator[list[str]]:
    for run in runs:
        tick = run.get("tick")
        at = job.options.zone.text(tick) if isinstance(tick, int | float) else ""
        others = (run.get(name, "") for name in RUN_HEADINGS[2:])
        yield [job.name, at, *(visible_line(str(each)) for each in others)]


def _off() -> EggError:
    return EggError("the plugin schedule is off", hint="remove it from config/plugin.py")


def _record(job: Job, base_dir: Path) -> dict[str, object]:
    options = job.options
    times = f"every {options.interval:g} s" if options.interval is not None else options.cron
    upcoming = [at for _, at, _ in _times(job, 1, time.time())]
    return {
        "job": job.name,
        "type": options.type,
        "times": " + ".join(filter(None, ["immediate" * options.immediate, times])),
        "zone": options.zone.name,
        "next": "disabled" if options.disable else "".join(upcoming),
        "file": str(job.file).removeprefix(f"{base_dir.resolve()}/"),
    }


def _times(job: Job, count: int, now: float) -> Iterator[tuple[int, str, str]]:
    """Yields the next times of a cron job: Unix time, text in its zone, name."""
    options, at = job.options, int(now)
    if options.times is None or options.disable:
        return
    at = max(at, (options.begin or 0) - 1)
    for _ in range(count):
        at = options.times.next(at)
        if options.end is not None and at > options.end:
            return
        yield at, options.zone.text(at), job.name
