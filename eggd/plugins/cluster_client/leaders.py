"""The shared clients of the agent, and the messages of the workers."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Mapping, Sequence
from functools import partial

from eggd import Agent, EggError, MessengerError, OutboxFullError, Sender
from eggd.plugins.cluster_client.errors import NoLeaderError, pack, shortened
from eggd.plugins.cluster_client.leader import Leader
from eggd.plugins.cluster_client.methods import Methods
from eggd.plugins.cluster_client.options import Options
from eggd.plugins.cluster_client.protocol import INVOKE, TO_FOLLOWER, TO_LEADER, message
from eggd.plugins.cluster_client.receiver import WorkerReceiver
from eggd.plugins.cluster_client.values import decode

_RETRY = 0.5
"""Seconds between two attempts to send while the queue of a worker is full."""
_MOST_NAMES = 50
"""Most names of clients in the answer to a worker that asks for an unknown one."""


class Leaders:
    """All leaders by name, and the followers by pid."""

    def __init__(self, agent: Agent) -> None:
        self._agent = agent
        self._leaders: dict[str, Leader] = {}
        # The followers of each client by pid.
        self._receivers: dict[tuple[int, str], WorkerReceiver] = {}
        self._slots: dict[int, int] = {}
        """The slot of each pid that follows a client."""
        # Set by `start`: the real clients are made ready from then on.
        self._is_started = False

    def open(self, options: Options, methods: Methods, make: Callable[[], object]) -> Leader:
        """Returns a new leader. Raises EggError if there is one of this name (process:CC-13)."""
        if options.name in self._leaders:
            raise EggError(
                f"app.cluster({methods.title}): the agent has a client {options.name!r}",
                hint="keep the one that create() returned, or set the option name",
            )
        leader = Leader(self._agent, options, methods, make, self._announce, self._forget)
        self._leaders[options.name] = leader
        self._agent.before_close(leader.close)
        if self._is_started:
            leader.start()
        return leader

    def start(self) -> None:
        """Takes messages of workers, and makes the clients ready."""
        self._is_started = True
        self._agent.messenger.on(TO_LEADER, self._receive)
        self._agent.messenger.on_request(INVOKE, self._answer)
        self._agent.messenger.on_members(self._members_changed)
        for leader in list(self._leaders.values()):
            leader.start()

    def _forget(self, name: str) -> None:
        self._leaders.pop(name, None)
        for pid, client in list(self._receivers):
            if client == name:
                self._receivers.pop((pid, client)).close()
        self._announce(message(name, "closed"))

    def _announce(self, data: dict[str, object]) -> None:
        """Sends a state to all workers; again, while the queue of one is full."""
        again = partial(self._announce_again, str(data["client"]))
        self._deliver(self._agent.messenger.send_to_app, data, again)

    def _announce_again(self, name: str) -> None:
        leader = self._leaders.get(name)
        self._announce(leader.state() if leader else message(name, "closed"))

    def _deliver(
        self,
        send: Callable[[str, object], object],
        data: dict[str, object],
        again: Callable[[], None],
    ) -> None:
        """Sends a message; calls `again` later if a queue is full. A long error is shortened."""
        try:
            send(TO_FOLLOWER, data)
        except OutboxFullError:  # the messenger logs it
            asyncio.get_running_loop().call_later(_RETRY, again)
        except MessengerError:
            send(TO_FOLLOWER, {**data, "error": shortened(data.get("error"))})

    def _receive(self, data: object, sender: Sender) -> None:
        """Handles a message of a follower; malformed ones are ignored."""
        if not isinstance(data, dict):
            return
        name, leader = str(data.get("client")), self._leaders.get(str(data.get("client")))
        if data.get("type") == "join":
            self._welcome(sender.pid, name)
        elif leader is not None and data.get("term") == leader.term:
            self._take(leader, data, sender)

    def _take(self, leader: Leader, data: Mapping[str, object], sender: Sender) -> None:
        kind, key = data["type"], str(data.get("key"))
        if kind == "subscribe":
            receiver = self._receiver(leader, sender)
            if receiver is not None:
                info = decode(str(data.get("info")), leader.options)
                leader.topics.add(key, info, sender.pid, receiver)
        elif kind == "unsubscribe":
            leader.topics.remove(key, sender.pid)
        elif kind == "leave":
            self._drop(sender.pid, leader.options.name)
        elif kind == "call":
            done = partial(self._done, sender.pid, leader.options.name, data.get("number"))
            leader.called(str(data.get("method")), str(data.get("call")), done)

    async def _answer(self, data: object) -> dict[str, object]:
        """Answers a call of a follower."""
        if not isinstance(data, dict):
            return {}
        leader = self._leaders.get(str(data.get("client")))
        if leader is None or leader.term != data.get("term"):
            name = data.get("client")
            return {
                "error": pack(NoLeaderError(f"{name}: the client was closed", hint="call again"))
            }
        return await leader.answer(str(data.get("method")), str(data.get("call")))

    def _receiver(self, leader: Leader, sender: Sender) -> WorkerReceiver | None:
        """Returns the receiver of a worker, None if it has ended: its message had waited."""
        key = (sender.pid, leader.options.name)
        if key not in self._receivers:
            if not _is_alive(sender.pid):
                return None
            self._slots[sender.pid] = sender.slot
            self._receivers[key] = WorkerReceiver(self._agent, *key)
        return self._receivers[key]

    def _welcome(self, pid: int, name: str) -> None:
        """Tells a worker the state of a client, as soon as its queue has room."""
        if not _is_alive(pid):
            return
        leader, known = self._leaders.get(name), sorted(self._leaders)[:_MOST_NAMES]
        state = leader.state() if leader else message(name, "missing", known=known)
        send = partial(self._agent.messenger.send_to, pid)
        self._deliver(send, state, partial(self._welcome, pid, name))

    async def _done(
        self,
        pid: int,
        name: str,
        number: object,
        error: dict[str, object] | None,
        *,
        is_busy: bool,
    ) -> None:
        """Reports the end of a call to its worker, as soon as its queue has room."""
        data = message(name, "done", number=number, error=error, busy=is_busy)
        while _is_alive(pid):
            try:
                self._agent.messenger.send_to(pid, TO_FOLLOWER, data)
            except OutboxFullError:
                await asyncio.sleep(_RETRY)
            except MessengerError:
                data["error"] = shortened(error)
                await asyncio.sleep(0)
            else:
                return

    def _members_changed(self, members: Sequence[object]) -> None:
        """Drops the followers of workers that have ended."""
        for pid, slot in list(self._slots.items()):
            member = next((m for m in self._agent.messenger.members if m.slot == slot), None)
            if member is not None and (member.pid != pid or member.state in ("left", "failed")):
                del self._slots[pid]
                for other, name in list(self._receivers):
                    if other == pid:
                        self._drop(pid, name)

    def _drop(self, pid: int, name: str) -> None:
        receiver = self._receivers.pop((pid, name), None)
        if receiver is not None:
            receiver.close()
        if (leader := self._leaders.get(name)) is not None:
            leader.topics.drop(pid)


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, PermissionError):  # ended; or its number is another user's
        return False
    return True
