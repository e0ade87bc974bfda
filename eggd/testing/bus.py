"""The messages between app and agent, as a test sends and hears them (core:MOCK-11)."""

from __future__ import annotations

import asyncio
import queue
from typing import Any

from eggd.testing.scope import Scope

__tracebackhide__ = True  # a test that fails here failed in its own line

_PATIENCE = 10.0
"""Seconds that a message may take unless the test says otherwise."""


class Heard:
    """The messages of one action since `listen`."""

    def __init__(self, action: str) -> None:
        self._action = action
        self._queue: queue.SimpleQueue[object] = queue.SimpleQueue()

    def next(self, timeout: float = _PATIENCE) -> Any:
        """Returns the data of the next one; TimeoutError if none comes in `timeout` seconds."""
        try:
            return self._queue.get(timeout=timeout)
        except queue.Empty:
            raise TimeoutError(f"no message {self._action!r} within {timeout:g} s") from None

    def take(self, data: object) -> None:
        """Keeps one; a handler of the messenger."""
        self._queue.put(data)


class Bus:
    """Both ends: what the agent hears when the app speaks, and the other way round."""

    def __init__(self, scope: Scope) -> None:
        self._running = scope.running
        self._app = scope.running.app
        self._listening: list[tuple[str, Heard]] = []

    def send_to_agent(self, action: str, data: object = None) -> None:
        """Sends as the app does; its handlers in the agent are called, async ones begun."""
        self._running.run(self._send(self._app.messenger.send_to_agent, action, data))

    def send_to_app(self, action: str, data: object = None) -> None:
        """Sends as the agent does; its handlers in the app are called, async ones begun."""
        self._running.run(self._send(self._app.agent.messenger.send_to_app, action, data))

    def listen(self, action: str) -> Heard:
        """Returns what hears the messages of an action from here on, whoever they are for."""
        heard = Heard(action)
        self._listening.append((action, heard))
        for part in (self._app, self._app.agent):
            part.messenger.on(action, heard.take)
        return heard

    def close(self) -> None:
        """Listens no more."""
        for action, heard in self._listening:
            for part in (self._app, self._app.agent):
                part.messenger.remove_listener(action, heard.take)

    async def _send(self, send: Any, action: str, data: object) -> None:
        send(action, data)
        await asyncio.sleep(0)  # a local message is delivered in the next tick
