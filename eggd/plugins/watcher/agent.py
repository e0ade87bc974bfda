"""The agent tells changes in the app's `config` directory, one line a file (process:WAT-*)."""

from __future__ import annotations

import asyncio
import contextlib
from pathlib import Path

from eggd import Agent, Boot, Watching
from eggd.plugins.watcher.directory import Snapshot

_CURE = "`eggd reload` applies it"


class WatcherAgent(Boot[Agent]):
    """Watches from before the agent is ready until it closes."""

    _watching: Watching | None = None
    _pending: asyncio.TimerHandle | None = None

    def __init__(self, app: Agent) -> None:
        super().__init__(app)
        self._looking = asyncio.Lock()

    def config_did_load(self) -> None:
        """Notes what the config was loaded from."""
        self._root = Path(self.app.base_dir)
        self._snapshot = Snapshot(self._root / "config")

    async def did_load(self) -> None:
        """Begins to watch; what cannot be watched is one warning, not a failure."""
        if not self.config.watcher.enable:
            return
        self._loop = asyncio.get_running_loop()
        self._watching = Watching([self._root / "config"], self._woken)
        await asyncio.to_thread(self._follow, self._watching)
        self._debounce()  # what changed while this agent was loading

    async def before_close(self) -> None:
        """Ends the observer's threads."""
        self._cancel()
        async with self._looking:
            watching, self._watching = self._watching, None
            if watching is not None:
                await asyncio.to_thread(watching.stop)

    def _follow(self, watching: Watching) -> None:
        try:
            watching.follow()
        except OSError as exc:
            self.app.core_logger.warning("[watcher] config is not watched: %s", exc.strerror)

    def _woken(self, path: str, event: str, is_directory: bool) -> None:
        """Something happened, says one of the observer's threads."""
        with contextlib.suppress(RuntimeError):  # the loop has ended meanwhile
            self._loop.call_soon_threadsafe(self._debounce)

    def _debounce(self) -> None:
        self._cancel()
        if self._watching is None:  # closed meanwhile
            return
        self._pending = self._loop.call_later(self.config.watcher.debounce, self._due)

    def _due(self) -> None:
        self._pending = None
        self.app.run_in_background(self._look, "watcher")

    async def _look(self) -> None:
        async with self._looking:
            if self._watching is None:  # closed meanwhile
                return
            await asyncio.to_thread(self._follow, self._watching)
            for change in self._snapshot.changes():
                name = change.path.relative_to(self._root)
                self.app.core_logger.info("[watcher] %s %s; %s", name, change.kind, _CURE)

    def _cancel(self) -> None:
        if self._pending is not None:
            self._pending.cancel()
            self._pending = None
