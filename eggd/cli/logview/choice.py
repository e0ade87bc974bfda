"""Which entries are shown."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass

from eggd.cli.logview.entry import LEVELS, Entry
from eggd.errors import EggError

_AGO = re.compile(r"(?P<count>\d+) ?(?P<unit>s|m|min|h|d)", re.ASCII)
_UNITS = {"s": 1, "m": 60, "min": 60, "h": 3600, "d": 86400}


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """The options of `eggd logs`."""

    level: int = 0
    """The number of the lowest level; lines that no logger wrote are shown always."""
    trace: str = ""
    """The id of a request, in the bracket of its lines."""
    since: float = 0.0
    """Unix time of the first entry."""
    until: float = float("inf")
    """Unix time of the last entry."""
    pattern: re.Pattern[str] | None = None
    """Searched for in the text."""

    @property
    def is_search(self) -> bool:
        """Whether entries are looked for in all files, not only the last ones shown."""
        limited = self.since > 0 or self.until < float("inf")
        return bool(self.trace or limited or self.pattern or self.level)

    def __call__(self, entry: Entry) -> bool:
        """Returns whether an entry is shown."""
        return (
            LEVELS.get(entry.level, self.level) >= self.level
            and self.since <= entry.at <= self.until
            and (not self.trace or self.trace in entry.text)
            and (self.pattern is None or self.pattern.search(entry.text) is not None)
        )


def moment(text: str, now: float) -> float:
    """Returns the Unix time of `10m` (ago), `13:30` (today), `2026-11-29`, or a date with a time.

    Raises EggError for other text.
    """
    ago = _AGO.fullmatch(text.removesuffix(" ago"))
    if ago:
        return now - int(ago["count"]) * _UNITS[ago["unit"]]
    today = dt.datetime.fromtimestamp(now).date().isoformat()
    if text in ("today", "yesterday"):
        days = dt.timedelta(days=text == "yesterday")
        return (dt.datetime.fromisoformat(today) - days).timestamp()
    try:
        if re.fullmatch(r"\d{1,2}:\d{2}(:\d{2})?", text):
            return dt.datetime.fromisoformat(f"{today}T{text.zfill(5)}").timestamp()
        return dt.datetime.fromisoformat(text).timestamp()
    except ValueError:
        raise EggError(
            f"{text!r} is not a time", hint="10m, 2h, 3d, 13:30, yesterday, 2026-11-29T13:30"
        ) from None
