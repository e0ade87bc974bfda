"""The innermost handler of Logbook, without the search that Logbook does for each record.

Logbook keeps a stack of handlers for the process, and one for each thread or context. While only
the first one has ever been used, its last handler is the innermost everywhere. It changes with
`push_application` and `pop_application` alone, which are observed here.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Protocol
from weakref import WeakSet

import logbook

Change = Callable[[logbook.Handler], None]

_objects = logbook.Handler.stack_manager.iter_context_objects


class Watcher(Protocol):
    """Follows the stack."""

    def handlers_changed(self) -> None:
        """Follows a change of `HandlerStack.innermost`."""


class HandlerStack:
    """The handlers that were pushed for the whole process."""

    def __init__(self) -> None:
        self.innermost: logbook.Handler | None = None
        """The innermost handler in every thread and context; None without a handler, or if Logbook
        must be asked."""
        self.watchers: WeakSet[Watcher] = WeakSet()
        """The objects to notify of a change."""
        # The handlers pushed since this module was imported, the innermost last.
        self._handlers: list[logbook.Handler] = []
        # A thread or a context may have handlers of its own: from then on Logbook is asked.
        # A copy of a context keeps them, so it stays true.
        self._is_divided = next(_objects(), None) is not None

    def pushed(self, handler: logbook.Handler) -> None:
        """Follows `push_application`."""
        self._handlers.append(handler)
        self._update()

    def popped(self, _handler: logbook.Handler) -> None:
        """Follows `pop_application`."""
        if self._handlers:
            self._handlers.pop()
        self._update()

    def divided(self, _handler: logbook.Handler) -> None:
        """Follows a push for one thread or context."""
        self._is_divided = True
        self._update()

    def _update(self) -> None:
        known = self._handlers and not self._is_divided
        before, self.innermost = self.innermost, self._handlers[-1] if known else None
        if self.innermost is not before:
            for watcher in tuple(self.watchers):
                watcher.handlers_changed()


STACK = HandlerStack()


def is_innermost(handler: logbook.Handler) -> bool:
    """Returns whether `handler` is the innermost in this thread and context."""
    return STACK.innermost is handler or next(_objects(), None) is handler


def has_handler() -> bool:
    """Returns whether any handler is on the stack of this thread and context."""
    return next(_objects(), None) is not None


def _observe_push(name: str, note: Change) -> None:
    """Calls `note` before a method that pushes a handler: a line of another thread meanwhile asks
    Logbook."""
    push = getattr(logbook.Handler, name)

    @wraps(push)
    def observed(handler: logbook.Handler) -> None:
        note(handler)
        push(handler)

    setattr(logbook.Handler, name, observed)


def _observe_pop(name: str, note: Change) -> None:
    """Calls `note` after a method that removes a handler, also if it was not the last one."""
    pop = getattr(logbook.Handler, name)

    @wraps(pop)
    def observed(handler: logbook.Handler) -> None:
        try:
            pop(handler)
        finally:
            note(handler)

    setattr(logbook.Handler, name, observed)


_observe_push("push_application", STACK.pushed)
_observe_pop("pop_application", STACK.popped)
for _name in ("push_thread", "push_context", "push_greenlet"):
    _observe_push(_name, STACK.divided)
