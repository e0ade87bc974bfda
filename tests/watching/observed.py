"""A `Watching` whose changes and problems are queues."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from eggd.watching.change import FileChange
from eggd.watching.watching import Watching

LIMIT = 30.0


class Observed:
    """Collects what a `Watching` reports; paths are relative to `root`."""

    def __init__(self, root: Path, **options: float) -> None:
        self.root = root
        self._changes: queue.SimpleQueue[list[FileChange]] = queue.SimpleQueue()
        self.problems: queue.SimpleQueue[str] = queue.SimpleQueue()
        self.watching = Watching(self._changes.put, self.problems.put, **options)  # type: ignore[arg-type]

    def watch(self, *names: str) -> None:
        """Watches paths, and waits until no change of them is missed."""
        done = threading.Event()
        self.watching.watch([f"{self.root}/{name}" for name in names], done.set)
        assert done.wait(LIMIT)

    def settle(self) -> None:
        """Waits until the thread has followed all calls."""
        self.watch()

    def next(self) -> list[str]:
        """Returns the changes of the next report, each as `event path`."""
        return [self.text(change) for change in self._changes.get(timeout=LIMIT)]

    def until(self, last: str) -> set[str]:
        """Returns all changes up to the report that has this one."""
        seen: set[str] = set()
        while last not in seen:
            seen.update(self.next())
        return seen

    def text(self, change: FileChange) -> str:
        name = Path(change.path).relative_to(self.root)
        return f"{change.event} {name}{'/' if change.is_directory else ''}"


@contextmanager
def observed(root: Path, *names: str, **options: float) -> Iterator[Observed]:
    """Yields what watches these names below `root`; no thread is left at the end."""
    before = set(threading.enumerate())
    it = Observed(root, **options)
    it.watch(*names)
    yield it
    it.watching.close()
    assert {each for each in threading.enumerate() if each.name == "watching"} <= before
