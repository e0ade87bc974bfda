"""The one thread that listens to a suite's processes: notify sockets, output, ends.

Nothing here polls: the selector sleeps until a process says something or ends. Whoever waits is
woken by the condition, which guards all that the children keep.
"""

from __future__ import annotations

import os
import selectors
from threading import Condition, Thread

from eggd.testing.child import Child

_PIECE = 1 << 16


class Ears:
    """Listens to children from `listen` until each one's end; `close` ends the thread."""

    def __init__(self, changed: Condition) -> None:
        self._changed = changed
        self._selector = selectors.DefaultSelector()
        self._wake = os.eventfd(0, os.EFD_CLOEXEC | os.EFD_NONBLOCK)
        self._selector.register(self._wake, selectors.EVENT_READ)
        self._thread = Thread(target=self._listen, name="suite-ears", daemon=True)
        self._thread.start()

    def listen(self, child: Child) -> None:
        """Hear this child from now on; what it said before waits in its socket and pipe."""
        with self._changed:
            for source in (child.notify.fileno(), child.output, child.pidfd):
                self._selector.register(source, selectors.EVENT_READ, child)

    def close(self) -> None:
        """End the thread and wait for it."""
        os.eventfd_write(self._wake, 1)
        self._thread.join()
        self._selector.close()
        os.close(self._wake)

    def _listen(self) -> None:
        while True:
            events = self._selector.select()
            with self._changed:
                for key, _ in events:
                    if key.data is None:
                        return
                    self._hear(key.data, key.fd)
                self._changed.notify_all()

    def _hear(self, child: Child, source: int) -> None:
        if not child.alive:
            return
        _drain_notify(child)
        if _drain_output(child) and source == child.output:
            self._selector.unregister(source)
        if source == child.pidfd:
            self._forget(child)
            child.ended()

    def _forget(self, child: Child) -> None:
        known = self._selector.get_map()
        for source in (child.notify.fileno(), child.output, child.pidfd):
            if source in known:
                self._selector.unregister(source)


def _drain_notify(child: Child) -> None:
    while True:
        try:
            child.heard(child.notify.recv(_PIECE))
        except BlockingIOError:
            return


def _drain_output(child: Child) -> bool:
    """Read what is there; true at the end of the pipe."""
    while True:
        try:
            piece = os.read(child.output, _PIECE)
        except BlockingIOError:
            return False
        if not piece:
            return True
        child.wrote(piece)
