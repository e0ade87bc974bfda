"""The messages by which processes know of each other, and how the agent evaluates them.

    worker  --announce(state, figures)-->  agent     when starting, ready, failed, leaving
    agent   --probe-->  every worker                 when it opens; each then announces anew
    agent   --egg-pids, agent-start-->  workers      when it is ready (process:CL-63)
    agent   --egg-pids-->  itself                    when the set of ready workers changes (CL-26)
    agent   --egg-ready-->  workers and itself       when the suite is; to the workers on each join

A process's pid is the one that the kernel reported. Both sides see its end by a pidfd.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable

from eggd.errors import MessengerError, OutboxFullError
from eggd.messenger.liveness import Liveness
from eggd.messenger.member_table import STATES, Member, MemberTable, suite_ready
from eggd.messenger.outboxes import Outboxes
from eggd.wire.datagram import Message, Sender

ANNOUNCE = "egg-member"
PROBE = "egg-probe"
MEMBERSHIP = (ANNOUNCE, PROBE, "egg-pids", "agent-start", "egg-ready")
"""The actions of all messages about the processes themselves."""

LISTENING = ("port", "address", "protocol")
"""Figures of a worker that `egg-ready` repeats (process:CL-23); all share one listener."""

_FUTURE = 1 << 40
"""A Unix time in the year 36812: a larger one is garbage."""

PATIENCE = 35.0
"""Seconds that a ready agent waits for enabled workers of which it knows nothing, such as one that
was stopped by hand: more than a worker sleeps after a failed boot."""

Enabled = Callable[[], Iterable[int]]
OnMembers = Callable[[list[Member]], None]


class WorkerMembership:
    """A worker announces itself to each new agent, and sees the end of the agent."""

    def __init__(self, outboxes: Outboxes, liveness: Liveness) -> None:
        self._outboxes = outboxes
        self._liveness = liveness
        self._state = ""
        # The Unix time at which the state began: repeated announcements keep it.
        self._since = 0.0
        # The last announcement, encoded, for the next agent.
        self._last = b""
        # The pid of the agent whose `egg-pids` was passed on: an agent may send it twice.
        self._agent = 0

    def open(self) -> None:
        """Does nothing: the process announces itself when it is starting."""

    def announce(self, state: str, figures: dict[str, object]) -> None:
        """Tells this agent and each later one; a full outbox may lose figures, but not a state."""
        changed = _check(state) != self._state
        since = time.time() if changed else self._since
        self._last = self._outboxes.encode(ANNOUNCE, announcement(state, since, figures))
        self._state, self._since = state, since
        try:
            self._outboxes.to_agent(self._last, always=changed)
        except OutboxFullError:
            return

    def receive(self, message: Message, sender: Sender) -> bool:
        """Answers a probe, and watches the agent; True if the handlers must not see the message."""
        if sender.role != "agent":
            return message.action in (PROBE, ANNOUNCE)
        if message.action in (PROBE, "egg-pids"):
            self._meet(sender.pid)
        if message.action == PROBE and self._last:
            self._outboxes.to_agent(self._last, always=True)
        return message.action == PROBE or self._repeats(message, sender)

    def _repeats(self, message: Message, sender: Sender) -> bool:
        """Returns whether this agent has announced itself before.

        It does so to all when it is ready, and to each worker that answers its probe later.
        """
        if message.action != "egg-pids":
            return False
        known, self._agent = self._agent, sender.pid
        return known == sender.pid

    def _meet(self, pid: int) -> None:
        if not self._liveness.watch(pid, self._agent_gone):
            self._agent_gone(pid)

    def _agent_gone(self, pid: int) -> None:
        self._agent = 0
        self._outboxes.to_self(self._outboxes.encode("egg-pids", []))  # process:CL-60


class AgentMembership:
    """The agent keeps the table of members, and publishes ready workers and the ready suite."""

    def __init__(
        self,
        outboxes: Outboxes,
        liveness: Liveness,
        pid: int,
        enabled: Enabled,
        callbacks: list[OnMembers],
    ) -> None:
        self.table = MemberTable()
        # True once `egg-ready` was sent: the suite counts as ready from then on.
        self.started = False
        # Returns the slots that the suite should have.
        self.enabled = enabled
        # Called after every change among the workers.
        self.callbacks = callbacks
        self._outboxes = outboxes
        self._liveness = liveness
        self._pid = pid
        # Whether the agent itself is ready.
        self._ready = False
        # Whether it still waits for enabled workers that have not announced themselves.
        self._is_patient = True
        # The pids of the last `egg-pids`.
        self._published: list[int] | None = None
        outboxes.on_lost(self._refused)

    def open(self) -> None:
        """Asks every worker that has a socket to announce itself."""
        self._tell(PROBE)

    def announce(self, state: str, figures: dict[str, object]) -> None:
        """Records the state of the agent; `ready` is sent to the workers."""
        self._ready = _check(state) == "ready"
        if self._ready:
            self._tell("egg-pids", [self._pid])
            self._tell("agent-start")
            if not self.started:
                self._liveness.after(PATIENCE, self._wait_no_longer)
            self._review()

    def receive(self, message: Message, sender: Sender) -> bool:
        """Records an announcement; True if the handlers must not see the message."""
        if message.action == ANNOUNCE and sender.role == "worker":
            member = _member(message.data, sender)
            if member is not None:
                self._announced(member)
        return message.action in (ANNOUNCE, PROBE)

    def _announced(self, member: Member) -> None:
        before = self.table.put(member)
        if before is None or before.pid != member.pid:
            self._meet(member, before)
        if not self._liveness.watch(member.pid, self._gone):  # its announcement had waited
            self.table.leave(member.slot, member.pid, time.time())
        self._changed()
        changed = before is None or _state(before) != _state(member)
        if self.started and changed and self.table.is_ready(member.slot):
            self._publish_ready()
        else:
            self._review()

    def _meet(self, member: Member, before: Member | None) -> None:
        if before is not None:
            self._liveness.forget(before.pid)
        if self._ready:
            message = self._outboxes.encode("egg-pids", [self._pid])
            self._outboxes.to_worker(member.slot, message, always=True)

    def _gone(self, pid: int) -> None:
        slot = self.table.slot(pid)
        if slot is not None:
            self._left(slot, pid)

    def _refused(self, slot: int, removed: bool) -> None:
        """Notes the end of a worker whose socket refuses datagrams.

        A removed path proves nothing, since the worker binds it again: its pidfd decides.
        """
        for member in self.table.members():
            if member.slot == slot and not (removed and self._liveness.watches(member.pid)):
                self._liveness.forget(member.pid)
                self._left(slot, member.pid)

    def _left(self, slot: int, pid: int) -> None:
        if self.table.leave(slot, pid, time.time()):
            self._changed()
            self._review()

    def _changed(self) -> None:
        pids = [member.pid for member in self.table.ready()]
        if pids != self._published:
            self._published = pids
            self._outboxes.to_self(self._outboxes.encode("egg-pids", pids))
        for callback in self.callbacks:
            callback(self.table.members())

    def _review(self) -> None:
        waiting = self._ready and not self.started
        enabled = self.enabled() if self._is_patient else ()
        if waiting and suite_ready(self.table.members(), enabled):
            self.started = True
            self._liveness.drop_timer()
            self._publish_ready(first=True)

    def _wait_no_longer(self) -> None:
        """Counts the suite as ready without enabled workers that it knows nothing of."""
        self._is_patient = False
        self._review()

    def _publish_ready(self, *, first: bool = False) -> None:
        ready = self.table.ready()
        figures = ready[0].figures if ready else {}
        where = {key: figures[key] for key in LISTENING if key in figures}
        data = {"workers": len(ready), **where}
        self._tell("egg-ready", data)
        if first:  # process:CL-24: to the agent once in its life, to the workers on each join
            self._outboxes.to_self(self._outboxes.encode("egg-ready", data))

    def _tell(self, action: str, data: object = None) -> None:
        self._outboxes.to_workers(self._outboxes.encode(action, data), always=True)


def announcement(state: str, since: float, figures: dict[str, object]) -> dict[str, object]:
    """Returns the data of a worker's announcement."""
    return {"state": state, "since": since, "figures": figures}


def _check(state: str) -> str:
    if state not in STATES[:-1]:
        raise MessengerError(
            f"announce: {state!r}: unknown state", hint=f"use one of {', '.join(STATES[:-1])}"
        )
    return state


def _state(member: Member) -> tuple[int, str]:
    return member.pid, member.state


def _member(data: object, sender: Sender) -> Member | None:
    """Returns the member that an announcement describes, or None if it is malformed."""
    if not isinstance(data, dict) or data.get("state") not in STATES:
        return None
    since, figures = data.get("since"), data.get("figures")
    if not isinstance(since, int | float) or not 0 <= since < _FUTURE:
        return None
    if not isinstance(figures, dict):
        return None
    return Member(sender.slot, sender.pid, str(data["state"]), float(since), figures)
