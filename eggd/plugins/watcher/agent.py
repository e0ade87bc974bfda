"""Makes `agent.watcher`, and logs each changed file in the app's `config` directory."""

from __future__ import annotations

import asyncio
import os
from contextlib import suppress
from pathlib import Path

from eggd import Agent, Boot, FileChange
from eggd.plugins.watcher.custom import event_source
from eggd.plugins.watcher.hub import Hub

_HINT = "run 'eggd reload' to apply it"
_KINDS = {"created": "added", "modified": "changed", "deleted": "removed"}
# The files that editors and Python write beside a source file.
_TEMPORARY = ("~", ".swp", ".swx", ".tmp", ".pyc")


class WatcherAgent(Boot[Agent]):
    """Watches from before the agent is ready until it closes."""

    _hub: Hub | None = None
    """None before `config_did_load`."""
    _loaded: dict[Path, tuple[int, int, int]]
    """The state of each config file right after the config was loaded."""

    def config_did_load(self) -> None:
        """Makes `agent.watcher`; raises ConfigError for an unknown event source."""
        self._loaded = self._files()
        self._hub = self.app.watcher = Hub(self.app, event_source(self.app))
        if self.config.watcher.log_config:
            self.app.watcher.watch("config", self._log)

    async def did_load(self) -> None:
        """Begins to watch, and reports config files that were written since they were loaded."""
        if self._hub is None:
            return
        await self._hub.source.ready()
        self._hub.open()
        await self._hub.ready()
        if self.config.watcher.log_config:
            for path in await asyncio.to_thread(self._written):
                self._log(FileChange(str(path), "modified", False))

    async def will_ready(self) -> None:
        """Waits until no change of the paths that hooks have watched is missed."""
        if self._hub is not None:
            await self._hub.ready()
            self.app.core_logger.info("[watcher:agent] watcher start success")

    async def before_close(self) -> None:
        """Ends the event source."""
        if self._hub is not None:
            await self._hub.close()

    def _written(self) -> list[Path]:
        files = self._files()
        return sorted(path for path, state in files.items() if self._loaded.get(path) != state)

    def _files(self) -> dict[Path, tuple[int, int, int]]:
        """Returns the time, the inode and the size of each config file."""
        files = {}
        for path in (self.app.base_dir / "config").rglob("*"):
            with suppress(OSError):  # it was removed meanwhile
                if path.is_file():
                    status = path.stat()
                    files[path] = status.st_mtime_ns, status.st_ino, status.st_size
        return files

    def _log(self, change: FileChange) -> None:
        name = os.path.relpath(change.path, self.app.base_dir)
        if not change.is_directory and _is_source(name):
            text = "[watcher] %s %s; %s"
            self.app.core_logger.info(text, name, _KINDS.get(change.event, "changed"), _HINT)


def _is_source(name: str) -> bool:
    parts = name.split("/")
    is_hidden = any(part[0] == "." or part == "__pycache__" for part in parts)
    return not is_hidden and not name.endswith(_TEMPORARY)
