"""The messenger of one process: egg's API (process:IPC-1..15) over datagram sockets."""

from __future__ import annotations

import asyncio
import os
import random
import socket
import traceback
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Self

from eggd.errors import MessengerError, NoPeerError
from eggd.masking.secrets import without_secrets
from eggd.messenger import addresses
from eggd.messenger.checks import check_action
from eggd.messenger.cluster import ClusterMessenger
from eggd.messenger.config import MessengerConfig
from eggd.messenger.diagnostics import Diagnostics, Log, MessageCounts
from eggd.messenger.directory import Directory
from eggd.messenger.inbox import Inbox
from eggd.messenger.listeners import Data, Handler, Listeners
from eggd.messenger.liveness import Liveness
from eggd.messenger.mailbox import Mailbox
from eggd.messenger.member_table import Member
from eggd.messenger.membership import AgentMembership, Enabled, OnMembers, WorkerMembership
from eggd.messenger.outboxes import Outboxes
from eggd.messenger.reception import Reception
from eggd.messenger.request_handlers import RequestHandlers
from eggd.messenger.requests import Requests
from eggd.messenger.scheduler import Scheduler
from eggd.wire.datagram import HIGHEST_SLOT, ROLES, Sender


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
        self._handlers = RequestHandlers(log, config.max_requests)
        # None until `open`, and in one process.
        self._mailbox: Mailbox | None = None
        # None until `open`, as all below.
        self._outboxes: Outboxes | None = None
        self._membership: AgentMembership | WorkerMembership | None = None
        self._requests: Requests | None = None
        self._closed = False
        self.cluster = ClusterMessenger(self, log)
        """Messages among the hosts of the application, with plugin fleet."""
        self._reception = Reception(config, self._listeners, self._pause, self._diagnostics)

    def configure(self, limits: MessengerConfig) -> None:
        """Takes the limits of the app's config; before `open`. The directory stays."""
        self._config = replace(limits, directory=self._config.directory)
        self._handlers.limit = limits.max_requests
        self._reception.backlog.config = self._config

    @property
    def stats(self) -> MessageCounts:
        """The counters since the start."""
        return self._diagnostics.stats

    @property
    def figures(self) -> dict[str, object]:
        """The counters for the status: in all, by peer, and of refused datagrams by reason."""
        waiting = self._outboxes.waiting if self._outboxes is not None else {}
        asked = self._requests.count if self._requests is not None else 0
        requests = {"waiting": asked, "running": self._handlers.running}
        handlers = {"running": self._listeners.running, "waiting": len(self._reception.backlog)}
        figures = self._diagnostics.figures(waiting)
        return {**figures, "requests": requests, "handlers": handlers}

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
        outboxes = Outboxes(self._me, directory, scheduler, self._reception.receive_local)
        agent = self._me.role == "agent"
        path = directory.agent() if agent else directory.worker(self._me.slot)
        # A worker replaces the former worker of its slot; an agent never takes over an inbox.
        self._mailbox = Mailbox(path, inbox, self._create_inbox, self._diagnostics)
        self._mailbox.open(inbox, replace=not agent)
        self._join(outboxes)
        self.repair()
        if receive:
            self.receive()

    def receive(self) -> None:
        """Begins to receive after `open(receive=False)`: the handlers are in place now."""
        if self._mailbox is not None:
            self._mailbox.receive()

    def repair(self) -> str:
        """Binds this process's path again if it was removed or replaced, and reads both sockets.

        Returns the problem, or "": a path that cannot be bound, or an agent's socket that systemd
        no longer holds. Cheap enough to call regularly: one stat(2).
        """
        return self._mailbox.repair() if self._mailbox is not None else ""

    def close(self) -> None:
        """Sends what the kernel accepts at once, then stops sending and receiving."""
        self._closed = True
        self._listeners.clear()
        self._reception.close()
        if self._requests is not None:
            self._handlers.close()
            self._requests.close()
        if self._mailbox is not None:
            self._mailbox.close()
        if self._outboxes is not None:
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
        outboxes = self._sending("broadcast", action)
        if outboxes:
            outboxes.to_all(outboxes.encode(action, data))
        return self

    def send_to_app(self, action: str, data: object = None) -> Self:
        """Sends to every worker, this one included (process:IPC-4)."""
        outboxes = self._sending("send_to_app", action)
        if outboxes:
            outboxes.to_workers(outboxes.encode(action, data))
        return self

    def send_to_agent(self, action: str, data: object = None) -> Self:
        """Sends to the agent; on the agent, to itself (process:IPC-4)."""
        outboxes = self._sending("send_to_agent", action)
        if outboxes:
            outboxes.to_agent(outboxes.encode(action, data))
        return self

    def send_random(self, action: str, data: object = None) -> Self:
        """Sends to one random ready worker; on a worker, to the agent (process:IPC-5)."""
        outboxes = self._sending("send_random", action)
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
        outboxes = self._sending("send_to", action)
        if outboxes:
            self._send_to(outboxes, addresses.pid("send_to", pid), action, data)
        return self

    def send(self, action: str, data: object = None, to: str | int | None = None) -> Self:
        """Sends to "app", "agent" or a pid; by default to the other kind (process:IPC-7)."""
        other = "agent" if self._me.role == "worker" else "app"
        target = other if to is None else to
        if target == "app":
            return self.send_to_app(action, data)
        if target == "agent":
            return self.send_to_agent(action, data)
        return self.send_to(target, action, data)

    async def request(
        self,
        action: str,
        data: object = None,
        *,
        to: int | str | None = None,
        slot: int | None = None,
        timeout: float = 5.0,
    ) -> Data:
        """Returns the answer of another process's request handler, within `timeout` seconds.

        The receiver is "agent", a pid, or the worker of a `slot`; by default the agent, and on the
        agent one random ready worker. Raises NoPeerError, NoHandlerError, RequestTimeoutError,
        HandlerFailedError, MessageTooLargeError, OutboxFullError, or MessengerError.
        """
        if self._requests is None:
            raise MessengerError("request: the messenger is not open yet")
        if self._mailbox is not None and not self._mailbox.is_receiving:
            raise NoPeerError(
                f"request {action!r}: the agent gets no answers before it has loaded its app",
                hint="send it in server_did_ready, or in a task that begins there",
            )
        return await self._requests.ask(self._address(to, slot), action, data, timeout)

    def on_request(self, action: str, handler: Handler) -> Self:
        """Answers requests by `handler(data)` or `handler(data, sender)`; it may be async.

        Its result, any JSON value, is the answer. Raises MessengerError for a second handler.
        """
        self._handlers.add(action, handler)
        return self

    def remove_request_handler(self, action: str) -> Self:
        """Takes back the `on_request` of an action."""
        self._handlers.remove(action)
        return self

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
        self._requests = Requests(
            self._me, outboxes, self._config.max_requests, self._after_received
        )
        self._handlers.open(outboxes, self._requests.peers)
        self._membership = self._role(outboxes)
        self._reception.connect(
            self._me.pid, outboxes, self._requests, self._handlers, self._membership
        )
        self._membership.open()

    def _role(self, outboxes: Outboxes) -> AgentMembership | WorkerMembership:
        if self._me.role == "worker":
            return WorkerMembership(outboxes, self._liveness)
        return AgentMembership(
            outboxes, self._liveness, self._me.pid, self._enabled, self._callbacks
        )

    def _create_inbox(self, sock: socket.socket) -> Inbox:
        return Inbox(sock, self._config.max_size, self._reception.deliver, self._diagnostics)

    def _pause(self, is_paused: bool) -> None:
        if self._mailbox is not None:
            self._mailbox.pause(is_paused)

    def _sending(self, method: str, action: str) -> Outboxes | None:
        if self._closed:
            return None
        if self._outboxes is None:
            raise MessengerError(f"{method}: the messenger is not open yet")
        check_action(action)
        agent = self._membership
        is_early = isinstance(agent, AgentMembership) and not agent.started
        if is_early and not action.startswith("egg-"):  # not of eggd's own plugins
            stack = "".join(traceback.format_stack()[:-2]).rstrip()  # process:IPC-8
            text = f"agent can't call {method} before server started"
            self._diagnostics.log("warning", f"{text}\n{without_secrets(stack)}")
        return self._outboxes

    def _send_to(self, outboxes: Outboxes, pid: int, action: str, data: object) -> None:
        message = outboxes.encode(action, data, pid)
        if pid == self._me.pid:
            outboxes.to_this_process(message)
            return
        peer = self._peer(pid)
        send = partial(outboxes.to_peer, peer) if peer else outboxes.to_others
        send(message)  # without a known peer each process checks the pid

    def _peer(self, pid: int) -> Sender | None:
        return self._requests.peers.find(pid) if self._requests is not None else None

    def _address(self, to: int | str | None, slot: int | None) -> Sender:
        """Returns the receiver of a request; its pid is 0, or its role "", if it is unknown."""
        address = addresses.receiver(to, slot)
        if address is None:
            agent = self._membership
            ready = agent.table.ready() if isinstance(agent, AgentMembership) else ()
            return addresses.random_worker(ready) if self._me.role == "agent" else addresses.AGENT
        if address.role:
            return address
        return self._me if address.pid == self._me.pid else self._peer(address.pid) or address

    def _after_received(self, callback: Callable[[], None]) -> None:
        """Calls a function when each datagram that has arrived was handled."""
        if self._mailbox is not None:
            self._mailbox.when_empty(callback)
        else:
            callback()
