"""Reports the paths that cannot be watched, each once."""

from __future__ import annotations

from collections.abc import Callable

from eggd.watching.kernel import QUEUE, limit_of, value_of

MOST_REPORTED = 100
"""Paths that are reported; an application with many unreadable files does not fill the log."""

Report = Callable[[str], None]


class Problems:
    """Reports each problem once; `poll_interval` is 0 if nothing is polled."""

    def __init__(self, report: Report, poll_interval: float) -> None:
        self._report = report
        polled = f"are compared every {poll_interval:g} s"
        # The fate of paths beyond a limit, and of those without events.
        self._instead = f"{polled} instead" if poll_interval else "are not watched"
        self._deaf = f"{polled}, too" if poll_interval else "are not watched by other means"
        # The sysctls and paths that were reported.
        self._known: set[str] = set()

    def refused(self, path: str, exc: OSError) -> None:
        """Reports that the kernel refuses to watch or to list a path."""
        limit = limit_of(exc)
        if not limit:
            self._once(path, f"{path} cannot be watched: {exc.strerror}")
            return
        value = value_of(limit)
        setting, hint = limit, f"raise {limit}"
        if value:
            setting, hint = f"{limit}={value}", f"run sysctl -w {limit}={2 * value}"
        text = f"{setting} is reached: {path} and others {self._instead} ({hint})"
        self._once(limit, text)

    def deaf(self, path: str, name: str) -> None:
        """Reports a file system that does not report the changes of other hosts."""
        text = f"{path} is on {name}, which does not report all changes: its files"
        self._once(name, f"{text} {self._deaf}")

    def overflowed(self) -> None:
        """Reports that the kernel has dropped events."""
        value = value_of(QUEUE)
        queue = f"{QUEUE}={value}" if value else QUEUE
        self._once(QUEUE, f"{queue} is reached: events were lost, all watched files are compared")

    def too_many(self, most: int) -> None:
        """Reports that the snapshots are full."""
        self._once("", f"more than {most} files and directories: the rest is not watched")

    def failed(self, exc: Exception) -> None:
        """Reports an exception of the code that watches, or of the receiver of the changes."""
        self._once(repr(type(exc)), f"watching files failed, and goes on: {exc!r}")

    def failed_at(self, path: str, exc: Exception) -> None:
        """Reports an exception of the code that watches, about one path."""
        self._once(path, f"{path} cannot be watched: {exc!r}")

    def _once(self, key: str, text: str) -> None:
        if key not in self._known and len(self._known) < MOST_REPORTED:
            self._known.add(key)
            self._report(text)
