"""Times that are allowed, but are probably not what was intended."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from eggd.plugins.schedule.cron import Cron
from eggd.plugins.schedule.job import Job


def warnings_of(jobs: Iterable[Job]) -> list[str]:
    """Returns a line for each probable mistake (known:KO-7)."""
    return [line for job in jobs for line in _of_job(job)]


def _of_job(job: Job) -> Iterator[str]:
    times = job.options.times
    if not isinstance(times, Cron):
        return
    fields = times.fields
    if len(fields.seconds) == 60 and len(fields.minutes) == 60 and len(fields.hours) < 24:
        text = f"cron {job.options.cron!r} runs every second of its hours (write 0 0 H)"
        yield f"{job.place('cron')}: {text}"
