"""Requests to other hosts, and their answers, as the agents pass them on."""

from __future__ import annotations

import asyncio
import itertools
import json
import math
from collections.abc import Callable
from uuid import uuid4

from eggd import (
    ClusterMessenger,
    HostSender,
    MessageTooLargeError,
    MessengerError,
    OutboxFullError,
    RequestTimeoutError,
    Sender,
)
from eggd.plugins.fleet.writer import Record

MOST = 1_000
"""Requests of this host that wait, and requests of others that run here, at once."""

_refusal = ClusterMessenger.refusal


class Requests:
    """The requests of this host that wait for an answer, and those of others that run here."""

    def __init__(
        self, cluster: ClusterMessenger, max_size: int, put: Callable[[Record], None]
    ) -> None:
        """`put` takes a record for the engine; an answer may have `max_size` bytes of JSON."""
        self._cluster = cluster
        self._max_size = max_size
        self._put = put
        self._lane = f"{cluster.host}/agent/0/{uuid4().hex[:12]}?"
        self._numbers = itertools.count(1)
        self._waiting: dict[str, asyncio.Future[list[object]]] = {}
        """By the id of the request."""
        self._running: set[asyncio.Task[None]] = set()
        self._seen: dict[str, None] = {}
        """The last requests of other hosts: an entry of the engine may be repeated."""

    async def ask(self, data: object, sender: Sender) -> list[object]:
        """Sends a request of a process of this host; returns its outcome (cluster_answers.py)."""
        match data:
            case [str(host), str(to), str(action), str(text), int() | float() as timeout]:
                pass
            case _:
                return _refusal(MessengerError, "malformed request")
        if len(self._waiting) >= MOST:
            return _refusal(OutboxFullError, f"{len(self._waiting)} requests to other hosts wait")
        if not 0 < timeout < math.inf:
            return _refusal(RequestTimeoutError, f"timeout={timeout!r} is not positive seconds")
        identity = uuid4().hex
        future: asyncio.Future[list[object]] = asyncio.get_running_loop().create_future()
        self._waiting[identity] = future
        origin = [self._cluster.host, sender.role, sender.slot]
        try:
            self._send(host, "request", action, [identity, origin, to, text, timeout])
            async with asyncio.timeout(timeout):
                return await future
        except TimeoutError:
            return _refusal(RequestTimeoutError, f"no answer within {timeout:g} s")
        finally:
            del self._waiting[identity]

    def take(self, record: Record) -> None:
        """Takes a request or an answer of another host."""
        try:
            data = json.loads(str(record[6]))
        except (ValueError, RecursionError):
            return
        if record[4] == "answer":
            self._answered(data)
        else:
            self._run(str(record[5]), data)

    def close(self) -> None:
        """Cancels what runs here: its senders wait for their time limit."""
        for task in self._running:
            task.cancel()

    def _answered(self, data: object) -> None:
        match data:
            case [str(identity), list(outcome)]:
                future = self._waiting.get(identity)
                if future is not None and not future.done():
                    future.set_result(outcome)

    def _run(self, action: str, data: object) -> None:
        match data:
            case [
                str(identity),
                [str(host), str(role), int(slot)],
                str(to),
                str(text),
                int() | float() as timeout,
            ]:
                sender = HostSender(host, role, slot)
            case _:
                return
        if identity in self._seen:
            return
        self._seen[identity] = None
        if len(self._seen) > 10 * MOST:
            del self._seen[next(iter(self._seen))]
        if len(self._running) >= MOST:
            busy = _refusal(
                OutboxFullError, f"{len(self._running)} requests of other hosts run there"
            )
            self._send(host, "answer", "", [identity, busy])
            return
        work = self._answer(identity, sender, action, text, to, timeout)
        task = asyncio.get_running_loop().create_task(work)
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def _answer(
        self, identity: str, sender: HostSender, action: str, text: str, to: str, timeout: float
    ) -> None:
        outcome = await self._cluster.answer(action, text, sender, to, timeout)
        size = len(json.dumps(outcome))
        if size > self._max_size:
            text = f"the answer has {size} bytes, more than fleet.max_size ({self._max_size})"
            outcome = _refusal(MessageTooLargeError, text)
        self._send(sender.host, "answer", "", [identity, outcome])

    def _send(self, host: str, kind: str, action: str, data: object) -> None:
        number = next(self._numbers)
        self._put([self._lane, number, 0, host, kind, action, json.dumps(data)])
