"""`messenger.cluster`: messages among the hosts of an application, as one process has them.

The agent of each host passes them on (plugin fleet); a process reaches it by local messages alone.

    process  --egg-fleet-send RECORD-->              agent   --> engine
             <--egg-fleet-taken [lane, number]--             the engine has the records up to it
             <--egg-fleet-again lane--                       records are missing: send them again;
                                                             without a lane: there is a new agent
             <--egg-fleet [number, [RECORD, ...]]--          records of all hosts
             --egg-fleet-ack number-->                       their handlers were called

    RECORD := [lane, number, first, host, to, action, JSON of the data]

A lane is one process and one promise; its records are numbered. `first` is the number of the oldest
record that the sender still keeps, by which a new agent sees a gap before a record.
"""

from __future__ import annotations

import os
from typing import Literal, Protocol, Self

from eggd.errors import HandlerFailedError, MessageTooLargeError, MessengerError, NoPeerError
from eggd.messenger.checks import check_action, check_host, check_timeout
from eggd.messenger.cluster_answers import checked, failure, refusal, result_of
from eggd.messenger.cluster_incoming import HostHandler, HostSender, Incoming, with_origin
from eggd.messenger.cluster_outgoing import Outgoing
from eggd.messenger.diagnostics import Log
from eggd.messenger.listeners import Data, Handler
from eggd.wire import datagram
from eggd.wire.datagram import Sender
from eggd.wire.request import Outcome

ANSWERS = "egg-fleet-answer:"
"""The beginning of the local action that answers requests of other hosts."""

At = Literal["most_once", "least_once"]
To = Literal["all", "app", "agent"]


class LocalMessages(Protocol):
    """The messenger of this process, as far as the messages of other hosts need it."""

    def on(self, action: str, handler: Handler) -> Self:
        """Adds a handler."""
        ...

    def on_request(self, action: str, handler: Handler) -> Self:
        """Sets the handler of requests."""
        ...

    def remove_request_handler(self, action: str) -> Self:
        """Removes it."""
        ...

    def send_to_agent(self, action: str, data: object = None) -> Self:
        """Sends to the agent."""
        ...

    async def request(
        self, action: str, data: object = None, *, to: int | str | None = None, timeout: float = 5.0
    ) -> object:
        """Returns the answer of the agent or, on the agent, of a random worker or of `to`."""
        ...


