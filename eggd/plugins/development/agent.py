"""The agent asks for new workers when a file of their code changes."""

from __future__ import annotations

import asyncio
import contextlib
import os
from pathlib import Path

from eggd import Agent, Boot, ReloadPolicy, Watching
from eggd.plugins.development.starts import clean


class DevelopmentAgent(Boot[Agent]):
    """Watches from before the agent is ready until it closes."""

    def __init__(self, app: Agent) -> None:
        super().__init__(app)
        self._watching: Watching | None = None
        """None before `did_load` and after `before_close`."""
        self._following = asyncio.Lock()
        """`Watching` allows one call of `follow`, `add` or `stop` at a time."""
        self._pending: asyncio.TimerHandle | None = None
        """The timer that requests the reload; each further change restarts it."""
        self._reason = ""
        """The change to name in the request: the first one, or the first that affects the agent."""

    async def did_load(self) -> None:
        """Deletes records of ended processes; watches if a supervisor can reload the suite.

        If app and agent are one process, it cannot.
        """
        clean(Path(self.app.config.rundir))
        if self.app.host.reload is None or not self.config.development.reload_on_debug:
            return
        self._loop = asyncio.get_running_loop()
        self._policy = self._current()
        self._warn_of_missing()
        self._watching = Watching(map(Path, self._policy.watched), self._seen)
        await self._follow()

    async def before_close(self) -> None:
        """Stops the threads that watch."""
        self._cancel()
        async with self._following:
            watching, self._watching = self._watching, None
            if watching is not None:
                await asyncio.to_thread(watching.stop)

    def _current(self) -> ReloadPolicy:
        """Returns the policy for the current files; without agent.py if the agent is kept."""
        base_dir = self.app.base_dir
        policy: ReloadPolicy = self.config.development.policy(base_dir)
        if self.app.host.restarts_agent:
            return policy
        boot = os.path.realpath(base_dir / "agent.py")
        return policy.with_sources(
            path for path in policy.sources if os.path.realpath(path) != boot
        )

    def _warn_of_missing(self) -> None:
        """Warns of configured paths that do not exist; the default ones may be missing."""
        for path in self.config.development.watch_dirs:
            if not os.path.exists(self.app.base_dir / path):
                self.app.core_logger.warning(
                    "[agent:development] development.watch_dirs: %r does not exist", path
                )

    def _seen(self, path: str, event: str, is_directory: bool) -> None:
        """Passes on an event; called in an observer thread."""
        with contextlib.suppress(RuntimeError):  # the loop has ended
            self._loop.call_soon_threadsafe(self._happened, path, event, is_directory)

    def _happened(self, path: str, event: str, is_directory: bool) -> None:
        if self._policy.counts(path, is_directory=is_directory):
            self._changed(path, event)
        elif is_directory and event != "modified" and path in self._policy.watched:
            self.app.run_in_background(self._appeared, "development")

    async def _appeared(self) -> None:
        """Watches a new or replaced directory; the files in it caused no events."""
        for path in await self._follow():
            self._changed(path, "appeared")

    async def _update_policy(self) -> None:
        """Watches new directories and links with code."""
        policy = await asyncio.to_thread(self._current)
        new = [Path(path) for path in policy.watched if path not in self._policy.watched]
        self._policy = policy
        async with self._following:
            if self._watching is not None:
                self._watching.add(new)
        await self._follow()

    async def _follow(self) -> list[str]:
        async with self._following:
            if self._watching is None:  # closed
                return []
            try:
                return await asyncio.to_thread(self._watching.follow)
            except OSError as exc:
                text = "[agent:development] the app is not watched: %s"
                self.app.core_logger.warning(text, exc.strerror)
                return []

    def _changed(self, path: str, event: str) -> None:
        """Restarts the timer; the first change that affects the agent, or any, is the reason."""
        if self._watching is None:  # closed
            return
        reason, known = f"{self._policy.name(path)} {event}", self._reason
        of_agent = self._policy.of_agent
        if not known or (of_agent(reason) and not of_agent(known)):
            self._reason = reason
        self._cancel()
        self._pending = self._loop.call_later(self._policy.debounce, self._due)

    def _due(self) -> None:
        reason, self._reason, self._pending = self._reason, "", None
        self.app.core_logger.warning("[agent:development] reloading the workers: %s", reason)
        if self.app.host.reload is not None:
            self.app.host.reload(reason)
        self.app.run_in_background(self._update_policy, "development")

    def _cancel(self) -> None:
        if self._pending is not None:
            self._pending.cancel()
            self._pending = None
