"""Writes numbered lines to one log, 300 a second, in workers and agent alike."""

import asyncio
import itertools
import os

PACE = 0.01
LINES_AT_ONCE = 3


async def write_lines(app, enough):
    """Writes until `enough` is set; says how many lines when they are in the file."""
    shared = app.get_logger("shared")
    for number in itertools.count():
        shared.info("line %d %d", os.getpid(), number)
        if number % LINES_AT_ONCE == LINES_AT_ONCE - 1:
            if enough.is_set():
                break
            await asyncio.sleep(PACE)
    app.loggers.flush()
    app.core_logger.warning("wrote %d lines", number + 1)