class ClusterMessenger:
    """Sends messages to the processes of all hosts, and calls the handlers of those that arrive.

    Its handlers are not those of local messages. Sending never waits, returns this object, and may
    raise MessengerError (plugin fleet is off, or data that JSON cannot express),
    MessageTooLargeError or OutboxFullError.
    """

    SEND, TAKEN, AGAIN = "egg-fleet-send", "egg-fleet-taken", "egg-fleet-again"
    DELIVER, ACK = "egg-fleet", "egg-fleet-ack"
    REQUEST, HOSTS = "egg-fleet-request", "fleet-hosts"

    def __init__(self, messenger: LocalMessages, log: Log) -> None:
        self.host = ""
        """The name of this host; empty while plugin fleet is off."""
        self._messenger = messenger
        self._log = log
        self._incoming = Incoming(log, lambda number: self._send(self.ACK, number))
        self._max_size = 0
        # None until `open`.
        self._outgoing: Outgoing | None = None

    def open(self, host: str, role: str, slot: int, max_size: int) -> None:
        """Begins to send and receive; called by plugin fleet, with the name of this host.

        A message may have `max_size` bytes of JSON.
        """
        self.host, self._max_size = host, max_size
        self._incoming.host, self._incoming.role = host, role
        name = f"{host}/{role}/{slot}"
        self._outgoing = outgoing = Outgoing(name, lambda record: self._send(self.SEND, record))
        self._messenger.on(self.TAKEN, outgoing.taken).on(self.AGAIN, outgoing.again)
        self._messenger.on(self.DELIVER, self._deliver)

    async def hosts(self) -> list[str]:
        """Returns the names of the hosts that run, this one included.

        Raises NoPeerError while the engine is down.
        """
        self._opened("hosts")
        try:
            answer = await self._messenger.request(self.HOSTS)
        except HandlerFailedError as exc:
            raise NoPeerError(f"cluster.hosts: {exc.reason}") from exc
        return [str(each["host"]) for each in answer] if isinstance(answer, list) else []

    def broadcast(self, action: str, data: object = None, *, at: At = "most_once") -> Self:
        """Sends to every worker and agent of every host, this process included.

        `at`: `most_once` loses the message if the engine is down or the agent is killed;
        `least_once` keeps it until the engine has it, and no process handles it twice.
        """
        return self._post("", "all", action, data, at)

    def send(
        self, host: str, action: str, data: object = None, *, to: To = "all", at: At = "most_once"
    ) -> Self:
        """Sends to one host: to its agent, every worker (`app`) or both (`all`)."""
        if to not in ("all", "app", "agent"):
            raise MessengerError(f"cluster.send: to={to!r}", hint='use "all", "app" or "agent"')
        check_host("send", host)
        return self._post(host, to, action, data, at)

    async def request(
        self,
        action: str,
        data: object = None,
        *,
        host: str,
        to: Literal["app", "agent"] = "agent",
        timeout: float = 5.0,
    ) -> Data:
        """Returns the answer of another host's agent, or of one of its ready workers (`app`).

        Raises NoPeerError for a host that is not there or while the engine is down, and as
        `Messenger.request`: NoHandlerError, RequestTimeoutError, HandlerFailedError,
        MessageTooLargeError, OutboxFullError.
        """
        self._opened("request")
        check_host("request", host)
        name = f"request {action!r} to {to} of {host}"
        check_timeout(f"request {action!r}", timeout)
        if to not in ("app", "agent"):
            raise MessengerError(f"{name}: unknown receiver", hint='use to="app" or to="agent"')
        about = [host, to, action, self._encode(action, data), timeout]
        # The agent measures the time, too: its answer is the better error.
        answer = await self._messenger.request(self.REQUEST, about, timeout=timeout + 1)
        return result_of(name, answer)

    async def answer(
        self, action: str, text: str, sender: HostSender, to: str, timeout: float
    ) -> list[object]:
        """Returns the outcome of another host's request; the agent calls this."""
        about = [text, *sender]
        receiver = os.getpid() if to == "agent" else None
        try:
            result = await self._messenger.request(
                f"{ANSWERS}{action}", about, to=receiver, timeout=timeout
            )
        except MessengerError as exc:
            return failure(exc)
        return [Outcome.OK, result]

    @staticmethod
    def refusal(kind: type[MessengerError], text: str) -> list[object]:
        """Returns the outcome that raises `kind` in the process that asked; agents use this."""
        return refusal(kind, text)

    def on(self, action: str, handler: HostHandler) -> Self:
        """Calls `handler(data)` or `handler(data, sender)` for each message of any host.

        `sender` is a HostSender; the handler may be async.
        """
        self._incoming.add(action, handler)
        return self

    def remove_listener(self, action: str, handler: HostHandler) -> Self:
        """Takes back one `on`."""
        self._incoming.remove(action, handler)
        return self

    def on_request(self, action: str, handler: HostHandler) -> Self:
        """Answers requests of other hosts by `handler(data)` or `handler(data, sender)`.

        Its result, any JSON value, is the answer. Raises MessengerError for a second handler.
        """
        self._messenger.on_request(f"{ANSWERS}{action}", checked(with_origin(handler)))
        return self

    def remove_request_handler(self, action: str) -> Self:
        """Takes back the `on_request` of an action."""
        self._messenger.remove_request_handler(f"{ANSWERS}{action}")
        return self

    def _post(self, host: str, to: str, action: str, data: object, at: At) -> Self:
        if at not in ("most_once", "least_once"):
            hint = 'use "most_once" or "least_once"'
            raise MessengerError(f"cluster: at={at!r}: unknown promise", hint=hint)
        text = self._encode(action, data)
        self._opened("send" if host else "broadcast").post(
            [host, to, action, text], sure=at == "least_once"
        )
        return self

    def _opened(self, method: str) -> Outgoing:
        if self._outgoing is None:
            raise MessengerError(
                f"messenger.cluster.{method}: plugin fleet is off",
                hint="set fleet = True in config/plugin.py, see docs/scale.md",
            )
        return self._outgoing

    def _encode(self, action: str, data: object) -> str:
        """Returns the JSON of the data. Raises MessengerError, MessageTooLargeError."""
        # The agent ignores a malformed record, and would ask for it again without end.
        check_action(action)
        text = datagram.encode("", data, name=action)[4:-1]
        if len(text) > self._max_size > 0:
            raise MessageTooLargeError(
                f"message {action!r} has {len(text)} bytes, more than fleet.max_size"
                f" ({self._max_size})",
                hint="send a name, and the value by a file or a database",
            )
        return text.decode()

    def _send(self, action: str, data: object) -> None:
        self._messenger.send_to_agent(action, data)

    def _deliver(self, data: Data, sender: Sender) -> None:
        if sender.role == "agent" or sender.pid == os.getpid():
            self._incoming.receive(data)
