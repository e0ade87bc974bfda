"""The handlers that answer requests of other processes, one per action.

A handler takes `(data)` or `(data, sender)`, sync or async; its result is the answer. An exception
becomes an error of the requester, with the name of its class and its text. Unless it is one of
eggd's own, which are expected, it is logged here with its traceback.
"""

from __future__ import annotations

import asyncio
import inspect
import traceback
from collections.abc import Awaitable, Callable, Mapping

from eggd.errors import HintedError, MessageTooLargeError, MessengerError, OutboxFullError
from eggd.masking.secrets import without_secrets
from eggd.messenger.checks import check_action
from eggd.messenger.diagnostics import Log
from eggd.messenger.listeners import Handler, with_sender
from eggd.messenger.outboxes import Outboxes
from eggd.messenger.peers import Peers
from eggd.messenger.requests import Receive
from eggd.spelling import suggestion
from eggd.wire import request as wire
from eggd.wire.datagram import Message, Sender
from eggd.wire.request import Outcome, Request

_Call = Callable[[object, Sender], object]
_Key = tuple[Sender, int]


class RequestHandlers:
    """The table of handlers, and the running tasks of the async ones."""

    def __init__(self, log: Log, limit: int) -> None:
        self._log = log
        self.limit = limit
        """The most handlers that run at once."""
        self._table: dict[str, _Call] = {}
        # By requester and the number of its request.
        self._tasks: dict[_Key, asyncio.Task[None]] = {}

    @property
    def running(self) -> int:
        """The async handlers that run."""
        return len(self._tasks)

    @property
    def receivers(self) -> Mapping[str, Receive]:
        """The receivers of eggd's own messages by action."""
        return {wire.REQUEST: self.receive, wire.CANCEL: self.cancel}

    def open(self, outboxes: Outboxes, peers: Peers) -> None:
        """Sets the way of the answers."""
        self._outboxes, self._peers = outboxes, peers

    def add(self, action: str, handler: Handler) -> None:
        """Sets the handler of an action; raises MessengerError if it has one."""
        check_action(action)
        if action in self._table:
            raise MessengerError(
                f"on_request: {action!r} has a handler already",
                hint="remove it first, or use another action",
            )
        self._table[action] = with_sender(handler)

    def remove(self, action: str) -> None:
        """Removes the handler of an action; does nothing without one."""
        self._table.pop(action, None)

    def receive(self, message: Message, sender: Sender) -> bool:
        """Calls the handler; True if a task was started, which needs the loop to run."""
        request = wire.request(message.data)
        if request is None:
            return False
        call = self._table.get(request.action)
        if call is None:
            hint = suggestion(request.action, self._table)
            self._fail(sender, request, Outcome.NO_HANDLER, "", hint)
            return False
        if len(self._tasks) >= self.limit:
            text = f"{len(self._tasks)} requests are running"
            self._fail(sender, request, Outcome.BUSY, "", text)
            return False
        return self._call(call, request, sender)

    def cancel(self, message: Message, sender: Sender) -> bool:
        """Cancels the handler of a request that its requester no longer waits for."""
        number = message.data
        task = self._tasks.pop((sender, number), None) if isinstance(number, int) else None
        if task is not None:
            task.cancel()
        return False

    def close(self) -> None:
        """Cancels all handlers; their requesters get NoPeerError."""
        self._table.clear()
        tasks, self._tasks = self._tasks, {}
        for (sender, number), task in tasks.items():
            task.cancel()
            text = "it ended before it answered"
            self._fail(sender, Request(number, "", None), Outcome.NO_PEER, "", text)

    def _call(self, call: _Call, request: Request, sender: Sender) -> bool:
        try:
            result = call(request.data, sender)
        except Exception as exc:
            self._failed(sender, request, exc)
            return False
        if not inspect.isawaitable(result):
            self._answer(sender, request, result)
            return False
        task = asyncio.ensure_future(self._finish(sender, request, result))
        self._tasks[sender, request.number] = task
        return True

    async def _finish(self, sender: Sender, request: Request, result: Awaitable[object]) -> None:
        key = sender, request.number
        try:
            answer = await result
        except asyncio.CancelledError as exc:
            if self._tasks.pop(key, None) is not None:  # neither withdrawn nor closed
                self._failed(sender, request, exc)
            raise
        except Exception as exc:
            if self._tasks.pop(key, None) is not None:
                self._failed(sender, request, exc)
            return
        if self._tasks.pop(key, None) is not None:
            self._answer(sender, request, answer)

    def _answer(self, sender: Sender, request: Request, result: object) -> None:
        action, number = request.action, request.number
        try:
            message = wire.encode_result(number, result, sender.pid, action)
            self._peers.send(sender, self._outboxes.checked(message, action))
        except MessageTooLargeError as exc:
            self._fail(sender, request, Outcome.TOO_LARGE, "", exc.message)
        except OutboxFullError as exc:
            self._fail(sender, request, Outcome.BUSY, "", exc.message)
        except MessengerError as exc:
            self._failed(sender, request, exc)

    def _failed(self, sender: Sender, request: Request, exc: BaseException) -> None:
        if not isinstance(exc, HintedError):
            trace = "".join(traceback.format_exception(exc)).rstrip()
            text = f"messenger: the handler of request {request.action!r} failed: {trace}"
            self._log("error", without_secrets(text))
        self._fail(sender, request, Outcome.FAILED, type(exc).__name__, _text(exc))

    def _fail(
        self, sender: Sender, request: Request, outcome: Outcome, type_name: str, text: str
    ) -> None:
        message = wire.encode_error(request.number, outcome, type_name, text, sender.pid)
        self._peers.send(sender, message, always=True)


def _text(exc: BaseException) -> str:
    try:
        return str(exc)
    except Exception:
        return ""
