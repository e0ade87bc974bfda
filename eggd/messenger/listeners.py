"""The handlers by action, and how they are called.

A handler takes `(data)` or `(data, sender)`, sync or async. Its exceptions are logged and stop
neither other handlers nor the process (process:IPC-9).
"""

from __future__ import annotations

import asyncio
import inspect
import traceback
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, cast

from eggd.calling import arity, mismatch
from eggd.errors import MessengerError
from eggd.masking.secrets import without_secrets
from eggd.messenger.checks import check_action
from eggd.messenger.diagnostics import Log
from eggd.wire.datagram import Message, Sender

Data = Any
"""Any JSON value."""

Handler = Callable[[Data], object] | Callable[[Data, Sender], object]
"""`handler(data)` or `handler(data, sender)`."""


@dataclass(frozen=True, slots=True, eq=False)
class _Listener:
    handler: Handler
    call: Callable[[object, Sender], object]
    once: bool


class Listeners:
    """The table of handlers, and the running tasks of the async ones."""

    def __init__(self, log: Log) -> None:
        self._log = log
        self._table: dict[str, list[_Listener]] = {}
        # Kept here because the loop holds only weak references.
        self._tasks: set[asyncio.Task[None]] = set()
        self.ended: Callable[[], None] = _ignore
        """Called at the end of each async handler."""

    @property
    def running(self) -> int:
        """The async handlers that run."""
        return len(self._tasks)

    def add(self, action: str, handler: Handler, *, once: bool = False) -> None:
        """Calls `handler` with each message of this action, in the order of adding.

        Raises MessengerError for a handler that cannot be called.
        """
        check_action(action)
        listener = _Listener(handler, with_sender(handler), once)
        self._table.setdefault(action, []).append(listener)

    def remove(self, action: str, handler: Handler) -> None:
        """Removes the handler that was added last; does nothing if it is unknown."""
        listeners = self._table.get(action, [])
        for listener in reversed(listeners):
            if listener.handler == handler:
                listeners.remove(listener)
                return

    def clear(self) -> None:
        """Removes every handler and cancels those that still run."""
        self._table.clear()
        for task in self._tasks:
            task.cancel()

    def call(self, message: Message, sender: Sender) -> bool:
        """Calls the handlers; True if a task was started, which needs the loop to run."""
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
        try:
            result = listener.call(message.data, sender)
        except Exception as exc:
            self._report(message.action, exc)
            return False
        if result is None or not inspect.isawaitable(result):
            return False
        task = asyncio.ensure_future(self._finish(message.action, result))
        self._tasks.add(task)
        task.add_done_callback(self._end)
        return True

    def _end(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        self.ended()

    async def _finish(self, action: str, result: Awaitable[object]) -> None:
        try:
            await result
        except Exception as exc:
            self._report(action, exc)

    def _report(self, action: str, exc: Exception) -> None:
        trace = "".join(traceback.format_exception(exc)).rstrip()
        text = f"MessageUnhandledRejectionError: event: {action}, error: {exc}\n{trace}"
        self._log("error", without_secrets(text))


def _ignore() -> None:
    return None


def with_sender(handler: Handler) -> Callable[[object, Sender], object]:
    """Returns a handler that takes the sender, too.

    Raises MessengerError for what cannot be called with `(data)` or `(data, sender)`.
    """
    needed = arity(handler) if callable(handler) else 3
    if needed is not None and (needed > 2 or (needed == 0 and mismatch(handler, None))):
        hint = "define it: def handler(data), or def handler(data, sender)"
        raise MessengerError(f"a handler of messages cannot be {handler!r}", hint=hint)
    if (needed or 0) > 1:
        return cast("Callable[[object, Sender], object]", handler)
    plain = cast("Callable[[object], object]", handler)
    return lambda data, sender: plain(data)
