"""What happens to exceptions that nobody caught (process:CL-90..93).

In a callback of the loop they are uncaught: a worker finishes what it has and exits 1, the agent
lives on. In a task that nobody awaited they are logged, and the process lives on.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from typing import Any

from eggd.interfaces import LogLike


def catch_uncaught(
    loop: asyncio.AbstractEventLoop, log: LogLike, uncaught: Callable[[str], None]
) -> None:
    """Log whatever nobody caught; call `uncaught` with one line where it left a callback."""
    count = 0

    def handle(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        nonlocal count
        exc = context.get("exception")
        if exc is None:
            log.error("%s", context.get("message", "event loop error"))
        elif "never retrieved" in str(context.get("message", "")):
            log.error("[egg:unhandledRejection] %s: %s", type(exc).__name__, exc)
            log.error(exc)
        else:
            count += 1
            line = f"{type(exc).__name__}: {exc}"
            log.error("%s (uncaughtException throw %d times on pid: %d)", line, count, os.getpid())
            log.error(exc)
            uncaught(line)

    loop.set_exception_handler(handle)
