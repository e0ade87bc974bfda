"""The listeners of one process by key, with the last value of each key."""

from __future__ import annotations

import asyncio
import inspect
from collections import deque
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field

from eggd import Agent, Application, mismatch
from eggd.plugins.cluster_client.errors import ClusterClientError
from eggd.plugins.cluster_client.options import Options
from eggd.plugins.cluster_client.values import decode

Listener = Callable[[object], object]
"""`listener(value)`, sync or async; each has a copy of the value."""


_MOST_QUEUED = 1_000
"""Most values that wait while an async listener handles an earlier one; older ones are dropped."""


@dataclass(eq=False)
class _Entry:
    """One listener, whether it has been given a value, and the values that wait for it.

    `is_late` from a dropped value until no value waits: it is one line in the log.
    """

    listener: Listener
    is_fresh: bool = True
    is_busy: bool = False
    is_late: bool = False
    queue: deque[str] = field(default_factory=lambda: deque(maxlen=_MOST_QUEUED))


@dataclass(eq=False)
class _Key:
    """One key: `info` is what the first subscriber gave, `text` the last value, None without."""

    info: object
    entries: list[_Entry] = field(default_factory=list)
    text: str | None = None
    timer: asyncio.TimerHandle | None = None


class Listeners:
    """Calls the listeners of each key; what they raise is logged."""

    def __init__(self, app: Application | Agent, options: Options) -> None:
        self._app = app
        self._options = options
        self._keys: dict[str, _Key] = {}
        # Kept here because the loop holds only weak references.
        self._tasks: set[asyncio.Task[None]] = set()

    def __len__(self) -> int:
        return len(self._keys)

    def __contains__(self, key: str) -> bool:
        return key in self._keys

    def infos(self) -> Iterator[tuple[str, object]]:
        """Yields each key with what its first subscriber gave; keys may change meanwhile."""
        yield from [(key, state.info) for key, state in self._keys.items()]

    def add(self, key: str, info: object, listener: Listener) -> None:
        """Adds a listener; the last value, if there is one, is passed to it in the next tick.

        Raises ClusterClientError for what cannot be called.
        """
        place = f"{self._options.name}.subscribe({key!r})"
        if not callable(listener):
            raise ClusterClientError(f"{place}: the listener must be a function, not {listener!r}")
        if problem := mismatch(listener, None):
            hint = "define it: def listener(value)"
            text = f"{place}: the listener cannot be called: {problem}"
            raise ClusterClientError(text, hint=hint)
        if key not in self._keys:
            self._keys[key] = _Key(info)
            self._watch(key, self._keys[key])
        entry = _Entry(listener)
        self._keys[key].entries.append(entry)
        if self._options.is_broadcast and self._keys[key].text is not None:
            asyncio.get_running_loop().call_soon(self._replay, key, entry)

    def remove(self, key: str, listener: Listener | None) -> bool:
        """Removes a listener, or all of a key; True if no listener of the key is left."""
        state = self._keys.get(key)
        if state is None:
            return False
        kept = [each for each in state.entries if listener and each.listener != listener]
        for entry in state.entries:
            if entry not in kept:
                entry.queue.clear()
        state.entries[:] = kept
        if not kept:
            del self._keys[key]
            _stop(state)
        return not kept

    def put(self, key: str, text: str) -> None:
        """Keeps a value as the last one of its key, and calls the listeners."""
        state = self._keys.get(key)
        if state is None:
            return
        state.text = text
        _stop(state)
        for entry in tuple(state.entries):
            if entry in state.entries:
                self._call(key, entry, text)

    def clear(self) -> None:
        """Removes all listeners, and cancels those that still run."""
        for state in self._keys.values():
            _stop(state)
            state.entries.clear()
        self._keys.clear()
        for task in self._tasks:
            task.cancel()

    def _replay(self, key: str, entry: _Entry) -> None:
        state = self._keys.get(key)
        if state and state.text is not None and entry.is_fresh and entry in state.entries:
            self._call(key, entry, state.text)

    def _call(self, key: str, entry: _Entry, text: str) -> None:
        """Calls a listener, or lets the value wait while it handles an earlier one."""
        entry.is_fresh = False
        if not entry.is_busy:
            self._start(key, entry, text)
            return
        if len(entry.queue) == _MOST_QUEUED and not entry.is_late:
            entry.is_late = True
            error = f"it is slow, the oldest of {_MOST_QUEUED} waiting values are dropped"
            self._report(key, ClusterClientError(error))
        entry.queue.append(text)

    def _start(self, key: str, entry: _Entry, text: str) -> None:
        try:
            result = entry.listener(decode(text, self._options))
        except Exception as exc:
            self._report(key, exc)
            return
        if inspect.isawaitable(result):
            entry.is_busy = True
            task = asyncio.ensure_future(self._finish(key, entry, result))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _finish(self, key: str, entry: _Entry, result: Awaitable[object]) -> None:
        try:
            await result
        except Exception as exc:
            self._report(key, exc)
        finally:
            entry.is_busy = False
        while entry.queue and not entry.is_busy:
            self._start(key, entry, entry.queue.popleft())
        entry.is_late = entry.is_late and bool(entry.queue)

    def _report(self, key: str, exc: Exception) -> None:
        text = "[cluster_client] %s: a listener of %r failed: %s"
        self._app.core_logger.error(text, self._options.name, key, exc, exc_info=exc)

    def _watch(self, key: str, state: _Key) -> None:
        """Emits an error if no value arrives in time (process:CC-15)."""
        limit = self._options.subscribe_timeout
        if limit:
            loop = asyncio.get_running_loop()
            state.timer = loop.call_later(limit, self._complain, key, limit)

    def _complain(self, key: str, limit: float) -> None:
        name = self._options.name
        self._app.emit("error", ClusterClientError(f"{name}: no value of {key!r} in {limit:g} s"))


def _stop(state: _Key) -> None:
    if state.timer is not None:
        state.timer.cancel()
        state.timer = None
