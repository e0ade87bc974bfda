"""Passes the messages that arrive to eggd's own receivers, or to the handlers when it is time."""

from __future__ import annotations

import traceback
from collections.abc import Callable

from eggd.masking.secrets import without_secrets
from eggd.messenger.backlog import Backlog
from eggd.messenger.config import MessengerConfig
from eggd.messenger.diagnostics import Diagnostics
from eggd.messenger.listeners import Listeners
from eggd.messenger.membership import MEMBERSHIP, AgentMembership, WorkerMembership
from eggd.messenger.outboxes import Outboxes
from eggd.messenger.request_handlers import RequestHandlers
from eggd.messenger.requests import Receive, Requests
from eggd.wire import request as wire
from eggd.wire.datagram import Message, Sender

PASSING = frozenset({*MEMBERSHIP, wire.ANSWER, wire.WHO, wire.HERE})
"""The actions that do not wait for async handlers, which may wait for them."""


class Reception:
    """The receiving end of one messenger, from `open` on."""

    def __init__(
        self,
        config: MessengerConfig,
        listeners: Listeners,
        pause: Callable[[bool], None],
        diagnostics: Diagnostics,
    ) -> None:
        """Prepares; `pause` ends or begins the reading of the sockets."""
        self._listeners = listeners
        self._diagnostics = diagnostics
        self.backlog = Backlog(config, lambda: listeners.running, self._handle, pause, diagnostics)
        """The messages that wait for async handlers."""
        listeners.ended = self.backlog.resume
        self._is_closed = False
        # The sender of the last datagram: its pid is noted.
        self._last: Sender | None = None
        # All set by `connect`.
        self._pid = 0
        self._outboxes: Outboxes | None = None
        self._requests: Requests | None = None
        self._membership: AgentMembership | WorkerMembership | None = None
        # The receivers of the actions by which requests are sent and answered.
        self._internal: dict[str, Receive] = {}

    def connect(
        self,
        pid: int,
        outboxes: Outboxes,
        requests: Requests,
        handlers: RequestHandlers,
        membership: AgentMembership | WorkerMembership,
    ) -> None:
        """Sets the pid of this process, and the receivers of eggd's own messages."""
        self._pid, self._outboxes = pid, outboxes
        self._requests, self._membership = requests, membership
        self._internal = {**requests.receivers, **handlers.receivers}
        outboxes.is_busy = lambda: self.backlog.is_full

    def close(self) -> None:
        """Drops what waits, and what this process has sent to itself."""
        self._is_closed = True
        self.backlog.clear()

    def deliver(self, sender: Sender, messages: list[Message], size: int) -> bool:
        """Takes the messages of a datagram, which has `size` bytes with its memfd.

        Returns True if a task was started, which needs the loop to run.
        """
        if sender is not self._last and self._requests is not None and self._outboxes is not None:
            self._last = sender
            self._requests.peers.note(sender)
            self._outboxes.retry(sender)
        started = False
        for message in messages:
            started |= self._dispatch(message, sender, size // len(messages))
        return started

    def receive_local(self, message: Message, sender: Sender, size: int) -> None:
        """Takes a message of this process."""
        if not self._is_closed:
            self._dispatch(message, sender, size)

    def _dispatch(self, message: Message, sender: Sender, size: int) -> bool:
        if message.to and message.to != self._pid:
            return False
        self._diagnostics.stats.received += 1
        if self.backlog.is_open or message.action in PASSING:
            return self._handle(message, sender)
        self.backlog.put(message, sender, size)
        return False

    def _handle(self, message: Message, sender: Sender) -> bool:
        if not message.action.startswith("egg-"):
            return self._listeners.call(message, sender)
        receive = self._internal.get(message.action)
        if receive is not None:
            return receive(message, sender)
        try:
            if self._membership is not None and self._membership.receive(message, sender):
                return False
        except Exception:  # raised by a callback of `on_members`: the message is still delivered
            trace = without_secrets(traceback.format_exc()).rstrip()
            self._diagnostics.log("error", f"messenger: membership: {trace}")
        return self._listeners.call(message, sender)
