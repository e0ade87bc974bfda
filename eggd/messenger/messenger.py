"""The messenger of one process: egg's API (process:IPC-1..15) over datagram sockets."""

from __future__ import annotations

import asyncio
import os
import random
import socket
import traceback
from typing import Self

from eggd.errors import MessengerError
from eggd.masking.secrets import without_secrets
from eggd.messenger.config import MessengerConfig
from eggd.messenger.diagnostics import Diagnostics, Log, MessageCounts
from eggd.messenger.directory import Directory
from eggd.messenger.inbox import Inbox
from eggd.messenger.listeners import Handler, Listeners
from eggd.messenger.liveness import Liveness
from eggd.messenger.member_table import Member
from eggd.messenger.membership import AgentMembership, Enabled, OnMembers, WorkerMembership
from eggd.messenger.outboxes import Outboxes
from eggd.messenger.scheduler import Scheduler
from eggd.messenger.socket_path import SocketPath
from eggd.wire.datagram import HIGHEST_SLOT, ROLES, Message, Sender

MOST_INBOXES = 3
"""Most sockets that are read at once: each removal of the path adds one."""


class Messenger:
    """Sends and receives messages; created anywhere, opened and closed inside the loop.

    Sending never waits. Every method that sends returns the messenger and may raise MessengerError
    (data that JSON cannot express), MessageTooLargeError or OutboxFullError. After `close` sending
    does nothing (process:IPC-10).
    """

    def __init__(
        self,
        role: str,
        slot: int,
        config: MessengerConfig,
        log: Log,
        *,
        enabled: Enabled = tuple,
    ) -> None:
        """Prepares; `enabled` returns to the agent the slots that the suite should have."""
        if role not in ROLES or not 0 <= slot <= HIGHEST_SLOT:
            raise MessengerError(f"unknown role or slot: {role!r} {slot!r}")
        # `open` sets the pid again: the process may have forked since.
        self._me = Sender(role, slot, os.getpid())
        self._config = config
        self._enabled = enabled
        self._diagnostics = Diagnostics(log)
        self._listeners = Listeners(log)
        # Added before and after `open`, which hands the list to the membership.
        self._callbacks: list[OnMembers] = []
        # The pids of the processes that have sent messages, by role and slot.
        self._known: dict[tuple[str, int], int] = {}
        # The sockets that are read; more than one after the path was removed and bound again.
        self._inboxes: list[Inbox] = []
        self._path = SocketPath("")
        # The problem that `repair` returned last.
        self._problem = ""
        # Whether the inboxes are read, also those that `repair` adds.
        self._receiving = False
        # None until `open`.
        self._outboxes: Outboxes | None = None
        self._membership: AgentMembership | WorkerMembership | None = None
        self._closed = False

    @property
    def stats(self) -> MessageCounts:
        """The counters since the start."""
        return self._diagnostics.stats

    @property
    def members(self) -> list[Member]:
        """The workers by slot, those that left included; empty in a worker."""
        agent = self._membership
        return agent.table.members() if isinstance(agent, AgentMembership) else []

    async def open(self, inbox: socket.socket | None = None, *, receive: bool = True) -> None:
        """Begins to receive from the socket that systemd holds, or from one that is bound here.

        A worker always binds its own, in place of a stale one. With `receive` false messages wait
        in the kernel until `receive()`, while sending works already. Raises MessengerError.
        """
        self._me = self._me._replace(pid=os.getpid())
        directory = Directory(self._config.directory)
        scheduler = Scheduler(self._config, self._me, self._diagnostics)
        outboxes = Outboxes(self._me, directory, scheduler, self._receive_local)
        agent = self._me.role == "agent"
        path = directory.agent() if agent else directory.worker(self._me.slot)
        self._path = SocketPath(path, inbox)
        # A worker replaces the former worker of its slot; an agent never takes over an inbox.
        self._listen(inbox or self._path.bind(replace=not agent))
        self._join(outboxes)
        self.repair()
        if receive:
            self.receive()

    def receive(self) -> None:
        """Begins to receive after `open(receive=False)`: the handlers are in place now."""
        self._receiving = True
        for inbox in self._inboxes:
            inbox.start(asyncio.get_running_loop())

    def repair(self) -> str:
        """Binds this process's path again if it was removed or replaced, and reads both sockets.

        Returns the problem, or "": a path that cannot be bound, or an agent's socket that systemd
        no longer holds. Cheap enough to call regularly: one stat(2).
        """
        if self._closed or not self._inboxes or self._path.intact:
            return self._problem
        try:
            self._listen(self._path.bind(replace=True))
        except MessengerError as exc:
            self._problem = f"{self._path.path} is lost: {exc.message}"
            self._diagnostics.report("lost", self._problem)
            return self._problem
        self._diagnostics.resolved("lost")
        self._diagnostics.log("warning", f"messenger: {self._path.path} was removed; bound again")
        self._problem = self._path.remaining_problem
        return self._problem

    def close(self) -> None:
        """Sends what the kernel accepts at once, then stops sending and receiving."""
        self._closed = True
        self._listeners.clear()
        for inbox in self._inboxes:
            inbox.close()
        if self._outboxes is not None:
            self._path.unlink()
            self._liveness.close()
            self._outboxes.close()

    async def flush(self, timeout: float) -> bool:
        """Waits until the kernel has all messages; False if `timeout` seconds were not enough."""
        return self._outboxes is None or self._closed or await self._outboxes.drained(timeout)

    def on(self, action: str, handler: Handler) -> Self:
        """Calls `handler(data)` or `handler(data, sender)` for each message; it may be async."""
        self._listeners.add(action, handler)
        return self

    def once(self, action: str, handler: Handler) -> Self:
        """Like `on`, for the first such message only."""
        self._listeners.add(action, handler, once=True)
        return self

    def remove_listener(self, action: str, handler: Handler) -> Self:
        """Takes back one `on` or `once`."""
        self._listeners.remove(action, handler)
        return self

    def broadcast(self, action: str, data: object = None) -> Self:
        """Sends to every worker and the agent, this process included (process:IPC-3)."""
        outboxes = self._sending("broadcast")
        if outboxes:
            outboxes.to_all(outboxes.encode(action, data))
        return self

    def send_to_app(self, action: str, data: object = None) -> Self:
        """Sends to every worker, this one included (process:IPC-4)."""
        outboxes = self._sending("send_to_app")
        if outboxes:
            outboxes.to_workers(outboxes.encode(action, data))
        return self

    def send_to_agent(self, action: str, data: object = None) -> Self:
        """Sends to the agent; on the agent, to itself (process:IPC-4)."""
        outboxes = self._sending("send_to_agent")
        if outboxes:
            outboxes.to_agent(outboxes.encode(action, data))
        return self

    def send_random(self, action: str, data: object = None) -> Self:
        """Sends to one random ready worker; on a worker, to the agent (process:IPC-5)."""
        outboxes = self._sending("send_random")
        if outboxes is None:
            return self
        message = outboxes.encode(action, data)
        if not isinstance(self._membership, AgentMembership):
            outboxes.to_agent(message)
        elif ready := self._membership.table.ready():
            outboxes.to_worker(random.choice(ready).slot, message)
        else:
            self.stats.dropped += 1
        return self

    def send_to(self, pid: int | str, action: str, data: object = None) -> Self:
        """Sends to the process with this pid, if it is one of the suite (process:IPC-6)."""
        outboxes = self._sending("send_to")
        if outboxes:
            self._send_to(outboxes, _pid(pid), action, data)
        return self

    def send(self, action: str, data: object = None, to: str | int | None = None) -> Self:
        """Sends to "app", "agent" or a pid; by default to the other kind (process:IPC-7)."""
        target = to or ("agent" if self._me.role == "worker" else "app")
        if target == "app":
            return self.send_to_app(action, data)
        if target == "agent":
            return self.send_to_agent(action, data)
        return self.send_to(target, action, data)

    def announce(self, state: str, **figures: object) -> None:
        """Announces a state (starting, ready, failed, leaving) and figures for the status.

        `agent-start` and `egg-ready` are sent once the agent itself has announced `ready`.
        """
        if self._membership is None:
            raise MessengerError("the messenger is not open")
        if not self._closed:
            self._membership.announce(state, figures)

    def on_members(self, callback: OnMembers) -> None:
        """Calls `callback(members)` in the agent after every change among the workers."""
        self._callbacks.append(callback)

    def _join(self, outboxes: Outboxes) -> None:
        self._outboxes = outboxes
        self._liveness = Liveness(asyncio.get_running_loop())
        self._membership = self._role(outboxes)
        self._membership.open()

    def _role(self, outboxes: Outboxes) -> AgentMembership | WorkerMembership:
        if self._me.role == "worker":
            return WorkerMembership(outboxes, self._liveness)
        agent = AgentMembership(outboxes, self._liveness, self._me.pid)
        agent.enabled = self._enabled
        agent.callbacks = self._callbacks
        return agent

    def _listen(self, sock: socket.socket) -> None:
        """Reads one more socket: peers connected to the previous one keep using that."""
        inbox = Inbox(sock, self._config.max_size, self._deliver, self._diagnostics)
        self._inboxes.append(inbox)
        if len(self._inboxes) > MOST_INBOXES:
            self._inboxes.pop(1 if self._path.is_inherited else 0).close()
        if self._receiving:
            inbox.start(asyncio.get_running_loop())

    def _sending(self, method: str) -> Outboxes | None:
        if self._closed:
            return None
        if self._outboxes is None:
            raise MessengerError(f"{method}: the messenger is not open yet")
        agent = self._membership
        if isinstance(agent, AgentMembership) and not agent.started:
            stack = "".join(traceback.format_stack()[:-2]).rstrip()  # process:IPC-8
            text = f"agent can't call {method} before server started"
            self._diagnostics.log("warning", f"{text}\n{without_secrets(stack)}")
        return self._outboxes

    def _send_to(self, outboxes: Outboxes, pid: int, action: str, data: object) -> None:
        message = outboxes.encode(action, data, pid)
        if pid == self._me.pid:
            outboxes.to_this_process(message)
            return
        for (role, slot), known in self._known.items():
            if known == pid:
                outboxes.to_agent(message) if role == "agent" else outboxes.to_worker(slot, message)
                return
        outboxes.to_others(message)  # each process checks the pid

    def _deliver(self, sender: Sender, messages: list[Message]) -> bool:
        self._known[sender.role, sender.slot] = sender.pid
        if self._outboxes is not None:
            self._outboxes.retry(sender)
        started = False
        for message in messages:
            started |= self._dispatch(message, sender)
        return started

    def _receive_local(self, message: Message, sender: Sender) -> None:
        if not self._closed:
            self._dispatch(message, sender)

    def _dispatch(self, message: Message, sender: Sender) -> bool:
        if message.to and message.to != self._me.pid:
            return False
        self.stats.received += 1
        try:
            if self._membership is not None and self._membership.receive(message, sender):
                return False
        except Exception:  # raised by a callback of `on_members`: the message is still delivered
            trace = without_secrets(traceback.format_exc()).rstrip()
            self._diagnostics.log("error", f"messenger: membership: {trace}")
        return self._listeners.call(message, sender)


def _pid(pid: int | str) -> int:
    try:
        return int(pid)
    except (TypeError, ValueError) as exc:
        raise MessengerError(
            f"send_to: {pid!r}: unknown receiver", hint='use a pid, "app" or "agent"'
        ) from exc
