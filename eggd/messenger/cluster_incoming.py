"""The records of all hosts as one process handles them: each once, in the order of its lane.

A receiver ignores a record whose number is not above the last one of its lane. Agents that are
killed, and an engine whose answer is lost, only repeat records: a lane has no gaps but those of
`most_once`.
"""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable
from typing import NamedTuple, cast

from eggd.messenger.diagnostics import Log
from eggd.messenger.listeners import Data, Handler, Listeners, with_sender
from eggd.wire.datagram import Message, Sender

MOST_LANES = 10_000
"""Lanes whose last number a process knows; the one that was silent longest is forgotten."""
MOST_RUNNING = 1_000
"""Async handlers that run at once in a process; further records wait."""
MOST_WAITING = 10_000
"""Groups of records that wait then; more are dropped, and a line in the log says so."""


class HostSender(NamedTuple):
    """The sender of a message of the cluster."""

    host: str
    """The name of its host."""
    role: str
    """`worker` or `agent`."""
    slot: int
    """The number of the worker; 0 of the agent."""


HostHandler = Callable[[Data], object] | Callable[[Data, HostSender], object]
"""`handler(data)` or `handler(data, sender)`."""


def sender_of(lane: str) -> HostSender:
    """Returns the sender that a lane names."""
    host, role, slot, _ = lane.rsplit("/", 3)
    return HostSender(host, role, int(slot))


class Lanes:
    """The last number of each lane."""

    def __init__(self) -> None:
        self._last: dict[str, int] = {}

    def is_new(self, lane: str, number: int) -> bool:
        """Notes a record; False if one with this number or a later one came before."""
        last = self._last.pop(lane, 0)
        self._last[lane] = max(last, number)
        if len(self._last) > MOST_LANES:
            del self._last[next(iter(self._last))]
        return number > last


class Incoming:
    """The handlers of one process, and the records that wait for them."""

    def __init__(self, log: Log, ack: Callable[[int], None]) -> None:
        self.listeners = Listeners(log)
        self.handlers: list[tuple[str, HostHandler, Handler]] = []
        """Action, handler as it was given, and the one that is called; to remove it."""
        self.host = self.role = ""
        self._log = log
        self._ack = ack
        self._lanes = Lanes()
        self._waiting: deque[tuple[int, list[Data]]] = deque()
        self._is_full = False
        self.listeners.ended = self._handle

    def add(self, action: str, handler: HostHandler) -> None:
        """Calls `handler` with each message of this action; raises MessengerError as Listeners."""
        local = cast("Handler", with_origin(handler))
        self.handlers.append((action, handler, local))
        self.listeners.add(action, local)

    def remove(self, action: str, handler: HostHandler) -> None:
        """Removes the handler that was added last; does nothing if it is unknown."""
        for each in reversed(self.handlers):
            if each[:2] == (action, handler):
                self.handlers.remove(each)
                self.listeners.remove(action, each[2])
                return

    def receive(self, data: Data) -> None:
        """Takes a group of records: its number and the records."""
        if len(self._waiting) >= MOST_WAITING:
            if not self._is_full:
                self._is_full = True
                text = f"messenger.cluster: more than {MOST_WAITING} groups wait: messages are lost"
                self._log("error", text)
            return
        number, records = data
        self._waiting.append((number, records))
        self._handle()

    def _handle(self) -> None:
        """Calls the handlers of what waits, while not too many of them run."""
        number = 0
        while self._waiting and self.listeners.running < MOST_RUNNING:
            number, records = self._waiting.popleft()
            for record in records:
                self._call(*record)
        if number:
            self._is_full = False
            self._ack(number)

    def _call(
        self, lane: str, number: int, first: int, host: str, to: str, action: str, text: str
    ) -> None:
        own = "agent" if self.role == "agent" else "app"
        if host in ("", self.host) and to in ("all", own) and self._lanes.is_new(lane, number):
            try:
                message = Message(action, json.loads(text))
            except (ValueError, RecursionError) as exc:
                self._log("warning", f"messenger.cluster: {action!r} of {lane} is not JSON: {exc}")
                return
            self.listeners.call(message, cast("Sender", sender_of(lane)))


def with_origin(handler: HostHandler) -> Callable[[Data, HostSender], object]:
    """Returns a handler that takes the sender, too; raises MessengerError as `with_sender`."""
    return cast("Callable[[Data, HostSender], object]", with_sender(cast("Handler", handler)))
