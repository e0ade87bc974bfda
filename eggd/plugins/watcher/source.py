"""`EventSource`: where the agent's changes come from (process:WAT-2)."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from eggd import Agent, FileChange

Receive = Callable[[Iterable[FileChange]], None]


class EventSource:
    """Base of event sources; an instance lives in the agent and is used on its loop.

    A subclass overrides `watch` and `unwatch`, and calls `emit_change` or `emit_fuzzy_change`.
    Exceptions of `watch` and `unwatch` are logged, and never fatal (process:WAT-12).
    """

    def __init__(self, agent: Agent, options: object) -> None:
        """Keeps `options`: the section `watcher_NAME` of the config; None without that section."""
        self.agent = agent
        self.options = options
        self._receive: Receive = lambda changes: None

    def watch(self, path: str) -> None:
        """Begins to report changes at and below an absolute path, which may be missing."""
        raise NotImplementedError

    def unwatch(self, path: str) -> None:
        """Ends the reports about a path that was watched."""
        raise NotImplementedError

    async def ready(self) -> None:
        """Waits until the source works; the agent is not ready before."""

    async def settled(self) -> None:
        """Waits until no change of the paths that are watched now is missed."""

    async def close(self) -> None:
        """Ends the source."""

    def connect(self, receive: Receive) -> None:
        """Passes all changes to `receive`; the plugin calls this."""
        self._receive = receive

    def emit(self, changes: Iterable[FileChange]) -> None:
        """Reports changes, each to the listeners of its path and of the paths above it."""
        self._receive(changes)

    def emit_change(self, path: str, event: str = "modified") -> None:
        """Reports one change of a file (process:WAT-6); `emit` reports directories and sizes."""
        self.emit([FileChange(path, event, False)])

    def emit_fuzzy_change(self, path: str) -> None:
        """Reports that anything at or below a path may have changed: the listeners of the path and
        of all paths below it get a change with the event `fuzzy` (process:WAT-7)."""
        self.emit([FileChange(path, "fuzzy", False)])

    def info(self, text: str) -> None:
        """Logs a line of the framework's log."""
        self.agent.core_logger.info("[watcher] %s", text)

    def warn(self, text: str) -> None:
        """Logs a warning, likewise."""
        self.agent.core_logger.warning("[watcher] %s", text)

    def error(self, text: str) -> None:
        """Logs an error, likewise."""
        self.agent.core_logger.error("[watcher] %s", text)
