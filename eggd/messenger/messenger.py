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
from eggd.messenger.bound import Bound
from eggd.messenger.config import MessengerConfig
from eggd.messenger.directory import Directory
from eggd.messenger.inbox import Inbox
from eggd.messenger.ledger import Ledger, Log, Stats
from eggd.messenger.listeners import Handler, Listeners
from eggd.messenger.liveness import Liveness
from eggd.messenger.membership import AgentMembership, Enabled, OnMembers, WorkerMembership
from eggd.messenger.post import Post
from eggd.messenger.roster import Member
from eggd.messenger.routes import Routes
from eggd.wire.datagram import HIGHEST_SLOT, ROLES, Message, Sender

MOST_INBOXES = 3
"""Most sockets that are read at once, if the path is removed several times."""


class Messenger:
    """Sends and hears messages; made anywhere, opened and closed inside the loop.

    Sending never waits. Every method that sends returns the messenger and may raise MessengerError
    (data that JSON cannot say), MessageTooLargeError or OutboxFullError. After `close` sending does
    nothing (process:IPC-10).
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
        """Prepares; `enabled` tells the agent which slots the suite should have."""
        if role not in ROLES or not 0 <= slot <= HIGHEST_SLOT:
            raise MessengerError(f"no such process: {role!r} {slot!r}")
        self._me = Sender(role, slot, os.getpid())
        self._config = config
        self._enabled = enabled
        self._ledger = Ledger(log)
        self._listeners = Listeners(log)
        self._callbacks: list[OnMembers] = []
        self._known: dict[tuple[str, int], int] = {}
        self._inboxes: list[Inbox] = []
        self._bound = Bound("")
        self._lost = ""
        self._heard = False
        self._routes: Routes | None = None
        self._membership: AgentMembership | WorkerMembership | None = None
        self._closed = False

    @property
    def stats(self) -> Stats:
        """What was counted so far."""
        return self._ledger.stats

    @property
    def members(self) -> list[Member]:
        """The workers the agent knows of, by slot, those that left included; nobody elsewhere."""
        agent = self._membership
        return agent.roster.members() if isinstance(agent, AgentMembership) else []

    async def open(self, inbox: socket.socket | None = None, *, hear: bool = True) -> None:
        """Begins to hear: from the socket systemd holds, or from one bound here without it.

        A worker always binds its own, in place of a stale one. With `hear` false what arrives waits
        in the kernel until `hear()`, while sending works already. Raises MessengerError.
        """
        self._me = self._me._replace(pid=os.getpid())
        directory = Directory(self._config.directory)
        post = Post(self._config, self._me, self._ledger)
        routes = Routes(self._me, directory, post, self._take)
        agent = self._me.role == "agent"
        path = directory.agent() if agent else directory.worker(self._me.slot)
        self._bound = Bound(path, inbox)
        # A worker replaces the former worker of its slot; an agent never takes over an inbox.
        self._listen(inbox or self._bound.bind(replace=not agent))
        self._join(routes)
        self.mend()
        if hear:
            self.hear()

    def hear(self) -> None:
        """Begins to hear, after an `open` that did not: handlers are in place now."""
        self._heard = True
        for inbox in self._inboxes:
            inbox.start(asyncio.get_running_loop())

    def mend(self) -> str:
        """Binds this process's path again if it was removed or replaced, and reads both sockets.

        Returns the problem, or "": a path that cannot be bound, or an agent's inbox that its
        service manager no longer holds. Cheap enough to call regularly: one stat(2).
        """
        if self._closed or not self._inboxes or self._bound.intact:
            return self._lost
        try:
            self._listen(self._bound.bind(replace=True))
        except MessengerError as exc:
            self._lost = f"{self._bound.path} is lost: {exc.message}"
            self._ledger.once("lost", self._lost)
            return self._lost
        self._ledger.forget("lost")
        self._ledger.log("warning", f"messenger: {self._bound.path} was removed; bound again")
        self._lost = self._bound.owner_lost
        return self._lost

    def close(self) -> None:
        """Sends what the kernel takes at once, then neither send nor hear any more."""
        self._closed = True
        self._listeners.clear()
        for inbox in self._inboxes:
            inbox.close()
        if self._routes is not None:
            self._bound.unlink()
            self._liveness.close()
            self._routes.close()

    async def flush(self, timeout: float) -> bool:
        """Waits until the kernel has everything; false if `timeout` seconds were not enough."""
        return self._routes is None or self._closed or await self._routes.empty(timeout)

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
        routes = self._sending("broadcast")
        if routes:
            routes.everyone(routes.encode(action, data))
        return self

    def send_to_app(self, action: str, data: object = None) -> Self:
        """Sends to every worker, this one included (process:IPC-4)."""
        routes = self._sending("send_to_app")
        if routes:
            routes.workers(routes.encode(action, data))
        return self

    def send_to_agent(self, action: str, data: object = None) -> Self:
        """Sends to the agent; on the agent, to itself (process:IPC-4)."""
        routes = self._sending("send_to_agent")
        if routes:
            routes.agent(routes.encode(action, data))
        return self

    def send_random(self, action: str, data: object = None) -> Self:
        """Sends to one random ready worker; on a worker, to the agent (process:IPC-5)."""
        routes = self._sending("send_random")
        if routes is None:
            return self
        message = routes.encode(action, data)
        if not isinstance(self._membership, AgentMembership):
            routes.agent(message)
        elif ready := self._membership.roster.ready():
            routes.worker(random.choice(ready).slot, message)
        else:
            self.stats.dropped += 1
        return self

    def send_to(self, pid: int | str, action: str, data: object = None) -> Self:
        """Sends to the process with this pid; nobody gets it if there is none (process:IPC-6)."""
        routes = self._sending("send_to")
        if routes:
            self._send_to(routes, _pid(pid), action, data)
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
        """Says how this process is: starting, ready, failed or leaving, with figures to show.

        The agent's own `ready` is what `agent-start` and `egg-ready` wait for.
        """
        if self._membership is None:
            raise MessengerError("the messenger is not open")
        if not self._closed:
            self._membership.announce(state, figures)

    def on_members(self, callback: OnMembers) -> None:
        """Calls `callback(members)` in the agent after every change among the workers."""
        self._callbacks.append(callback)

    def _join(self, routes: Routes) -> None:
        self._routes = routes
        self._liveness = Liveness(asyncio.get_running_loop())
        self._membership = self._role(routes)
        self._membership.open()

    def _role(self, routes: Routes) -> AgentMembership | WorkerMembership:
        if self._me.role == "worker":
            return WorkerMembership(routes, self._liveness)
        agent = AgentMembership(routes, self._liveness, self._me.pid)
        agent.enabled = self._enabled
        agent.callbacks = self._callbacks
        return agent

    def _listen(self, sock: socket.socket) -> None:
        """Reads one more socket: peers connected to the previous one keep using that."""
        inbox = Inbox(sock, self._config.max_size, self._hear, self._ledger)
        self._inboxes.append(inbox)
        if len(self._inboxes) > MOST_INBOXES:
            self._inboxes.pop(1 if self._bound.inherited else 0).close()
        if self._heard:
            inbox.start(asyncio.get_running_loop())

    def _sending(self, method: str) -> Routes | None:
        if self._closed:
            return None
        if self._routes is None:
            raise MessengerError(f"{method}: the messenger is not open yet")
        agent = self._membership
        if isinstance(agent, AgentMembership) and not agent.started:
            stack = "".join(traceback.format_stack()[:-2]).rstrip()  # process:IPC-8
            text = f"agent can't call {method} before server started"
            self._ledger.log("warning", f"{text}\n{without_secrets(stack)}")
        return self._routes

    def _send_to(self, routes: Routes, pid: int, action: str, data: object) -> None:
        message = routes.encode(action, data, pid)
        if pid == self._me.pid:
            routes.process(message)
            return
        for (role, slot), known in self._known.items():
            if known == pid:
                routes.agent(message) if role == "agent" else routes.worker(slot, message)
                return
        routes.others(message)  # whoever it is knows its own pid

    def _hear(self, sender: Sender, messages: list[Message]) -> bool:
        self._known[sender.role, sender.slot] = sender.pid
        if self._routes is not None:
            self._routes.nudge(sender)
        started = False
        for message in messages:
            started |= self._dispatch(message, sender)
        return started

    def _take(self, message: Message, sender: Sender) -> None:
        if not self._closed:
            self._dispatch(message, sender)

    def _dispatch(self, message: Message, sender: Sender) -> bool:
        if message.to and message.to != self._me.pid:
            return False
        self.stats.received += 1
        try:
            if self._membership is not None and self._membership.hear(message, sender):
                return False
        except Exception:  # a callback of the agent's process: not this message's fault
            trace = without_secrets(traceback.format_exc()).rstrip()
            self._ledger.log("error", f"messenger: membership: {trace}")
        return self._listeners.call(message, sender)


def _pid(pid: int | str) -> int:
    try:
        return int(pid)
    except (TypeError, ValueError) as exc:
        raise MessengerError(f"no such receiver: {pid!r}", hint='a pid, "app" or "agent"') from exc
