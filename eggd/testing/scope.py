"""What one test changes in a running app, and the end of all that (core:MOCK-10, MOCK-13).

A scope gives its test a context of its own. At its end it waits for what the test has set going,
takes back what was changed, and tells what cannot be: a request that is still served, a background
task that does not end, an exception that nobody saw.
"""

from __future__ import annotations

import asyncio

import pytest

from eggd.app.base import BaseApplication
from eggd.app.config import AppConfig
from eggd.app.context.context import Context, current
from eggd.testing.running import LIMIT, Running


class Scope:
    """One test and one running app, from `begin` to `end`."""

    def __init__(self, running: Running) -> None:
        self.running = running
        self.patches = pytest.MonkeyPatch()
        """Takes what is to be restored."""
        self.ctx: Context = running.app.create_anonymous_context()
        """The test's own context: `app.current_context` while it runs."""
        self.lent = False
        """Whether `mock_context` has handed it out."""

    def begin(self) -> None:
        """Makes its context the current one."""
        self.running.forget()
        current.set(self.ctx)

    def restore(self) -> None:
        """Takes back every change; the test may go on."""
        self.patches.undo()
        self.running.forget()

    def end(self) -> list[str]:
        """Waits for what runs, take back every change, and returns what the test leaves behind."""
        running = self.running
        limit = running.app.config[AppConfig].close_timeout
        try:
            return running.run(self._left(limit), 3 * limit + LIMIT)
        finally:
            self.restore()
            current.set(None)

    async def _left(self, limit: float) -> list[str]:
        app = self.running.app
        left = [f"still served: {request}" for request in await self.running.idle(limit)]
        parts: tuple[BaseApplication, ...] = (app, app.agent)
        for part in parts:
            names = await part.background.wait(limit)
            left += [f"background task of {part.type} does not end: {name}" for name in names]
            await part.background.end(0)
        await asyncio.sleep(0)  # what was cancelled has gone
        errors, self.running.loop.errors = self.running.loop.errors, []
        return left + [f"nobody saw: {error}" for error in errors]
