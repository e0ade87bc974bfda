"""Watches files with inotify by the watchdog library, whose threads wake for events only."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from watchdog.events import FileSystemEvent, FileSystemEventHandler, FileSystemMovedEvent
from watchdog.observers import Observer

from eggd.suite.reload_policy import within

_CHANGES = ("created", "modified", "deleted", "moved", "closed")
_make: Callable[[], Any] = Observer

Seen = Callable[[str, str, bool], None]
"""Receives the changed path, the event (`modified`), and whether it is a folder."""


class Watching(FileSystemEventHandler):
    """Calls `seen` from another thread when something changes at or below one of `paths`.

    Each is a file or a folder (then with all below it), and may be missing, appear,
    disappear and be replaced: its parent folder is watched for that, and `follow` is to be called
    after each `seen`. `follow` and `stop` may block for a moment; they must not be
    called from the observer's threads, nor at the same time.
    """

    def __init__(self, paths: Iterable[Path], seen: Seen) -> None:
        self._targets = {os.fspath(path): _Target() for path in paths}
        self._seen = seen
        self._observer: Any = None
        self._parents: set[str] = set()

    def add(self, paths: Iterable[Path]) -> None:
        """Adds targets; takes effect with the next `follow`, and must not run at the same time."""
        more = {os.fspath(path): _Target() for path in paths}
        # A new dict, as the observer's threads may be reading the old one.
        self._targets = {**more, **self._targets}

    def follow(self) -> list[str]:
        """Watches the folders that have the names now. Raises OSError where the kernel refuses.

        Returns those that are new since the last call: their contents arrived without an event.
        """
        if self._observer is None:
            self._start()
        self._watch_parents()
        return [path for path, target in self._targets.items() if self._renew(path, target)]

    def stop(self) -> None:
        """Ends the threads and wait for them."""
        if self._observer is not None:
            self._observer.stop()
            self._observer.join()
            self._observer = None

    def on_any_event(self, event: FileSystemEvent) -> None:
        """Takes an event; called in the observer's thread."""
        if event.event_type in _CHANGES:
            moved_to = event.dest_path if isinstance(event, FileSystemMovedEvent) else ""
            for path in (str(event.src_path), str(moved_to)):
                if any(within(path, target) for target in self._targets):
                    self._seen(path, str(event.event_type), event.is_directory)

    def _start(self) -> None:
        observer = _make()
        observer.start()
        self._observer, self._parents = observer, set()
        try:
            self._watch_parents()
        except OSError:
            self.stop()
            raise

    def _watch_parents(self) -> None:
        """Watches the folders of the targets, to notice targets that appear, vanish or are
        replaced."""
        for folder in sorted({os.path.dirname(path) for path in self._targets} - self._parents):
            if os.path.isdir(folder):
                self._observer.schedule(self, folder)
                self._parents.add(folder)

    def _renew(self, path: str, target: _Target) -> bool:
        inode = _inode(path)
        if inode == target.inode:
            return False
        if target.watch is not None:
            self._observer.unschedule(target.watch)
        target.watch, target.inode = None, 0
        if inode:
            target.watch = self._observer.schedule(self, path, recursive=True)
            target.inode = inode
        return inode != 0


class _Target:
    """The watch of one path, and the inode of the folder that it watches."""

    watch: object = None
    inode = 0


def _inode(path: str) -> int:
    """Returns the inode of a folder; 0 for a file or a missing path."""
    try:
        return os.stat(path).st_ino if os.path.isdir(path) else 0
    except OSError:
        return 0
