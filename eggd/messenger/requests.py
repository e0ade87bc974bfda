"""The requests of this process that wait for an answer.

Every request ends: with the answer, with an error of the receiver, at once when the receiver ends,
or at its time limit. A request that is cancelled or too late is withdrawn from its receiver.
"""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

from eggd.errors import (
    MessengerError,
    NoPeerError,
    OutboxFullError,
    RequestTimeoutError,
)
from eggd.messenger import outcomes
from eggd.messenger.checks import check_action, check_timeout
from eggd.messenger.outboxes import Outboxes
from eggd.messenger.peers import Peers, display
from eggd.wire import request as wire
from eggd.wire.datagram import Message, Sender
from eggd.wire.request import Outcome, Request

AfterReceived = Callable[[Callable[[], None]], None]
"""Calls a function when every datagram that has arrived so far was handled."""

Receive = Callable[[Message, Sender], bool]
"""Receives a message; True if a task was started, which needs the loop to run."""


@dataclass(slots=True, eq=False)
class _Waiting:
    peer: Sender
    action: str
    future: asyncio.Future[object]

    def fail(self, error: MessengerError) -> None:
        if not self.future.done():
            self.future.set_exception(error)

    @property
    def name(self) -> str:
        return f"request {self.action!r} to {display(self.peer)}"


class Requests:
    """Sends requests and matches the answers."""

    def __init__(
        self, me: Sender, outboxes: Outboxes, limit: int, after_received: AfterReceived
    ) -> None:
        """Prepares; at most `limit` requests wait at once."""
        self.peers = Peers(me, outboxes, self._ended)
        self._outboxes = outboxes
        self._limit = limit
        # An ended process may have answered before: its last datagrams are handled first.
        self._after_received = after_received
        self._loop = asyncio.get_running_loop()
        self._numbers = itertools.count(1)
        # Callers of `ask`, those that wait for a pid included.
        self._count = 0
        # By number.
        self._waiting: dict[int, _Waiting] = {}
        self._is_closed = False

    @property
    def count(self) -> int:
        """The requests that wait for an answer."""
        return self._count

    @property
    def receivers(self) -> Mapping[str, Receive]:
        """The receivers of eggd's own messages by action."""
        return {
            wire.ANSWER: self.receive,
            wire.WHO: self.peers.show,
            wire.HERE: lambda message, sender: False,  # its pid was noted
        }

    async def ask(self, address: Sender, action: str, data: object, timeout: float) -> object:
        """Returns the answer to a request, sent to the process at `address`.

        Raises NoPeerError, NoHandlerError, RequestTimeoutError, HandlerFailedError,
        MessageTooLargeError, OutboxFullError, or MessengerError for data that is not JSON.
        """
        self._check(action, timeout)
        end = time.monotonic() + timeout
        self._count += 1
        try:
            peer = self.peers.living(address) or await self.peers.meet(address, timeout)
            return await self._answer(peer, action, data, end, timeout)
        finally:
            self._count -= 1

    def receive(self, message: Message, sender: Sender) -> bool:
        """Passes an answer to its caller; an answer that nothing waits for is ignored."""
        answer = wire.answer(message.data)
        if answer is None:
            return False
        waiting = self._waiting.get(answer.number)
        if waiting is None or waiting.peer != sender:
            return False
        del self._waiting[answer.number]
        if answer.outcome is not Outcome.OK:
            waiting.fail(
                outcomes.error(waiting.name, answer.outcome, answer.type_name, answer.text)
            )
        elif not waiting.future.done():
            waiting.future.set_result(answer.result)
        return False

    def close(self) -> None:
        """Fails all requests."""
        self._is_closed = True
        error = NoPeerError("the messenger was closed")
        self.peers.close(error)
        for waiting in self._waiting.values():
            waiting.fail(error)
        self._waiting.clear()

    def _check(self, action: str, timeout: float) -> None:
        check_action(action)
        check_timeout(f"request {action!r}", timeout)
        if self._is_closed:
            raise NoPeerError(f"request {action!r}: the messenger is closed")
        if self._count >= self._limit:
            raise OutboxFullError(
                f"request {action!r}: {self._count} requests wait for an answer",
                hint="check that the receivers run and are not blocked",
            )

    async def _answer(
        self, peer: Sender, action: str, data: object, end: float, timeout: float
    ) -> object:
        number = next(self._numbers)
        message = wire.encode_request(Request(number, action, data), peer.pid)
        self.peers.send(peer, self._outboxes.checked(message, action))
        waiting = _Waiting(peer, action, self._loop.create_future())
        self._waiting[number] = waiting
        left = end - time.monotonic()
        timer = self._loop.call_later(left, self._expire, waiting, timeout)
        try:
            return await waiting.future
        finally:
            timer.cancel()
            if self._waiting.pop(number, None) is not None:
                self._withdraw(peer, number)

    def _expire(self, waiting: _Waiting, timeout: float) -> None:
        waiting.fail(RequestTimeoutError(f"{waiting.name}: no answer within {timeout:g} s"))

    def _withdraw(self, peer: Sender, number: int) -> None:
        try:
            self.peers.send(peer, wire.encode_cancel(number, peer.pid))
        except OutboxFullError:  # the handler runs to its end, its answer is ignored
            return

    def _ended(self, pid: int) -> None:
        self._after_received(partial(self._fail, pid))

    def _fail(self, pid: int) -> None:
        for number, waiting in tuple(self._waiting.items()):
            if waiting.peer.pid == pid:
                del self._waiting[number]
                waiting.fail(NoPeerError(f"{waiting.name}: it ended before it answered"))
