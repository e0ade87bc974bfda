"""Who listens to which action, and how handlers are called.

A handler takes `(data)` or `(data, sender)`, sync or async. What it raises is logged and stops
neither other handlers nor the process (process:IPC-9).
"""

from __future__ import annotations

import asyncio
import inspect
import traceback
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from eggd.calling import needed
from eggd.masking.secrets import without_secrets
from eggd.messenger.ledger import Log
from eggd.wire.datagram import Message, Sender

Handler = Callable[..., object]


@dataclass(frozen=True, slots=True, eq=False)
class _Listener:
    handler: Handler
    with_sender: bool
    once: bool


class Listeners:
    """The table of handlers, and the tasks of the async ones that run."""

    def __init__(self, log: Log) -> None:
        self._log = log
        self._table: dict[str, list[_Listener]] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def add(self, action: str, handler: Handler, *, once: bool = False) -> None:
        """Calls `handler` with each message of this action, in the order of adding."""
        listener = _Listener(handler, (needed(handler) or 0) > 1, once)
        self._table.setdefault(action, []).append(listener)

    def remove(self, action: str, handler: Handler) -> None:
        """Takes one such handler away, the youngest first; an unknown one is no error."""
        listeners = self._table.get(action, [])
        for listener in reversed(listeners):
            if listener.handler == handler:
                listeners.remove(listener)
                return

    def clear(self) -> None:
        """Removes every handler and cancel those that still run."""
        self._table.clear()
        for task in self._tasks:
            task.cancel()

    def call(self, message: Message, sender: Sender) -> bool:
        """Calls the handlers; true when a coroutine was started, which the loop has to step."""
        listeners = self._table.get(message.action)
        if not listeners:
            return False
        started = False
        for listener in tuple(listeners):
            if listener.once:
                if listener not in listeners:
                    continue
                listeners.remove(listener)
            started |= self._call(listener, message, sender)
        return started

    def _call(self, listener: _Listener, message: Message, sender: Sender) -> bool:
        arguments = (message.data, sender) if listener.with_sender else (message.data,)
        try:
            result = listener.handler(*arguments)
        except Exception as exc:
            self._report(message.action, exc)
            return False
        if not inspect.isawaitable(result):
            return False
        task = asyncio.ensure_future(self._finish(message.action, result))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return True

    async def _finish(self, action: str, result: Awaitable[object]) -> None:
        try:
            await result
        except Exception as exc:
            self._report(action, exc)

    def _report(self, action: str, exc: Exception) -> None:
        trace = "".join(traceback.format_exception(exc)).rstrip()
        text = f"MessageUnhandledRejectionError: event: {action}, error: {exc}\n{trace}"
        self._log("error", without_secrets(text))
