"""`Watching`: the thread that waits for events, compares, and reports changes.

The thread owns all that it watches: slow disks never block the caller. Without events it sleeps in
the kernel.
"""

from __future__ import annotations

import os
import select
import time
from collections import deque
from collections.abc import Callable, Iterable
from contextlib import suppress
from threading import Thread

from eggd.watching.change import FileChange
from eggd.watching.folder import Spot
from eggd.watching.kernel import IGNORED, MODIFY, OVERFLOW, SELF, Event, Inotify
from eggd.watching.problems import Problems, Report
from eggd.watching.table import WatchTable
from eggd.watching.trees import Trees

LONGEST_DEBOUNCE = 1.0
"""Seconds after which changes are reported even if events go on, or `debounce` if it is longer."""
POLL_SHARE = 20.0
"""Pause between two comparisons, in durations of one: polling takes 5 % of a core at most."""
MOST_ENTRIES = 500_000
"""The default of the files and directories that are watched at once: about 100 MiB."""

Changed = Callable[[list[FileChange]], None]
"""Receives the changes of a moment, on the thread; each path is watched, or below one that is."""
Done = Callable[[], None]


class Watching:
    """Reports changes at and below paths, which may be missing; from any thread.

    `changed` and `problem` are called on the thread of this object, `problem` with a line for each
    path or limit that cannot be watched. The thread starts with the first path.
    """

    def __init__(
        self,
        changed: Changed,
        problem: Report,
        *,
        debounce: float = 0.1,
        poll_interval: float = 0.0,
        only_poll: bool = False,
        most: int = MOST_ENTRIES,
    ) -> None:
        """Prepares. `debounce`: seconds without events before a comparison.

        `poll_interval`: seconds between comparisons of paths that the kernel does not watch; 0:
        they are not compared. `only_poll` uses no inotify, for file systems without events.
        """
        self._changed = changed
        self._debounce = debounce
        self._longest = max(debounce, LONGEST_DEBOUNCE)
        self._poll_interval = poll_interval
        self._only_poll = only_poll
        self._problems = Problems(problem, poll_interval)
        self._most = most
        self._commands: deque[Callable[[Trees], None]] = deque()
        self._thread: Thread | None = None
        # The descriptor that wakes the thread; -1 without a thread.
        self._wake = -1
        self._is_closed = False
        # The entries to compare; True: an event told that the file was written.
        self._marked: dict[Spot, bool] = {}
        # True after a lost event: everything is compared.
        self._all = False
        # Times of the monotonic clock; 0: not due.
        self._first = self._due = 0.0
        self._poll_due = 0.0

    def watch(self, paths: Iterable[str], done: Done | None = None) -> None:
        """Watches absolute paths; calls `done` on the thread as soon as no change is missed."""
        added = [os.path.normpath(path) for path in paths]

        def add(trees: Trees) -> None:
            for path in added:
                trees.add(path)
            if done is not None:
                done()

        self._send(add)

    def unwatch(self, paths: Iterable[str]) -> None:
        """Stops watching paths that `watch` was given; ignores others."""
        removed = [os.path.normpath(path) for path in paths]

        def remove(trees: Trees) -> None:
            for path in removed:
                trees.remove(path)

        self._send(remove)

    def close(self) -> None:
        """Ends the thread and waits for it; not on the thread itself."""
        self._is_closed = True
        if self._thread is not None:
            os.eventfd_write(self._wake, 1)
            self._thread.join()
            self._thread = None
            os.close(self._wake)

    def _send(self, command: Callable[[Trees], None]) -> None:
        if self._is_closed:
            return
        self._commands.append(command)
        if self._thread is None:
            self._wake = os.eventfd(0, os.EFD_CLOEXEC | os.EFD_NONBLOCK)
            self._thread = Thread(target=self._run, name="watching", daemon=True)
            self._thread.start()
        os.eventfd_write(self._wake, 1)

    def _run(self) -> None:
        inotify = self._open()
        table = None if inotify is None else WatchTable(inotify)
        trees = Trees(table, self._problems, self._most)
        poll = select.poll()
        poll.register(self._wake, select.POLLIN)
        if inotify is not None:
            poll.register(inotify.fd, select.POLLIN)
        while not self._is_closed:
            ready = poll.poll(self._timeout(trees))
            if any(fd == self._wake for fd, _ in ready):
                os.eventfd_read(self._wake)
            try:
                for event in inotify.read() if inotify else ():
                    self._take(table, event)
                self._work(trees)
            except Exception as exc:
                self._all = True
                with suppress(Exception):  # the receiver of problems may be the one that raises
                    self._problems.failed(exc)
        if inotify is not None:
            inotify.close()

    def _open(self) -> Inotify | None:
        if self._only_poll:
            return None
        try:
            return Inotify()
        except OSError as exc:
            self._problems.refused("all paths", exc)
            return None

    def _timeout(self, trees: Trees) -> float | None:
        """Returns milliseconds until there is work without an event, None if never."""
        times = [self._due] if self._due else []
        if self._poll_interval and trees.is_partial:
            times.append(self._poll_due)
        return max(0.0, min(times) - time.monotonic()) * 1000 + 1 if times else None

    def _take(self, table: WatchTable | None, event: Event) -> None:
        """Marks the entries that an event is about."""
        wd, mask, name = event
        if mask & OVERFLOW:
            self._all = True
            self._problems.overflowed()
        elif table is None or (watch := table.get(wd)) is None:
            return  # ended meanwhile
        elif mask & IGNORED:
            table.end(watch)
            self._mark(watch.spots())
        elif name:
            written = bool(mask & MODIFY)
            self._mark([(folder, name) for folder in watch.folders], written)
            self._mark(watch.names.get(name, ()), written)
        elif mask & SELF:
            self._mark([*watch.owners, *(folder.spot for folder in watch.folders)])
        else:
            return
        now = time.monotonic()
        self._first = self._first or now
        self._due = min(now + self._debounce, self._first + self._longest)

    def _mark(self, spots: Iterable[Spot], written: bool = False) -> None:
        for spot in spots:
            self._marked[spot] = written or self._marked.get(spot, False)

    def _work(self, trees: Trees) -> None:
        while self._commands:
            self._commands.popleft()(trees)
        now = time.monotonic()
        if self._due and now >= self._due:
            self._first = self._due = 0.0
            self._compare(trees)
        if self._poll_interval and now >= self._poll_due:
            trees.compare_all(only_partial=True)
            took = time.monotonic() - now
            self._poll_due = now + max(self._poll_interval, POLL_SHARE * took)
        if changes := trees.take():
            self._changed(changes)

    def _compare(self, trees: Trees) -> None:
        marked, self._marked = self._marked, {}
        if self._all:
            self._all = False
            trees.compare_all()
        for spot, written in marked.items():
            trees.check(spot, written=written)
