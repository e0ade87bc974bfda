"""The calls of one worker that wait for no result: published values, and `invoke_oneway`.

The leader confirms each call, so that no more than `max_invocations` are going on. Meanwhile only
the last value of each key waits: a slow real client costs no more memory, and gets each last value.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Callable

from eggd import MessengerError, OutboxFullError
from eggd.plugins.cluster_client.errors import pack

_RETRY = 0.2
"""Seconds until the next attempt while the queue to the agent is full, or the leader is busy."""

Send = Callable[[int, str, str], None]
"""Sends a call: its number, the method, and the encoded arguments. Raises MessengerError."""
Failed = Callable[[dict[str, object]], None]
"""Receives the packed error of a call."""


class Publisher:
    """The last value of each key, and the calls that the leader has not confirmed."""

    def __init__(self, method: str, most: int, send: Send, failed: Failed) -> None:
        """Prepares; `method` publishes, and at most `most` calls are going on."""
        self._method = method
        self._most = most
        self._send = send
        self._failed = failed
        # The last values by key, encoded: a new leader gets them again.
        self._values: dict[str, str] = {}
        # The keys whose last value has not been sent, in order.
        self._waiting: dict[str, None] = {}
        # The key of each call, "" for `invoke_oneway`, and its method.
        self._going: dict[int, tuple[str, str]] = {}
        self._numbers = itertools.count(1)
        # Whether there is a leader that works.
        self._is_open = False
        self._timer: asyncio.TimerHandle | None = None

    def __len__(self) -> int:
        return len(self._values)

    def __contains__(self, key: str) -> bool:
        return key in self._values

    @property
    def is_open(self) -> bool:
        """Whether it sends: there is a leader that works."""
        return self._is_open

    @property
    def going(self) -> int:
        """The calls that the leader has not confirmed."""
        return len(self._going)

    def put(self, key: str, call: str) -> None:
        """Publishes a value, now or as soon as the leader takes it."""
        self._values[key] = call
        self._waiting[key] = None
        self._continue()

    def call(self, method: str, call: str) -> None:
        """Calls a method of the leader. Raises MessengerError."""
        number = next(self._numbers)
        self._send(number, method, call)
        self._going[number] = ("", method)

    def done(self, number: int, error: dict[str, object] | None, *, is_busy: bool) -> None:
        """Notes the end of a call; a value that the leader had no room for is sent again."""
        key, method = self._going.pop(number, ("", ""))
        if is_busy and key:
            self._waiting.setdefault(key)
            self._retry()
            return
        if error is not None and method:  # else it is a call of a former leader
            self._failed(error)
        self._continue()

    def open(self) -> None:
        """Publishes the last value of every key: there is a new leader."""
        self._going.clear()
        self._is_open, self._waiting = True, dict.fromkeys(self._values)
        self._continue()

    def close(self) -> None:
        """Sends no more until `open`: the leader or this client has ended."""
        self._is_open = False
        self._going.clear()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _continue(self) -> None:
        while self._is_open and self._waiting and self._timer is None:
            if len(self._going) >= self._most:
                return
            key, number = next(iter(self._waiting)), next(self._numbers)
            try:
                self._send(number, self._method, self._values[key])
            except OutboxFullError:
                self._retry()
                return
            except MessengerError as exc:  # too large: the next value may fit
                self._failed(pack(exc))
            else:
                self._going[number] = (key, self._method)
            del self._waiting[key]

    def _retry(self) -> None:
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(_RETRY, self._again)

    def _again(self) -> None:
        self._timer = None
        self._continue()
