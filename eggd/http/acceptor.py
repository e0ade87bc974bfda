"""Accepting from a listening socket that may be shared with other workers.

A loop around accept(2), so that it can be fair, paused and stopped, and so that listen(2) is not
called again: that would cut the queue of all workers that share the socket.

Fair: the kernel wakes every worker, and the quickest gets the connection. So a worker with more
connections than another waits for a millisecond, and again while the other is expected to accept.
The other may be slow to get a processor, so meanwhile one connection is accepted every few steps:
long connections are spread evenly. A worker that shows no sign of life for some steps is stopped or
hangs, and is skipped. A connection that ends is replaced at once, and as many more are accepted
after the step: short connections are not slowed down.
"""

from __future__ import annotations

import asyncio
import errno
import socket
from collections.abc import Callable

from eggd.http.accept_page import AcceptPage

_STEP_BACK = 0.001
"""Seconds of one step, in which less busy workers may accept."""

_TURN = 8
"""Steps after which one connection is accepted anyway, so that a hung worker delays no client."""

_PATIENCE = 160
"""Steps after which an unresponsive worker is skipped."""

_RELEASE_PAUSE = 0.01
"""Seconds to wait for descriptors that are being released."""

_SHORTAGE_PAUSE = 0.5
"""Seconds to wait when the process or the host is out of descriptors or memory."""

_BATCH = 64
"""Connections accepted before the event loop serves others."""

_SHORTAGES = (errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM)


class Acceptor:
    """Accepts connections from one listener and passes them to `accepted`."""

    def __init__(
        self,
        listener: socket.socket,
        page: AcceptPage | None,
        accepted: Callable[[socket.socket], None],
        log: Callable[[str, str], None],
        release: Callable[[], bool] = lambda: False,
    ) -> None:
        """Prepares; nothing is accepted before `start`. The caller closes the listener.

        `release` is called when descriptors run out: it frees some, or returns False.
        """
        self._listener = listener
        self._page = page
        self._accepted = accepted
        self._log = log
        self._release = release
        self._loop = asyncio.get_running_loop()
        # The end of a step or pause; None while the listener is watched.
        self._timer: asyncio.TimerHandle | None = None
        # Slots and words of the less busy workers that are waited for, and the steps so far.
        self._awaited: dict[int, int] = {}
        self._steps = 0
        # Connections to accept without regard to others, and those ended since the last step.
        self._grace = 0
        self._closed = 0
        # Whether descriptors or memory ran out, which is logged once.
        self._exhausted = False
        self._open = False

    def start(self) -> None:
        """Starts accepting."""
        self._listener.setblocking(False)
        self._open = True
        self._watch()

    def stop(self) -> None:
        """Stops accepting; the queue is left to other workers, or to the next process."""
        if not self._open:
            return
        self._open = False
        if self._timer is None:
            self._loop.remove_reader(self._listener)
        else:
            self._timer.cancel()
            self._timer = None

    def connection_closed(self) -> None:
        """Replaces a connection of this worker that has ended."""
        self._closed += 1
        if self._timer is not None and not self._exhausted:
            self._take()

    def _watch(self) -> None:
        self._timer = None
        self._loop.add_reader(self._listener, self._readable)

    def _resume(self) -> None:
        self._grace = self._closed + (self._steps % _TURN == 0)
        self._watch()
        self._readable()

    def _pause(self, seconds: float) -> None:
        if self._timer is None:
            self._loop.remove_reader(self._listener)
        else:
            self._timer.cancel()
        self._timer = self._loop.call_later(seconds, self._resume)

    def _readable(self) -> None:
        for _ in range(_BATCH):
            if self._yields() or not self._take():
                return

    def _take(self) -> bool:
        """Accepts one connection; returns whether there was one."""
        accepted = self._accept()
        if accepted is None:
            self._grace = 0
            return False
        self._grace -= 1
        self._accepted(accepted)
        return True

    def _yields(self) -> bool:
        """Returns whether to wait for less busy workers."""
        if self._page is None or self._grace > 0:
            return False
        less_busy = self._page.less_busy()
        if less_busy != self._awaited:
            self._awaited, self._steps = less_busy, 0
        if not less_busy:
            return False
        self._steps += 1
        if self._steps > _PATIENCE:
            self._page.skip(less_busy)
            return False
        self._closed = 0
        self._pause(_STEP_BACK)
        return True

    def _accept(self) -> socket.socket | None:
        """Returns the next connection, None if the queue is empty."""
        try:
            accepted, _ = self._listener.accept()
        except (BlockingIOError, InterruptedError):
            self._exhausted = False
            if self._page is not None:
                self._page.show()
            return None
        except OSError as exc:
            self._failed(exc)
            return None
        accepted.setblocking(False)
        return accepted

    def _failed(self, error: OSError) -> None:
        # accept(2): pending errors of the new connection (ECONNABORTED, EPROTO...) are like EAGAIN.
        if error.errno not in _SHORTAGES:
            return
        if not self._exhausted:
            self._exhausted = True
            self._log("error", f"accepting pauses: {error.strerror} (raise LimitNOFILE=)")
        if self._page is not None:
            self._page.hide()
        self._pause(_RELEASE_PAUSE if self._release() else _SHORTAGE_PAUSE)
