"""The ways out of this process: to the agent, to a worker, to all of them, to ourselves."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial

from eggd.errors import MessageTooLargeError, OutboxFullError
from eggd.messenger.directory import Directory
from eggd.messenger.outbox import Outbox
from eggd.messenger.post import Post
from eggd.wire import datagram
from eggd.wire.datagram import Message, Sender

Here = Callable[[Message, Sender], None]


class Routes:
    """Every outbox of this process. `here` takes what it sends to itself, a tick later."""

    def __init__(self, me: Sender, directory: Directory, post: Post, here: Here) -> None:
        self._me = me
        self._directory = directory
        self._post = post
        self._here = here
        self._agent = Outbox(directory.agent(), post, patient=True, gone=_nothing)
        self._workers: dict[int, Outbox] = {}
        self._lost: Callable[[int, bool], None] = lambda slot, removed: None

    def on_lost(self, callback: Callable[[int, bool], None]) -> None:
        """Calls back with the slot of a worker whose socket no process holds any more.

        The second argument says whether the socket's path was removed, too.
        """
        self._lost = callback

    def encode(self, action: str, data: object, to: int = 0) -> bytes:
        """Returns an encoded message; raises MessengerError, MessageTooLargeError above the cap."""
        message = datagram.encode(action, data, to)
        cap = self._post.config.max_size
        if len(message) > cap:
            raise MessageTooLargeError(
                f"message {action!r} has {len(message)} bytes, more than {cap}",
                hint="messenger.max_size is the cap",
            )
        return message

    def agent(self, message: bytes, *, always: bool = False) -> None:
        """Sends to the agent, which may be ourselves; raises OutboxFullError unless `always`."""
        if self._me.role == "agent":
            self.here(message)
        else:
            self._agent.put(message, always=always)

    def worker(self, slot: int, message: bytes, *, always: bool = False) -> None:
        """Sends to one worker, which may be ourselves; raises OutboxFullError unless `always`."""
        if self._is_me(slot):
            self.here(message)
        else:
            self._outbox(slot).put(message, always=always)

    def workers(self, message: bytes, *, always: bool = False) -> None:
        """Sends to every worker, ourselves included; a full outbox keeps no other from its copy."""
        ways = [partial(self.worker, slot, always=always) for slot in self._everyone()]
        self._each(ways, message)

    def everyone(self, message: bytes) -> None:
        """Sends to every worker and the agent, ourselves included (process:IPC-3)."""
        self._each([self.workers, self.agent], message)

    def others(self, message: bytes) -> None:
        """Sends to every worker and the agent, but not to ourselves; raises OutboxFullError."""
        slots = [slot for slot in self._everyone() if not self._is_me(slot)]
        ways = [partial(self.worker, slot) for slot in slots]
        self._each(ways if self._me.role == "agent" else [*ways, self.agent], message)

    def process(self, message: bytes) -> None:
        """Sends to the process that we are, by its pid."""
        self.here(message)

    def here(self, message: bytes) -> None:
        """Sends to ourselves: handlers run in the loop's next tick."""
        self._post.ledger.stats.sent += 1
        decoded = datagram.decode_message(message)
        if isinstance(decoded, Message):
            self._post.loop.call_soon(self._here, decoded, self._me)

    def nudge(self, sender: Sender) -> None:
        """Somebody was heard of: what waits for it need not wait longer."""
        if sender.role == "agent":
            self._agent.nudge()

    async def empty(self, timeout: float) -> bool:
        """Waits until nothing is queued for anybody; false after `timeout` seconds."""
        return await self._post.empty(timeout)

    def close(self) -> None:
        """Sends what the kernel takes at once; the rest is dropped and counted."""
        self._post.deliver()
        self._agent.close()
        for outbox in self._workers.values():
            outbox.close()

    def _everyone(self) -> list[int]:
        # Connected peers are reached even if the path was removed.
        connected = {slot for slot, outbox in self._workers.items() if outbox.connected}
        slots = self._directory.slots() | connected
        return sorted(slots | {self._me.slot} if self._me.role == "worker" else slots)

    def _each(self, ways: Iterable[Callable[[bytes], None]], message: bytes) -> None:
        full: list[OutboxFullError] = []
        for way in ways:
            try:
                way(message)
            except OutboxFullError as exc:
                full.append(exc)
        if full:
            raise full[0]

    def _is_me(self, slot: int) -> bool:
        return self._me.role == "worker" and slot == self._me.slot

    def _outbox(self, slot: int) -> Outbox:
        outbox = self._workers.get(slot)
        if outbox is None:
            path = self._directory.worker(slot)
            outbox = Outbox(path, self._post, patient=False, gone=partial(self._gone, slot))
            self._workers[slot] = outbox
        return outbox

    def _gone(self, slot: int, removed: bool) -> None:
        self._directory.forget(slot)
        self._lost(slot, removed)


def _nothing(removed: bool) -> None:
    return None
