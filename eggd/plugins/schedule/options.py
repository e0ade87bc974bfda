"""The options of one job: what its `schedule` says, checked at the start (process:SCH-4..7)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from typing import TypedDict, TypeVar

from eggd import EggError, seconds, suggestion_or_list
from eggd.plugins.schedule.cron import Cron
from eggd.plugins.schedule.cron_fields import parse
from eggd.plugins.schedule.every import Every, Times
from eggd.plugins.schedule.zone import Zone

TYPES = ("worker", "all", "cluster")
"""The types that eggd has; agent.schedule.use() adds others."""

AT = ("most_once", "least_once")

CLUSTER_ONLY = ("at", "takeover")

OVERLAPS = ("allow", "skip", "queue")

T = TypeVar("T")


class _ClusterOptions(TypedDict, total=False):
    at: str
    takeover: float


class OptionError(Exception):
    """Raised for a wrong option: its key, what is wrong, and a hint."""

    def __init__(self, key: str, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.key, self.message, self.hint = key, message, hint


@dataclass(frozen=True, slots=True, kw_only=True)
class JobOptions:
    """The times of a job, and the processes that run it."""

    type: str
    """`worker`: one ready worker, by chance; `all`: every ready worker; `cluster`: one ready worker
    of all hosts; or a type of your own."""
    interval: float | None = None
    """Seconds between two runs, or text such as "5s"; wins over `cron`. In type `cluster` whole
    seconds: the ticks are the multiples of the interval since 1970, on every host."""
    cron: str = ""
    """The times as a cron expression, of 5 fields or of 6 with the seconds in front."""
    cron_options: Mapping[str, object] = field(default_factory=dict)
    """`tz` is a time zone (default: that of the machine); `start_date` and `end_date` are limits,
    as text of ISO 8601 or datetime, without an offset in that time zone."""
    immediate: bool = False
    """Whether it runs once as the suite is ready."""
    disable: bool = False
    """Whether only `app.run_schedule` runs it."""
    env: tuple[str, ...] = ()
    """The environments in which it exists; empty: all of them."""
    overlap: str = "allow"
    """The effect of a tick while an earlier run is going on: `allow` runs the job beside it,
    `skip` leaves the tick out, `queue` runs the job afterwards, once for any number of ticks."""
    timeout: float | None = None
    """Seconds after which a run is cancelled and failed, a year at most; None: no limit."""
    jitter: float = 0.0
    """The most seconds that a tick is delayed, by chance, so that hosts do not start at once; at
    most a week."""
    at: str = "most_once"
    """In type `cluster`, the effect of a host that ends or hangs during a run: `most_once` logs the
    run as failed, `least_once` runs the job again on another host."""
    takeover: float = 30.0
    """In type `cluster`, the seconds without a sign of life of the host after which `at` applies;
    1 second to 1 day."""

    @property
    def times(self) -> Times | None:
        """The ticks on the wall clock; None without any, such as those of an interval."""
        if self.interval is not None:
            return Every(int(self.interval)) if self.type == "cluster" else None
        if not self.cron:
            return None
        return Cron(parse(self.cron), self.zone)

    @property
    def zone(self) -> Zone:
        """The time zone of `cron`."""
        return Zone(str(self.cron_options.get("tz") or ""))

    @property
    def begin(self) -> int | None:
        """The Unix time before which no tick is."""
        return _moment(self.cron_options.get("start_date"), self.zone)

    @property
    def end(self) -> int | None:
        """The Unix time after which no tick is."""
        return _moment(self.cron_options.get("end_date"), self.zone)


KNOWN = tuple(each.name for each in fields(JobOptions))
CRON_OPTIONS = ("tz", "start_date", "end_date")


def read_options(schedule: object) -> JobOptions:
    """Returns the checked options. Raises OptionError naming the key."""
    if not isinstance(schedule, Mapping):
        raise OptionError("", f"schedule must be a dict, not {schedule!r}")
    given = dict(schedule)
    kind = given.get("type")
    if not isinstance(kind, str) or not kind:
        raise OptionError("type", f"type must be text, not {kind!r}", 'use "worker" or "all"')
    known = KNOWN if kind == "cluster" else [key for key in KNOWN if key not in CLUSTER_ONLY]
    own = [key for key in given if key not in known]
    if own and kind in TYPES:
        raise OptionError(str(own[0]), f"{own[0]}: unknown key", suggestion_or_list(own[0], known))
    options = JobOptions(
        type=kind,
        interval=_read(given, "interval", _interval, None),
        cron=_read(given, "cron", _text, ""),
        cron_options=_read(given, "cron_options", _cron_options, {}),
        immediate=_read(given, "immediate", _flag, default=False),
        disable=_read(given, "disable", _flag, default=False),
        env=_read(given, "env", _names, ()),
        overlap=_read(given, "overlap", _overlap, "allow"),
        timeout=_read(given, "timeout", _limit, None),
        jitter=_read(given, "jitter", _jitter, 0.0),
        **_cluster_options(given, kind),
    )
    _check(options, given)
    if kind == "cluster":
        _check_cluster(options)
    return options


def _check(options: JobOptions, given: Mapping[str, object]) -> None:
    """Raises OptionError for options that do not fit each other."""
    has_times = options.interval is not None or options.immediate or "cron" in given
    if not has_times and options.type in TYPES:
        raise OptionError("", "has no interval, cron or immediate", "set one of them")
    try:
        times = parse(options.cron) if "cron" in given else None
    except EggError as exc:
        text = f"cron {given['cron']!r}: {exc.message}"
        raise OptionError("cron", text, exc.hint) from exc
    if options.cron_options and times is None:
        raise OptionError("cron_options", "cron_options has no effect without cron", "remove it")
    if options.interval is not None and options.jitter >= options.interval:
        raise OptionError("jitter", "jitter must be less than the interval")
    begin, end = options.begin, options.end
    if begin is not None and end is not None and end < begin:
        raise OptionError("end_date", "end_date is before start_date")


def _cluster_options(given: Mapping[str, object], kind: str) -> _ClusterOptions:
    """Returns the options of type `cluster`; a type of an app may have others of these names."""
    if kind != "cluster":
        return {}
    return {
        "at": _read(given, "at", _at, "most_once"),
        "takeover": _read(given, "takeover", _takeover, 30.0),
    }


def _check_cluster(options: JobOptions) -> None:
    """Raises OptionError for options that hosts with different starts cannot have together."""
    if options.immediate:
        text = "immediate is not possible in type cluster: hosts start at different times"
        raise OptionError("immediate", text, "use cron or interval")
    if options.overlap == "queue":
        text = 'overlap "queue" is not possible in type cluster'
        raise OptionError("overlap", text, 'use "skip" or "allow"')
    if options.interval is not None and (options.interval < 1 or options.interval % 1):
        text = f"interval must be whole seconds in type cluster, not {options.interval!r}"
        raise OptionError("interval", text, "hosts agree on the multiples of it since 1970")


def _read(given: Mapping[str, object], key: str, check: Callable[[object], T], default: T) -> T:
    """Returns the checked value of a key. Raises OptionError."""
    if key not in given:
        return default
    value = given[key]
    try:
        return check(value)
    except OptionError:
        raise
    except ValueError as exc:
        raise OptionError(key, f"{key} must be {exc}, not {value!r}") from exc


def _jitter(value: object) -> float:
    jitter = seconds(value)
    if jitter > 7 * _DAY:
        raise ValueError("0 to 604800 seconds, or text up to '7d'")
    return jitter


_LONGEST = 100 * 365 * 86_400
"""Seconds: the date of the next tick must be one that `datetime` can express."""
_DAY = 86_400


def _limit(value: object) -> float | None:
    if value is None:
        return None
    limit = seconds(value)
    if not 0 < limit <= 365 * _DAY:
        raise ValueError("more than 0 seconds and at most '365d', or text such as '5s'")
    return limit


def _interval(value: object) -> float:
    try:
        interval = seconds(value)
    except ValueError as exc:
        raise ValueError("a millisecond to 100 years, or text such as '5s'") from exc
    if not 0.001 <= interval <= _LONGEST:
        raise ValueError("a millisecond to 100 years, or text such as '5s'")
    return interval


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError("text such as '0 30 2 * * *'")
    return value


def _flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise ValueError("True or False")
    return value


def _names(value: object) -> tuple[str, ...]:
    values = [value] if isinstance(value, str) else value
    if not isinstance(values, list | tuple) or not all(isinstance(each, str) for each in values):
        raise ValueError("a list of environments")
    return tuple(values)


def _at(value: object) -> str:
    if value not in AT:
        raise ValueError('"most_once" or "least_once"')
    return str(value)


def _takeover(value: object) -> float:
    takeover = seconds(value)
    if not 1 <= takeover <= _DAY:
        raise ValueError("1 to 86400 seconds, or text from '1s' to '1d'")
    return takeover


def _overlap(value: object) -> str:
    if value not in OVERLAPS:
        raise ValueError('"allow", "skip" or "queue"')
    return str(value)


def _cron_options(value: object) -> Mapping[str, object]:
    """Returns the options of `cron`; raises OptionError naming a wrong one."""
    if not isinstance(value, Mapping):
        raise ValueError("a dict")
    for key in value:
        if key not in CRON_OPTIONS:
            hint = suggestion_or_list(str(key), CRON_OPTIONS)
            raise OptionError(str(key), f"cron_options.{key}: unknown key", hint)
    try:
        zone = Zone(_text(value.get("tz", "")))
    except ValueError as exc:
        raise OptionError("tz", f"cron_options.tz must be the name of a time zone: {exc}") from exc
    except EggError as exc:
        raise OptionError("tz", f"cron_options.tz: {exc.message}", exc.hint) from exc
    for key in CRON_OPTIONS[1:]:
        try:
            _moment(value.get(key), zone)
        except ValueError as exc:
            text = f"cron_options.{key} must be a date and time, not {value[key]!r}"
            raise OptionError(key, text, "2026-12-31T18:00:00") from exc
    return dict(value)


def _moment(value: object, zone: Zone) -> int | None:
    """Returns a date and time as Unix time, by `zone` if it has no offset. Raises ValueError."""
    if value is None:
        return None
    moment = value if isinstance(value, dt.datetime) else dt.datetime.fromisoformat(_text(value))
    if moment.tzinfo is not None:
        return int(moment.timestamp())
    wall = int(moment.replace(tzinfo=dt.UTC).timestamp())
    return wall - zone.offset(wall - zone.offset(wall))
