"""The agent asks for new workers when a file of their code changes."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

from eggd import Agent, Boot, FileChange, ReloadPolicy
from eggd.plugins.development.starts import clean


class DevelopmentAgent(Boot[Agent]):
    """Watches from before the agent is ready until it closes."""

    def __init__(self, app: Agent) -> None:
        super().__init__(app)
        self._watches = False
        """True between `did_load` and `before_close`, if a supervisor can reload the suite."""
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
        if not hasattr(self.app, "watcher"):
            text = "[agent:development] the plugin watcher is off: no save reloads the workers"
            self.app.core_logger.warning(text)
            return
        self._watches = True
        self._policy = self._current()
        self._warn_of_missing()
        self.app.watcher.watch(self._policy.watched, self._happened)

    async def before_close(self) -> None:
        """Requests no further reload."""
        self._cancel()
        self._watches = False

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

    def _happened(self, change: FileChange) -> None:
        path, event, is_directory, *_ = change
        if self._policy.counts(path, is_directory=is_directory):
            self._changed(path, event)
        elif is_directory and event == "created" and path in self._policy.watched:
            self._changed(path, "appeared")

    async def _update_policy(self) -> None:
        """Watches new directories and links with code."""
        self._policy = await asyncio.to_thread(self._current)
        if self._watches:
            self.app.watcher.watch(self._policy.watched, self._happened)

    def _changed(self, path: str, event: str) -> None:
        """Restarts the timer; the first change that affects the agent, or any, is the reason."""
        if not self._watches:  # closed
            return
        reason, known = f"{self._policy.name(path)} {event}", self._reason
        of_agent = self._policy.of_agent
        if not known or (of_agent(reason) and not of_agent(known)):
            self._reason = reason
        self._cancel()
        loop = asyncio.get_running_loop()
        self._pending = loop.call_later(self._policy.debounce, self._due)

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
