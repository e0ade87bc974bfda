"""Sends and receives the messages between app and agent in a test (core:MOCK-11)."""

from __future__ import annotations

import asyncio
import queue
from collections.abc import Callable
from typing import Any

from eggd.testing.arguments import check_kind
from eggd.testing.scope import Scope

__tracebackhide__ = True  # pytest shows the line of the test instead


_TIMEOUT = 10.0
"""Default seconds to wait for a message."""


class Subscription:
    """The messages of one action since `listen`."""

    def __init__(self, action: str) -> None:
        self._action = action
        self._queue: queue.SimpleQueue[object] = queue.SimpleQueue()

    def next(self, timeout: float = _TIMEOUT) -> Any:
        """Returns the data of the next message; TimeoutError after `timeout` seconds."""
        try:
            return self._queue.get(timeout=timeout)
        except queue.Empty:
            raise TimeoutError(f"no message {self._action!r} within {timeout:g} s") from None

    def put(self, data: object) -> None:
        """Queues a message; a handler of the messenger."""
        self._queue.put(data)


class Bus:
    """The messengers of app and agent."""

    def __init__(self, scope: Scope) -> None:
        self._running = scope.running
        self._app = scope.running.app
        self._listening: list[tuple[str, Subscription]] = []

    def send_to_agent(self, action: str, data: object = None) -> None:
        """Sends from the app; the agent's handlers are called, async ones started."""
        self._running.run(self._send(self._app.messenger.send_to_agent, action, data))

    def send_to_app(self, action: str, data: object = None) -> None:
        """Sends from the agent; the app's handlers are called, async ones started."""
        self._running.run(self._send(self._app.agent.messenger.send_to_app, action, data))

    def listen(self, action: str) -> Subscription:
        """Subscribes to an action, in app and agent alike."""
        check_kind("action", action, str, "text")
        subscription = Subscription(action)
        self._listening.append((action, subscription))
        for part in (self._app, self._app.agent):
            part.messenger.on(action, subscription.put)
        return subscription

    def close(self) -> None:
        """Cancels all subscriptions."""
        for action, subscription in self._listening:
            for part in (self._app, self._app.agent):
                part.messenger.remove_listener(action, subscription.put)

    async def _send(self, send: Callable[[str, object], object], action: str, data: object) -> None:
        check_kind("action", action, str, "text")
        send(action, data)
        await asyncio.sleep(0)  # a local message is delivered in the next tick
