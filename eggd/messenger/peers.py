"""The other processes of the suite as this one knows them: by role and slot, with their pids.

The kernel shows a process's pid with each of its datagrams. Of a process that has sent no message
yet, the pid is asked for (`egg-who`) before the first request to it, so that its end is noticed.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

from eggd.errors import NoPeerError, OutboxFullError
from eggd.messenger.liveness import Liveness
from eggd.messenger.outboxes import Outboxes
from eggd.wire import datagram
from eggd.wire import request as wire
from eggd.wire.datagram import Message, Sender

FIRST_REPEAT, LAST_REPEAT = 0.1, 1.0
"""Seconds between repetitions of `egg-who`: one may be lost with a process that ends."""


class _Meeting:
    """The callers that wait for the pid of one process."""

    def __init__(self, future: asyncio.Future[Sender]) -> None:
        self.future = future
        self.callers = 0
        self.delay = FIRST_REPEAT
        self.timer: asyncio.TimerHandle | None = None


class Peers:
    """Knows the pid of each process that has sent a message, and reports the end of some.

    An address is a `Sender` whose pid is 0 if it is unknown, or whose role is "" if only its pid
    is known.
    """

    def __init__(self, me: Sender, outboxes: Outboxes, ended: Callable[[int], None]) -> None:
        """Prepares; `ended(pid)` is called when a process that `living` returned has ended."""
        self._me = me
        self._outboxes = outboxes
        self._report = ended
        self._loop = asyncio.get_running_loop()
        self._liveness = Liveness(self._loop)
        # The pids of the processes that have sent messages, by role and slot.
        self._known: dict[tuple[str, int], int] = {}
        # The same by pid.
        self._by_pid: dict[int, Sender] = {}
        # By the address that is searched.
        self._meetings: dict[Sender, _Meeting] = {}
        outboxes.on_lost(self._lost)

    def note(self, sender: Sender) -> None:
        """Notes the pid of a sender; cheap for one that is known."""
        place = sender[:2]
        if self._known.get(place) == sender.pid:
            return
        self._by_pid.pop(self._known.get(place, 0), None)
        self._known[place] = sender.pid
        self._by_pid[sender.pid] = sender
        for address in (Sender(*place, 0), Sender("", 0, sender.pid)):
            meeting = self._meetings.get(address)
            if meeting is not None and not meeting.future.done():
                meeting.future.set_result(sender)

    def find(self, pid: int) -> Sender | None:
        """Returns the process with this pid, if it has sent a message."""
        return self._by_pid.get(pid)

    def living(self, address: Sender) -> Sender | None:
        """Returns the process at an address, watched; None if it is unknown or has ended."""
        if address[:2] == self._me[:2] or address.pid == self._me.pid:
            return address._replace(pid=self._me.pid)
        if not address.role:
            return None
        pid = self._known.get(address[:2]) or address.pid
        if not pid:
            return None
        if self._liveness.watch(pid, self._ended):
            return address._replace(pid=pid)
        self._by_pid.pop(self._known.pop(address[:2], 0), None)
        return None

    async def meet(self, address: Sender, timeout: float) -> Sender:
        """Returns the process at an address when it has sent a message.

        Raises NoPeerError if it is not running, or does not respond within `timeout` seconds.
        """
        end = time.monotonic() + timeout
        while (left := end - time.monotonic()) > 0:
            if address.pid and not self._liveness.watch(address.pid, self._ended):
                raise NoPeerError(f"no process has the pid {address.pid}")
            try:
                met = await self._met(address, left)
            except TimeoutError:
                break
            if living := self.living(met):
                return living
        raise NoPeerError(f"{display(address)} did not respond within {timeout:g} s")

    def show(self, message: Message, sender: Sender) -> bool:
        """Answers `egg-who`."""
        self.send(sender, datagram.encode(wire.HERE, None, sender.pid), always=True)
        return False

    def send(self, peer: Sender, message: bytes, *, always: bool = False) -> None:
        """Queues an encoded message for one process; raises OutboxFullError unless `always`."""
        self._outboxes.to_peer(peer, message, always=always)

    def close(self, error: NoPeerError) -> None:
        """Stops watching; callers of `meet` get the error."""
        self._liveness.close()
        for meeting in self._meetings.values():
            if not meeting.future.done():
                meeting.future.set_exception(error)

    async def _met(self, address: Sender, timeout: float) -> Sender:
        meeting = self._meetings.get(address)
        if meeting is None or meeting.future.done():
            meeting = self._meetings[address] = _Meeting(self._loop.create_future())
            self._ask(address, meeting)
        meeting.callers += 1
        try:
            return await asyncio.wait_for(asyncio.shield(meeting.future), timeout)
        finally:
            meeting.callers -= 1
            if not meeting.callers:
                self._end(address, meeting)

    def _ask(self, address: Sender, meeting: _Meeting) -> None:
        meeting.timer = self._loop.call_later(meeting.delay, self._ask, address, meeting)
        meeting.delay = min(LAST_REPEAT, meeting.delay * 2)
        message = datagram.encode(wire.WHO, None, address.pid)
        try:
            self.send(address, message) if address.role else self._outboxes.to_others(message)
        except OutboxFullError:
            return

    def _end(self, address: Sender, meeting: _Meeting) -> None:
        if meeting.timer is not None:
            meeting.timer.cancel()
        if self._meetings.get(address) is meeting:
            del self._meetings[address]

    def _ended(self, pid: int) -> None:
        for place in [place for place, known in self._known.items() if known == pid]:
            del self._known[place]
        self._by_pid.pop(pid, None)
        self._report(pid)

    def _lost(self, slot: int, removed: bool) -> None:
        address = Sender("worker", slot, 0)
        meeting = self._meetings.get(address)
        if meeting is not None and not meeting.future.done():
            meeting.future.set_exception(NoPeerError(f"{display(address)} is not running"))


def display(peer: Sender) -> str:
    """Returns a process as errors show it: `worker 2 (pid 41)`."""
    if not peer.role:
        return f"pid {peer.pid}"
    name = "the agent" if peer.role == "agent" else f"worker {peer.slot}"
    return f"{name} (pid {peer.pid})" if peer.pid else name
