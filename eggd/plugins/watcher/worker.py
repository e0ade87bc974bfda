"""`app.watcher`: subscribes at the agent, and anew at each new agent (process:WAT-11)."""

from __future__ import annotations

import asyncio

from eggd import Application, FileChange, MessengerError, Sender
from eggd.plugins.watcher.hub import ACTION, PER_MESSAGE
from eggd.plugins.watcher.watcher import Watcher


class WorkerWatcher(Watcher):
    """The watcher of a worker: the agent watches, messages bring the changes."""

    def __init__(self, app: Application) -> None:
        super().__init__(app)
        self._messenger = app.messenger
        # The number of the last message with paths, and of the last one that the agent confirmed.
        self._sent = self._confirmed = 0
        self._news = asyncio.Event()
        app.messenger.on(ACTION, self._message)
        app.messenger.on("egg-pids", self._agent_changed)

    async def ready(self) -> None:
        """Waits until no change of the paths that are watched now is missed."""
        number = self._sent
        while self._confirmed < number:
            self._news.clear()
            await self._news.wait()

    def _watch(self, paths: list[str]) -> None:
        for at in range(0, len(paths), PER_MESSAGE):
            self._sent += 1
            self._send({"watch": paths[at : at + PER_MESSAGE], "number": self._sent})

    def _unwatch(self, paths: list[str]) -> None:
        for at in range(0, len(paths), PER_MESSAGE):
            self._send({"unwatch": paths[at : at + PER_MESSAGE]})

    def _send(self, data: object) -> None:
        try:
            self._messenger.send_to_agent(ACTION, data)
        except MessengerError as exc:  # a later agent gets all paths again
            self._app.core_logger.error("[watcher] the agent is not reached: %s", exc.line)

    def _agent_changed(self, pids: object) -> None:
        """Subscribes again; an empty list tells the end of the former agent."""
        if pids and self._is_open:
            self._watch(list(self._delivery.table.paths))

    def _message(self, data: object, sender: Sender) -> None:
        """Takes a message of the agent; a malformed one is ignored."""
        if not isinstance(data, dict) or sender.role != "agent":
            return
        if isinstance(number := data.get("ready"), int):
            self._confirmed = max(self._confirmed, number)
            self._news.set()
        if isinstance(changes := data.get("changes"), list):
            self._delivery.deliver(FileChange(*change) for change in changes)
