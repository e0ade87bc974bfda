"""Watches the app's files while its agent cannot: after a save a start may succeed.

It differs from `eggd.loader.watching`, which plugins use: the supervisor imports no code of the
loader, asks the policy about each path, and starts anew instead of following replaced folders.

Uses inotify through the watchdog library, whose threads block in the kernel. Missing folders are
noticed when they are created, since the app's own folder is watched, too.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from watchdog.events import FileSystemEvent, FileSystemEventHandler
from watchdog.observers import Observer

from eggd.sourcefolders import sources
from eggd.suite.reload_policy import ReloadPolicy

ALSO = ("agent.py", "pyproject.toml")
"""Files for which a failed agent is started again, but no running one is restarted."""

_COMING = ("created", "moved")
_CHANGES = (*_COMING, "modified", "deleted", "closed")
_make: Callable[[], Any] = Observer


class AppWatcher(FileSystemEventHandler):
    """Calls `changed` with each saved path, on a thread of its own, from `start` to `stop`."""

    def __init__(self, base_dir: str, changed: Callable[[str], None]) -> None:
        self._base = ReloadPolicy.of(base_dir, watch_dirs=ALSO)
        self._policy = self._base
        self._changed = changed
        self._observer: Any = None

    def start(self) -> None:
        """Starts watching unless it does; skips folders that the kernel refuses to watch."""
        if self._observer is not None:
            return
        base_dir = self._base.base_dir
        self._policy = self._base.with_sources(sources(base_dir, self._base.roots))
        self._observer = _make()
        self._observer.start()
        folders = set(filter(os.path.isdir, self._policy.watched))
        holders = {os.path.dirname(path) for path in self._policy.watched} - folders
        for folder in sorted(folders | holders | {base_dir}):
            with suppress(OSError):
                self._observer.schedule(self, folder, recursive=folder in folders)

    def stop(self) -> None:
        """Stops watching and waits for the threads."""
        if self._observer is not None:
            self._observer.stop()
            self._observer.join()
            self._observer = None

    def on_any_event(self, event: FileSystemEvent) -> None:
        """Handles an event, on the observer's thread."""
        if event.event_type in _CHANGES:
            for path in (str(event.src_path), str(getattr(event, "dest_path", ""))):
                if self._counts(path, event):
                    self._changed(self._policy.name(path))

    def _counts(self, path: str, event: FileSystemEvent) -> bool:
        if event.is_directory:
            return event.event_type in _COMING and path in self._policy.roots
        return self._policy.counts(path)
