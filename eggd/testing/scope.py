"""The changes of one test to a running app, undone at its end (core:MOCK-10, MOCK-13).

A scope gives its test a context of its own. At its end it waits for requests and tasks, undoes all
changes, and reports what is left: a request that is still served, a background task that does not
end, an exception of a task that was never awaited.
"""

from __future__ import annotations

import asyncio

import pytest

from eggd import Context
from eggd.app.base import BaseApplication
from eggd.app.config import AppConfig
from eggd.app.context.context import current
from eggd.testing.running_app import LIMIT, RunningApp


class Scope:
    """One test and one running app, from `begin` to `end`."""

    def __init__(self, running: RunningApp) -> None:
        self.running = running
        # All changes to objects; undone by `restore`.
        self.patches = pytest.MonkeyPatch()
        # The test's own context: `app.current_context` while it runs.
        self.ctx: Context = running.app.create_anonymous_context()
        # `mock_context` has returned `ctx`: the next call creates another one.
        self.lent = False

    def begin(self) -> None:
        """Makes the test's context the current one."""
        self.running.forget()
        current.set(self.ctx)

    def restore(self) -> None:
        """Undoes every change; the test may continue."""
        self.patches.undo()
        self.running.forget()

    def end(self) -> list[str]:
        """Waits for requests and tasks, undoes every change, and returns lines on what is left."""
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
        await asyncio.sleep(0)  # lets cancelled tasks end
        errors, self.running.loop.errors = self.running.loop.errors, []
        return left + [f"not handled: {error}" for error in errors]
