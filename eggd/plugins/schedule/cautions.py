"""Times that are allowed, but are probably not what was intended."""

from __future__ import annotations

import re
import time
from collections.abc import Iterable, Iterator

from eggd.plugins.schedule.cron import Cron
from eggd.plugins.schedule.job import Job


def warnings_of(jobs: Iterable[Job]) -> list[str]:
    """Returns a line for each probable mistake (known:KO-7)."""
    return [line for job in jobs for line in _of_job(job)]


def _of_job(job: Job) -> Iterator[str]:
    times, options = job.options.times, job.options
    if not isinstance(times, Cron):
        if options.cron:
            yield f"{job.place('cron')}: cron has no effect: interval wins (remove one of them)"
        return
    if options.end is not None and options.end < time.time():
        yield f"{job.place('end_date')}: the job never runs again: its end_date is past"
    for step, name in _wide_steps(options.cron):
        text = f"cron {options.cron!r}: a step of {step} selects one {name} only"
        yield f"{job.place('cron')}: {text} (write that value, or use interval)"
    fields = times.fields
    if len(fields.seconds) == 60 and len(fields.minutes) == 60 and len(fields.hours) < 24:
        text = f"cron {job.options.cron!r} runs every second of its hours (write 0 0 H)"
        yield f"{job.place('cron')}: {text}"


_SIZES = {"second": 60, "minute": 60, "hour": 24, "day of month": 31, "month": 12, "weekday": 7}
"""The number of values of each field."""


def _wide_steps(cron: str) -> Iterator[tuple[str, str]]:
    """Yields the steps of `*` that are not smaller than their field, such as `*/90` minutes."""
    words = cron.split()
    names = list(_SIZES)[-len(words) :]
    for word, name in zip(words, names, strict=False):
        for step in re.findall(r"[*?]/(\d+)", word):
            if int(step) >= _SIZES[name]:
                yield step, name
