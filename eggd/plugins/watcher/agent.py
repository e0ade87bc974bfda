"""The agent logs each changed file in the app's `config` directory."""

from __future__ import annotations

import asyncio
import contextlib
from pathlib import Path

from eggd import Agent, Boot, Watching
from eggd.plugins.watcher.snapshot import Snapshot

_HINT = "run 'eggd reload' to apply it"


class WatcherAgent(Boot[Agent]):
    """Watches from before the agent is ready until it closes."""

    def __init__(self, app: Agent) -> None:
        super().__init__(app)
        self._root = Path(app.base_dir)
        self._watching: Watching | None = None
        """None before `did_load` and after `before_close`."""
        self._comparing = asyncio.Lock()
        """`Watching` allows one call of `follow` or `stop` at a time."""
        self._pending: asyncio.TimerHandle | None = None
        """The timer of the next comparison; each further event restarts it."""

    def config_did_load(self) -> None:
        """Records the files that the config was loaded from."""
        self._snapshot = Snapshot(self._root / "config")

    async def did_load(self) -> None:
        """Starts to watch; a directory that cannot be watched is a warning, not a failure."""
        if not self.config.watcher.enable:
            return
        self._loop = asyncio.get_running_loop()
        self._watching = Watching([self._root / "config"], self._on_event)
        await asyncio.to_thread(self._follow, self._watching)
        self._debounce()  # for changes while this agent was loading

    async def before_close(self) -> None:
        """Stops the threads that watch."""
        self._cancel()
        async with self._comparing:
            watching, self._watching = self._watching, None
            if watching is not None:
                await asyncio.to_thread(watching.stop)

    def _follow(self, watching: Watching) -> None:
        try:
            watching.follow()
        except OSError as exc:
            self.app.core_logger.warning("[watcher] config is not watched: %s", exc.strerror)

    def _on_event(self, path: str, event: str, is_directory: bool) -> None:
        """Passes on an event; called in an observer thread."""
        with contextlib.suppress(RuntimeError):  # the loop has ended
            self._loop.call_soon_threadsafe(self._debounce)

    def _debounce(self) -> None:
        self._cancel()
        if self._watching is None:  # closed
            return
        self._pending = self._loop.call_later(self.config.watcher.debounce, self._due)

    def _due(self) -> None:
        self._pending = None
        self.app.run_in_background(self._compare, "watcher")

    async def _compare(self) -> None:
        async with self._comparing:
            if self._watching is None:  # closed
                return
            await asyncio.to_thread(self._follow, self._watching)
            for change in self._snapshot.changes():
                name = change.path.relative_to(self._root)
                self.app.core_logger.info("[watcher] %s %s; %s", name, change.kind, _HINT)

    def _cancel(self) -> None:
        if self._pending is not None:
            self._pending.cancel()
            self._pending = None
