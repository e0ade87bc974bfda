"""One entry of a log: its time, level, process and text, which may have several lines."""

from __future__ import annotations

import datetime as dt
import json
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace

from eggd.log.levels import NAMES

_LINE = re.compile(
    r"(?P<date>\d{4}-\d{2}-\d{2})[ T](?P<time>\d{2}:\d{2}:\d{2})[,.](?P<ms>\d{3})(?P<utc>Z?)"
    r" (?P<level>[A-Z]+) (?P<pid>\d+) (?P<text>.*)",
    re.ASCII | re.DOTALL,
)
_ACCESS = re.compile(
    r"\S+ \S+ \S+ \[(?P<date>\d{2}/[A-Z][a-z]{2}/\d{4}:\d{2}:\d{2}:\d{2} [+-]\d{4})\] \".*",
    re.ASCII,
)
"""A line in common or combined log format."""
_MERGED = re.compile(
    r"(?P<date>\d{4}-\d{2}-\d{2} \d{2}:\d{2}:\d{2})\.(?P<ms>\d{3})"
    r" [a-z@0-9-]+\[(?P<pid>\d{1,10})\]: (?P<text>.*)",
    re.ASCII | re.DOTALL,
)
"""A line of a process in the output of a supervisor (eggd.supervisor.merged_output)."""
MERGED = ("master-stdout.log", "master-stderr.log")
"""The files with the output of a supervisor in the background."""
ACCESS = "access.log"
"""The file of the plugin access_log."""
LEVELS = {name: number for number, name in NAMES.items()}
"""The number of each level, by its name in lines."""
_OWN = ("date", "level", "pid", "message")
"""The keys of a line of JSON that are other fields of an entry."""
_HOUR = 3600.0


@dataclass(frozen=True, slots=True)
class Entry:
    """One call of a logger, or one message of systemd."""

    at: float
    """Unix time."""
    level: str
    """INFO and so on; "" for a line that no logger has written."""
    pid: int
    """0 if it is not known."""
    text: str
    """The message, and a stack below it; without a line break at the end."""
    source: str
    """The name of the log file, or of the unit."""
    data: Mapping[str, object] | None = None
    """The values of a line of JSON, without those above; None for a line of text."""

    def extended(self, lines: list[str]) -> Entry:
        """Returns the entry with further lines."""
        return replace(self, text="\n".join([self.text, *lines])) if lines else self

    def record(self) -> dict[str, object]:
        """Returns it for `--json`."""
        moment = dt.datetime.fromtimestamp(self.at).astimezone()
        data = {} if self.data is None else {"data": self.data}
        return {
            "time": moment.isoformat(timespec="milliseconds"),
            "level": self.level,
            "pid": self.pid,
            "source": self.source,
            "text": self.text,
            **data,
        }


class Parser:
    """Makes entries of the lines of one file, in their order.

    Lines without a date belong to the entry before: a stack, a text with line breaks.
    """

    def __init__(self, source: str) -> None:
        self._source = source
        # Elsewhere such a line is a client's text in an entry.
        self._has_json = source.endswith(".json.log") or source == ACCESS
        self._last = 0.0
        """The time of the last entry."""
        self._second = ("", 0.0)
        """The date of the last entry as text, and its Unix time."""

    def begin(self, line: str) -> Entry | None:
        """Returns the entry that a line begins, None for a line that continues one."""
        if line.startswith("{") and self._has_json:
            return self._from_json(line)
        if self._source in MERGED and (match := _MERGED.fullmatch(line)):
            return self._from_merged(match)
        match = _LINE.fullmatch(line)
        if match is None or match["level"] not in LEVELS:
            return self._from_access(line)
        try:
            at = self._time(f"{match['date']} {match['time']}", bool(match["utc"]))
        except ValueError:  # the 30th of February
            return None
        self._last = at + int(match["ms"]) / 1000
        return Entry(self._last, match["level"], int(match["pid"]), match["text"], self._source)

    def stray(self, line: str) -> Entry:
        """Returns an entry for a first line without a date."""
        return Entry(self._last, "", 0, line, self._source)

    def _from_access(self, line: str) -> Entry | None:
        """Returns the entry of a line in common or combined log format."""
        match = _ACCESS.fullmatch(line)
        if match is None:
            return None
        try:
            self._last = dt.datetime.strptime(match["date"], "%d/%b/%Y:%H:%M:%S %z").timestamp()
        except ValueError:
            return None
        return Entry(self._last, "INFO", 0, line, self._source)

    def _from_merged(self, match: re.Match[str]) -> Entry | None:
        try:
            self._last = self._time(match["date"], is_utc=False) + int(match["ms"]) / 1000
        except ValueError:
            return None
        return Entry(self._last, "", int(match["pid"]), match["text"], self._source)

    def _from_json(self, line: str) -> Entry | None:
        """Returns the entry of a line that is an object with `date`, as `output_json` writes it, or
        with `time`, as the access log does."""
        try:
            data = json.loads(line)
            if "date" in data:
                moment = dt.datetime.fromisoformat(str(data["date"]).replace(",", "."))
                self._last = moment.timestamp()
            else:
                self._last = float(data["time"])
            text = str(data.get("message", line))
            level, pid = str(data.get("level", "")), int(data.get("pid", 0))
        except (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError):
            return None
        level = level if level in LEVELS else ""
        others = {key: value for key, value in data.items() if key not in _OWN}
        return Entry(self._last, level, pid, text, self._source, others)

    def _time(self, date: str, is_utc: bool) -> float:
        """Returns the Unix time of a local date; of the two when clocks are set back, the one that
        is not before the last entry."""
        key = f"{date}Z" if is_utc else date
        known, at = self._second
        if key != known:
            moment = dt.datetime.fromisoformat(date)
            at = (moment.replace(tzinfo=dt.UTC) if is_utc else moment).timestamp()
            if not is_utc and at + 1 < self._last <= at + _HOUR + 1:
                later = moment.replace(fold=1).timestamp()
                at = later if later > at else at
            self._second = (key, at)
        return at


def local_text(at: float) -> str:
    """Returns a time as lines of logs have it: `2026-11-29 13:30:00,123`."""
    seconds = int(at)
    milliseconds = min(999, round((at - seconds) * 1000))
    return f"{time.strftime('%Y-%m-%d %H:%M:%S', time.localtime(seconds))},{milliseconds:03d}"
