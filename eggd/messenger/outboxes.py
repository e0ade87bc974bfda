"""Sends messages to the agent, to workers, to all processes, or to this process itself."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial

from eggd.errors import MessageTooLargeError, OutboxFullError
from eggd.messenger.directory import Directory
from eggd.messenger.outbox import Outbox
from eggd.messenger.scheduler import Scheduler
from eggd.wire import datagram
from eggd.wire.datagram import Message, Sender

Receive = Callable[[Message, Sender, int], None]
"""Handles a message of that many bytes which this process has sent to itself."""


class Outboxes:
    """One outbox per receiver; a message to this process is passed to `receive` one tick later."""

    def __init__(
        self, me: Sender, directory: Directory, scheduler: Scheduler, receive: Receive
    ) -> None:
        self._me = me
        self._directory = directory
        self._scheduler = scheduler
        self._receive = receive
        self.is_busy: Callable[[], bool] = _is_free
        """Whether this process has no room for more messages to itself."""
        self._agent = Outbox(directory.agent(), scheduler, keep=True, gone=_ignore)
        # The outbox of each slot, created with the first message to it.
        self._workers: dict[int, Outbox] = {}
        # The callbacks that `on_lost` adds.
        self._lost: list[Callable[[int, bool], None]] = []

    def on_lost(self, callback: Callable[[int, bool], None]) -> None:
        """Adds a callback for a worker whose socket is closed; its first argument is the slot.

        The second argument is true if the path of the socket was removed, too.
        """
        self._lost.append(callback)

    def encode(self, action: str, data: object, to: int = 0) -> bytes:
        """Returns an encoded message; raises MessengerError or MessageTooLargeError."""
        return self.checked(datagram.encode(action, data, to), action)

    def checked(self, message: bytes, action: str) -> bytes:
        """Returns an encoded message; raises MessageTooLargeError, naming the action."""
        cap = self._scheduler.config.max_size
        if len(message) > cap:
            raise MessageTooLargeError(
                f"message {action!r} has {len(message)} bytes, the limit is {cap}",
                hint="send less, or raise messenger.max_size",
            )
        return message

    def to_agent(self, message: bytes, *, always: bool = False) -> None:
        """Sends to the agent, also to itself; raises OutboxFullError unless `always`."""
        if self._me.role == "agent":
            self.to_self(message, always=always)
        else:
            self._agent.put(message, always=always)

    def to_worker(self, slot: int, message: bytes, *, always: bool = False) -> None:
        """Sends to one worker, also to itself; raises OutboxFullError unless `always`."""
        if self._is_me(slot):
            self.to_self(message, always=always)
        else:
            self._outbox(slot).put(message, always=always)

    def to_peer(self, peer: Sender, message: bytes, *, always: bool = False) -> None:
        """Sends to the agent or a worker, also to itself."""
        if peer.role == "agent":
            self.to_agent(message, always=always)
        else:
            self.to_worker(peer.slot, message, always=always)

    def to_workers(self, message: bytes, *, always: bool = False) -> None:
        """Sends to every worker, itself included; a full outbox does not stop the other copies."""
        sends = [partial(self.to_worker, slot, always=always) for slot in self._slots()]
        self._each(sends, message)

    def to_all(self, message: bytes) -> None:
        """Sends to every worker and the agent, itself included (process:IPC-3)."""
        self._each([self.to_workers, self.to_agent], message)

    def to_others(self, message: bytes) -> None:
        """Sends to every other worker and the agent; raises OutboxFullError."""
        slots = [slot for slot in self._slots() if not self._is_me(slot)]
        sends = [partial(self.to_worker, slot) for slot in slots]
        self._each(sends if self._me.role == "agent" else [*sends, self.to_agent], message)

    def to_this_process(self, message: bytes) -> None:
        """Sends to itself: the message is addressed to this process's pid."""
        self.to_self(message, always=False)

    def to_self(self, message: bytes, *, always: bool = True) -> None:
        """Sends to itself: handlers run in the loop's next tick, or wait for others.

        Raises OutboxFullError unless `always`.
        """
        if not always and self.is_busy():
            self._scheduler.diagnostics.stats.rejected += 1
            raise OutboxFullError(
                "this process has too many messages to itself",
                hint="check that its async handlers end",
            )
        self._scheduler.diagnostics.stats.sent += 1
        decoded = datagram.decode_message(message)
        if isinstance(decoded, Message):
            self._scheduler.loop.call_soon(self._receive, decoded, self._me, len(message))

    def retry(self, sender: Sender) -> None:
        """Sends the messages queued for the agent at once if `sender` is the agent: it runs."""
        if sender.role == "agent":
            self._agent.retry()

    @property
    def waiting(self) -> dict[str, int]:
        """The messages in the queues, by the name of their receiver."""
        queues = {f"worker-{slot}": outbox.waiting for slot, outbox in self._workers.items()}
        return {**queues, "agent": self._agent.waiting}

    async def drained(self, timeout: float) -> bool:
        """Waits until all queues are empty; False after `timeout` seconds."""
        return await self._scheduler.drained(timeout)

    def close(self) -> None:
        """Sends what the kernel accepts at once; the rest is dropped and counted."""
        self._scheduler.deliver()
        self._agent.close()
        for outbox in self._workers.values():
            outbox.close()

    def _slots(self) -> list[int]:
        # Connected peers are reached even if the path was removed.
        connected_slots = {slot for slot, outbox in self._workers.items() if outbox.connected}
        slots = self._directory.slots() | connected_slots
        return sorted(slots | {self._me.slot} if self._me.role == "worker" else slots)

    def _each(self, sends: Iterable[Callable[[bytes], None]], message: bytes) -> None:
        errors: list[OutboxFullError] = []
        for send in sends:
            try:
                send(message)
            except OutboxFullError as exc:
                errors.append(exc)
        if errors:
            raise errors[0]

    def _is_me(self, slot: int) -> bool:
        return self._me.role == "worker" and slot == self._me.slot

    def _outbox(self, slot: int) -> Outbox:
        outbox = self._workers.get(slot)
        if outbox is None:
            path = self._directory.worker(slot)
            outbox = Outbox(path, self._scheduler, keep=False, gone=partial(self._gone, slot))
            self._workers[slot] = outbox
        return outbox

    def _gone(self, slot: int, removed: bool) -> None:
        self._directory.forget(slot)
        for callback in self._lost:
            callback(slot, removed)


def _is_free() -> bool:
    return False


def _ignore(removed: bool) -> None:
    return None
