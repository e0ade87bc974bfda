"""`Timing`: the named spans of one start: their durations, and those that are unfinished (DUMP-10).

The files that are imported, the steps of loading and the hooks that start waits for. Collected
from the start of the process until `stop()`; may be read from another thread.
"""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from pathlib import Path


@dataclass(slots=True)
class Item:
    """One span; times are seconds since the epoch, `end` is None while it lasts."""

    name: str
    """As the dump shows it: `Require(3) app/router.py`."""
    task: str
    """As a status shows it: `app/router.py`."""
    beside: bool
    """Whether it runs beside others, as hooks do, and not inside the one before."""
    start: float = 0.0
    end: float | None = None

    @property
    def duration(self) -> float:
        """Seconds it took, or has taken so far."""
        return (self.end or time.time()) - self.start


class Timing:
    """The spans of one process; names of files are relative to `base_dir` where they lie below."""

    def __init__(self, role: str = "application", base_dir: Path = Path("/")) -> None:
        self._base_dir = f"{base_dir}/" if base_dir != Path("/") else ""
        self._required = 0
        self.collecting = True
        now = time.time()
        begun = min(process_start(), now)
        self.items = [
            Item("Process Start", "process", False, begun, now),
            Item(f"{role} Start", "start", False, now),
        ]

    def span(self, name: str, task: str = "", *, beside: bool = False) -> Span:
        """Records what runs inside as an item; `beside`: others run at the same time."""
        return Span(self, Item(name, task or name, beside))

    def require(self, path: Path) -> Span:
        """Returns a span for the import of a file (what `eggd.importer.observed` takes)."""
        self._required += 1
        task = self.relative(path)
        return self.span(f"Require({self._required}) {task}", task)

    def relative(self, path: Path) -> str:
        """Returns the path as users know it: relative to the app's folder, else whole."""
        return str(path).removeprefix(self._base_dir)

    def stop(self) -> None:
        """Ends the span of the whole start unless it was given up; nothing more is recorded."""
        if self.collecting:
            self.items[1].end = time.time()
        self.collecting = False

    def abandon(self) -> None:
        """Stops recording: the running items of a start that was given up stay unfinished."""
        self.collecting = False

    @property
    def unfinished(self) -> list[Item]:
        """The running items: concurrent tasks, or the innermost step."""
        open_ = [item for item in self.items[2:] if item.end is None]
        return [item for item in open_ if item.beside] or open_[-1:]

    @property
    def waiting(self) -> str:
        """Returns what start waits for, for a status line; "" between two steps."""
        return ", ".join(item.task for item in self.unfinished)

    def records(self) -> list[dict[str, object]]:
        """Returns the items as the dump has them: times in milliseconds (core:DUMP-10)."""
        return [_record(index, item) for index, item in enumerate(self.items)]

    def timeline(self) -> list[str]:
        """Returns one line per item: when it began after the process, how long it took."""
        zero = self.items[0].start
        return [
            f"#{index} {_ms(item.start - zero)} +{_ms(item.duration)} {item.name}"
            for index, item in enumerate(self.items)
        ]

    def slow(self, minimum: float) -> list[str]:
        """Returns one line per item of at least `minimum` seconds, the start itself left out."""
        return [
            f"[egg] slow step of the start: #{index} {item.name} took {_ms(item.duration)}"
            for index, item in enumerate(self.items)
            if item.duration >= minimum and index > 1
        ]


class Span:
    """The context in which one item is recorded, unless the collection ended before."""

    __slots__ = ("_item", "_timing")

    def __init__(self, timing: Timing, item: Item) -> None:
        self._timing = timing
        self._item = item

    def __enter__(self) -> None:
        self._item.start = time.time()
        if self._timing.collecting:
            self._timing.items.append(self._item)

    def __exit__(self, *exc: object) -> None:
        if self._timing.collecting:
            self._item.end = time.time()


def _record(index: int, item: Item) -> dict[str, object]:
    return {
        "name": item.name,
        "start": round(item.start * 1000, 3),
        "end": None if item.end is None else round(item.end * 1000, 3),
        "duration": round(item.duration * 1000, 3),
        "pid": os.getpid(),
        "index": index,
        "beside": item.beside,
    }


def _ms(seconds: float) -> str:
    return f"{seconds * 1000:.1f} ms"


def process_start() -> float:
    """Returns when this process began, in seconds since the epoch (proc(5): stat, field 22)."""
    try:
        ticks = Path("/proc/self/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[19]
    except OSError:  # no /proc: the start counts from now
        return time.time()
    ago = time.clock_gettime(time.CLOCK_BOOTTIME) - int(ticks) / os.sysconf("SC_CLK_TCK")
    return time.time() - ago
