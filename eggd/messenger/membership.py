"""How processes know of each other: what they announce, and what the agent makes of it.

    worker  --announce(state, figures)-->  agent     when starting, ready, failed, leaving
    agent   --probe-->  every worker                 when it opens; each then announces anew
    agent   --egg-pids, agent-start-->  workers      when it is ready (process:CL-63)
    agent   --egg-pids-->  itself                    on every change of who serves (process:CL-26)
    agent   --egg-ready-->  workers and itself       when the suite is; to the workers on each join

A process's pid is the one that the kernel vouched for. Its end is told by a pidfd, on both sides.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable

from eggd.errors import MessengerError, OutboxFullError
from eggd.messenger.liveness import Liveness
from eggd.messenger.roster import STATES, Member, Roster, suite_ready
from eggd.messenger.routes import Routes
from eggd.wire.datagram import Message, Sender

ANNOUNCE = "egg-member"
PROBE = "egg-probe"

LISTENING = ("port", "address", "protocol")
"""Figures of a worker that `egg-ready` repeats (process:CL-23); all share one listener."""

_FUTURE = 1 << 40

Enabled = Callable[[], Iterable[int]]
OnMembers = Callable[[list[Member]], None]


class WorkerMembership:
    """A worker announces itself, again to each new agent, and sees when the agent goes."""

    def __init__(self, routes: Routes, liveness: Liveness) -> None:
        self._routes = routes
        self._liveness = liveness
        self._state = ""
        self._since = 0.0
        self._last = b""
        self._agent = 0  # the agent whose `egg-pids` was passed on: it may send it twice

    def open(self) -> None:
        """Nothing to do: the process announces itself when it is starting."""

    def announce(self, state: str, figures: dict[str, object]) -> None:
        """Tells the agent, and remember it for the next agent; only figures may be lost."""
        news = _known(state) != self._state
        since = time.time() if news else self._since
        self._last = self._routes.encode(ANNOUNCE, announcement(state, since, figures))
        self._state, self._since = state, since
        try:
            self._routes.agent(self._last, always=news)
        except OutboxFullError:
            return

    def hear(self, message: Message, sender: Sender) -> bool:
        """Answers an agent's probe; watch the agent that names itself in `egg-pids`."""
        if sender.role != "agent":
            return message.action in (PROBE, ANNOUNCE)
        if message.action in (PROBE, "egg-pids"):
            self._meet(sender.pid)
        if message.action == PROBE and self._last:
            self._routes.agent(self._last, always=True)
        return message.action == PROBE or self._repeats(message, sender)

    def _repeats(self, message: Message, sender: Sender) -> bool:
        """Whether this agent has already announced itself.

        It announces itself to all when it is ready, and to each worker that answers its probe
        later.
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
        self._routes.here(self._routes.encode("egg-pids", []))  # process:CL-60


class AgentMembership:
    """The agent keeps the roster, and publishes who serves and when the suite is ready."""

    def __init__(self, routes: Routes, liveness: Liveness, pid: int) -> None:
        self.roster = Roster()
        self.started = False
        self.enabled: Enabled = tuple
        self.callbacks: list[OnMembers] = []
        self._routes = routes
        self._liveness = liveness
        self._pid = pid
        self._ready = False
        self._published: list[int] | None = None
        routes.on_lost(self._refused)

    def open(self) -> None:
        """Asks every worker that has a socket how it is."""
        self._tell(PROBE)

    def announce(self, state: str, figures: dict[str, object]) -> None:
        """Records the state of the agent; `ready` is sent on to the workers."""
        self._ready = _known(state) == "ready"
        if self._ready:
            self._tell("egg-pids", [self._pid])
            self._tell("agent-start")
            self._review()

    def hear(self, message: Message, sender: Sender) -> bool:
        """Takes a worker's announcement."""
        if message.action == ANNOUNCE and sender.role == "worker":
            member = _member(message.data, sender)
            if member is not None:
                self._announced(member)
        return message.action in (ANNOUNCE, PROBE)

    def _announced(self, member: Member) -> None:
        before = self.roster.put(member)
        if before is None or before.pid != member.pid:
            self._meet(member, before)
        if not self._liveness.watch(member.pid, self._gone):  # what it said had waited for us
            self.roster.leave(member.slot, member.pid, time.time())
        self._changed()
        news = before is None or _word(before) != _word(member)
        if self.started and news and self.roster.is_ready(member.slot):
            self._publish_ready()
        else:
            self._review()

    def _meet(self, member: Member, before: Member | None) -> None:
        if before is not None:
            self._liveness.forget(before.pid)
        if self._ready:
            message = self._routes.encode("egg-pids", [self._pid])
            self._routes.worker(member.slot, message, always=True)

    def _gone(self, pid: int) -> None:
        slot = self.roster.slot(pid)
        if slot is not None:
            self._left(slot, pid)

    def _refused(self, slot: int, removed: bool) -> None:
        """Handles a worker's socket without a process: the worker has ended, or is about to end.

        A removed path proves nothing, as the worker binds it again: its pidfd decides.
        """
        for member in self.roster.members():
            if member.slot == slot and not (removed and self._liveness.watches(member.pid)):
                self._liveness.forget(member.pid)
                self._left(slot, member.pid)

    def _left(self, slot: int, pid: int) -> None:
        if self.roster.leave(slot, pid, time.time()):
            self._changed()
            self._review()

    def _changed(self) -> None:
        pids = [member.pid for member in self.roster.ready()]
        if pids != self._published:
            self._published = pids
            self._routes.here(self._routes.encode("egg-pids", pids))
        for callback in self.callbacks:
            callback(self.roster.members())

    def _review(self) -> None:
        waiting = self._ready and not self.started
        if waiting and suite_ready(self.roster.members(), self.enabled()):
            self.started = True
            self._publish_ready(first=True)

    def _publish_ready(self, *, first: bool = False) -> None:
        ready = self.roster.ready()
        figures = ready[0].figures if ready else {}
        where = {key: figures[key] for key in LISTENING if key in figures}
        data = {"workers": len(ready), **where}
        self._tell("egg-ready", data)
        if first:  # process:CL-24: to the agent once in its life, to the workers on each join
            self._routes.here(self._routes.encode("egg-ready", data))

    def _tell(self, action: str, data: object = None) -> None:
        self._routes.workers(self._routes.encode(action, data), always=True)


def announcement(state: str, since: float, figures: dict[str, object]) -> dict[str, object]:
    """Returns the data of a worker's announcement."""
    return {"state": state, "since": since, "figures": figures}


def _known(state: str) -> str:
    if state not in STATES[:-1]:
        raise MessengerError(f"no such state: {state!r}", hint=f"one of {', '.join(STATES[:-1])}")
    return state


def _word(member: Member) -> tuple[int, str]:
    return member.pid, member.state


def _member(data: object, sender: Sender) -> Member | None:
    """Returns the member that an announcement describes, or None if it is none."""
    if not isinstance(data, dict) or data.get("state") not in STATES:
        return None
    since, figures = data.get("since"), data.get("figures")
    if not isinstance(since, int | float) or not 0 <= since < _FUTURE:
        return None
    if not isinstance(figures, dict):
        return None
    return Member(sender.slot, sender.pid, str(data["state"]), float(since), figures)
