"""inotify by the watchdog library: its threads block in the kernel and wake for events alone."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from watchdog.events import FileSystemEvent, FileSystemEventHandler
from watchdog.observers import Observer

_CHANGES = ("created", "modified", "deleted", "moved", "closed")
_make: Callable[[], Any] = Observer


class Events(FileSystemEventHandler):
    """Calls `woken` from a thread of its own when something changes at or below `root/name`.

    The directory may be missing, come, go and be replaced: `root` itself is watched for that, and
    `follow` is to be called after each `woken`. `follow` and `stop` may block for a moment; they
    must not be called from the observer's threads, nor at the same time.
    """

    def __init__(self, root: Path, name: str, woken: Callable[[], None]) -> None:
        self._root = os.fspath(root)
        self._target = os.path.join(self._root, name)
        self._woken = woken
        self._observer: Any = None
        self._watch: object = None
        self._inode = 0

    def follow(self) -> None:
        """Watch the directory that has the name now; raise OSError where the kernel refuses."""
        if self._observer is None:
            self._start()
        inode = _inode(self._target)
        if inode == self._inode:
            return
        if self._watch is not None:
            self._observer.unschedule(self._watch)
        self._watch, self._inode = None, 0
        if inode:
            self._watch = self._observer.schedule(self, self._target, recursive=True)
            self._inode = inode

    def stop(self) -> None:
        """End the threads and wait for them."""
        if self._observer is not None:
            self._observer.stop()
            self._observer.join()
            self._observer = None

    def on_any_event(self, event: FileSystemEvent) -> None:
        """Take an event; called in the observer's thread."""
        paths = (event.src_path, getattr(event, "dest_path", ""))
        if event.event_type in _CHANGES and any(self._concerns(str(path)) for path in paths):
            self._woken()

    def _start(self) -> None:
        observer = _make()
        observer.start()
        try:
            observer.schedule(self, self._root)
        except OSError:
            observer.stop()
            observer.join()
            raise
        self._observer = observer

    def _concerns(self, path: str) -> bool:
        return path == self._target or path.startswith(self._target + os.sep)


def _inode(path: str) -> int:
    try:
        return os.stat(path).st_ino
    except OSError:
        return 0
