"""Watches the app's files while its agent cannot: after a save a start may succeed."""

from __future__ import annotations

from collections.abc import Callable

from eggd.sourcefolders import sources
from eggd.suite.reload_policy import ReloadPolicy
from eggd.watching.change import FileChange
from eggd.watching.watching import Watching

ALSO = ("agent.py", "pyproject.toml")
"""Files for which a failed agent is started again, but no running one is restarted."""


class AppWatcher:
    """Calls `changed` with each saved path, on a thread of its own, from `start` to `stop`."""

    def __init__(
        self, base_dir: str, changed: Callable[[str], None], problem: Callable[[str], None]
    ) -> None:
        """Prepares; `problem` receives a line for what cannot be watched, on the thread."""
        self._base = ReloadPolicy.of(base_dir, watch_dirs=ALSO)
        self._policy = self._base
        self._changed = changed
        self._problem = problem
        self._watching: Watching | None = None

    def start(self) -> None:
        """Starts watching unless it does."""
        if self._watching is not None:
            return
        base_dir = self._base.base_dir
        self._policy = self._base.with_sources(sources(base_dir, self._base.roots))
        self._watching = Watching(self._happened, self._problem)
        self._watching.watch(self._policy.watched)

    def stop(self) -> None:
        """Stops watching and waits for the thread."""
        if self._watching is not None:
            self._watching.close()
            self._watching = None

    def _happened(self, changes: list[FileChange]) -> None:
        for change in changes:
            if self._counts(change):
                self._changed(self._policy.name(change.path))

    def _counts(self, change: FileChange) -> bool:
        if change.is_directory:
            return change.event == "created" and change.path in self._policy.roots
        return self._policy.counts(change.path)
