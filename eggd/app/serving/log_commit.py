"""`logger.flush = "request"`: lines of a request are written before its answer is sent.

Requests that end in one turn of the loop share one write per file.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from functools import partial

from eggd.app.context.context import Context
from eggd.log import Loggers


class LogCommit:
    """Writes the collected lines of all loggers once per turn of the loop, if an answer waits."""

    def __init__(self, loggers: Loggers) -> None:
        self._loggers = loggers
        # Done when the lines of this turn are written; None unless an answer waits for it.
        self._written: asyncio.Future[None] | None = None

    def guard(self, ctx: Context) -> None:
        """Lets the answer of a request wait for its lines, behind the functions that others give
        to `before_send`."""
        ctx.before_send(partial(self._last, ctx))

    def _last(self, ctx: Context) -> None:
        ctx.before_send(self.written)

    def written(self) -> Awaitable[None] | None:
        """Returns None if no line waits, else an awaitable that is done when all are written."""
        if not self._loggers.waiting:
            return None
        if self._written is None:
            loop = asyncio.get_running_loop()
            self._written = loop.create_future()
            loop.call_soon(self._write)
        return asyncio.shield(self._written)

    def _write(self) -> None:
        self._loggers.flush()
        written, self._written = self._written, None
        if written is not None:
            written.set_result(None)
