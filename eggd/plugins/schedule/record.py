"""The last tick of each job and the runs that go on, stored in a file for a restarted agent.

It is written before a run is sent to its worker: a run is never sent twice, whatever process is
killed when. The file is in the state directory, so ticks that a reboot missed are known, too.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from uuid import uuid4

_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


def boot_id(rundir: Path, file: Path = _BOOT_ID) -> str:
    """Returns a text that differs after each boot of the machine.

    The units hide the kernel's own (`ProcSubset=pid`). There it is a random one in `rundir`, which
    systemd keeps until the machine is switched off. A text that cannot be kept is always new.
    """
    with contextlib.suppress(OSError):
        return file.read_text().strip()
    kept, new = rundir / "boot-id", uuid4().hex
    with contextlib.suppress(OSError):
        return kept.read_text()
    with contextlib.suppress(OSError):
        kept.write_text(new)
    return new


@dataclass(slots=True)
class Mark:
    """The last tick of a job."""

    spec: str
    """The options of its times; with other options the mark does not count."""
    wall: float
    """Unix time of the last tick."""
    elapsed: float = 0.0
    """Seconds since the machine had booted, of the last tick."""
    owed: bool = False
    """Whether this tick still has to run: no worker is ready, or an earlier run is going on."""
    immediate: bool = False
    """Whether the run of `immediate` was sent since the suite started."""


@dataclass(slots=True)
class Run:
    """A run that was sent, until the last of its workers has reported."""

    id: str
    key: str
    pids: list[int] = field(default_factory=list)
    """The workers that have not reported."""
    args: list[object] = field(default_factory=list)
    claim: dict[str, float] | None = None
    """Of a job of type `cluster`, its claim (claim.py); None for other types."""


class ScheduleRecord:
    """Marks and runs, read once and written after each change."""

    def __init__(self, path: Path, boot: str, log_warning: Callable[..., object]) -> None:
        self._path = path
        self._log_warning = log_warning
        self._is_warned = False
        self._boot = boot
        self.marks: dict[str, Mark] = {}
        """By the key of the job."""
        self.runs: dict[str, Run] = {}
        """By the id of the run."""
        self.is_same_boot = False
        """Whether the machine has not booted since the record was written."""
        with contextlib.suppress(OSError, ValueError, TypeError, KeyError, AttributeError):
            self._read(json.loads(path.read_text()))

    def mark(self, key: str, spec: str) -> Mark | None:
        """Returns the mark of a job, None for an unknown job or one with other times."""
        mark = self.marks.get(key)
        return mark if mark is not None and mark.spec == spec else None

    def rename(self, files: Mapping[str, Path]) -> None:
        """Gives jobs that are recorded by the path of their file their keys, `files` by key.

        Earlier versions recorded the real path. A path of another release is recognized by its
        end, if that is unambiguous.
        """
        for path in [key for key in self.marks if key.startswith("/") and key not in files]:
            key = _key_of(path, files)
            if key and key not in self.marks:
                self.marks[key] = self.marks.pop(path)
        for run in self.runs.values():
            run.key = _key_of(run.key, files) or run.key

    def keep(self, keys: set[str]) -> None:
        """Forgets jobs that no longer exist."""
        self.marks = {key: mark for key, mark in self.marks.items() if key in keys}

    def end_suite(self) -> None:
        """Notes that the whole suite stops: the next one runs `immediate` jobs again."""
        for mark in self.marks.values():
            mark.immediate = False
        self.write()

    def write(self) -> None:
        """Writes the record; a failure is logged once, and the jobs run nevertheless."""
        data = {
            "boot": self._boot,
            "marks": {key: asdict(mark) for key, mark in self.marks.items()},
            "runs": [asdict(run) for run in self.runs.values()],
        }
        fresh = self._path.with_suffix(".new")
        try:
            fresh.write_text(json.dumps(data))
            fresh.replace(self._path)
        except OSError as exc:
            if not self._is_warned:
                text = "[egg-schedule] cannot write %s: %s; a restarted agent will miss ticks"
                self._log_warning(text, self._path, exc.strerror)
            self._is_warned = True

    def _read(self, data: dict[str, object]) -> None:
        marks, runs = data["marks"], data["runs"]
        assert isinstance(marks, dict)
        assert isinstance(runs, list)
        self.is_same_boot = data["boot"] == self._boot
        self.marks = {key: Mark(**mark) for key, mark in marks.items()}
        self.runs = {run["id"]: Run(**run) for run in runs if self.is_same_boot}
        if not self.is_same_boot:
            for mark in self.marks.values():
                mark.immediate = False


def _key_of(path: str, files: Mapping[str, Path]) -> str:
    """Returns the key of the job whose file has this path, or had it in another release.

    Returns "" without such a job, and if two jobs fit.
    """
    same = [key for key, file in files.items() if str(file) == path]
    alike = [key for key in files if path.endswith(f"/{key.rpartition(':')[2]}")]
    return next(iter(same or alike), "") if len(same or alike) == 1 else ""
