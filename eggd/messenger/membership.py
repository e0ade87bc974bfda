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
from functools import partial

from eggd.errors import MessengerError, OutboxFullError
from eggd.messenger.ledger import Ledger
from eggd.messenger.liveness import Liveness
from eggd.messenger.roster import STATES, Member, Roster, suite_ready
from eggd.messenger.routes import Routes
from eggd.wire.datagram import Message, Sender

ANNOUNCE = "egg-member"
PROBE = "egg-probe"

Enabled = Callable[[], Iterable[int]]
OnMembers = Callable[[list[Member]], None]


class WorkerMembership:
    """A worker announces itself, again to each new agent, and sees when the agent goes."""

    def __init__(self, routes: Routes, liveness: Liveness) -> None:
        self._routes = routes
        self._liveness = liveness
        self._last: dict[str, object] | None = None

    def open(self) -> None:
        """Nothing to do: the process announces itself when it is starting."""

    def announce(self, state: str, figures: dict[str, object]) -> None:
        """Tell the agent, and remember it for the next agent."""
        last, state = self._last, _known(state)
        since = last["since"] if last and last["state"] == state else time.time()
        self._last = {"state": state, "since": since, "figures": figures}
        self._tell()

    def hear(self, message: Message, sender: Sender) -> bool:
        """Answer an agent's probe; watch the agent that names itself in `egg-pids`."""
        if sender.role != "agent":
            return message.action in (PROBE, ANNOUNCE)
        if message.action in (PROBE, "egg-pids"):
            self._liveness.watch(sender.pid, self._agent_gone)
        if message.action != PROBE:
            return False
        self._tell()
        return True

    def _tell(self) -> None:
        if self._last is not None:
            self._routes.agent(self._routes.encode(ANNOUNCE, self._last))

    def _agent_gone(self, pid: int) -> None:
        self._routes.here(self._routes.encode("egg-pids", []))  # process:CL-60


class AgentMembership:
    """The agent keeps the roster, and publishes who serves and when the suite is ready."""

    def __init__(self, routes: Routes, liveness: Liveness, ledger: Ledger, pid: int) -> None:
        self.roster = Roster()
        self.started = False
        self.enabled: Enabled = tuple
        self.callbacks: list[OnMembers] = []
        self._routes = routes
        self._liveness = liveness
        self._ledger = ledger
        self._pid = pid
        self._ready = False
        self._published: list[int] | None = None
        routes.on_lost(self._refused)

    def open(self) -> None:
        """Ask every worker that has a socket how it is."""
        self._send(self._routes.workers, PROBE, None)

    def announce(self, state: str, figures: dict[str, object]) -> None:
        """Say how the agent is; `ready` tells the workers, and may be what the suite waited for."""
        self._ready = _known(state) == "ready"
        if self._ready:
            self._send(self._routes.workers, "egg-pids", [self._pid])
            self._send(self._routes.workers, "agent-start", None)
            self._review()

    def hear(self, message: Message, sender: Sender) -> bool:
        """Take a worker's announcement."""
        if message.action == ANNOUNCE and sender.role == "worker":
            member = _member(message.data, sender)
            if member is not None:
                self._announced(member)
        return message.action in (ANNOUNCE, PROBE)

    def _announced(self, member: Member) -> None:
        before = self.roster.put(member)
        if before is None or before.pid != member.pid:
            self._meet(member, before)
        joined = member.state == "ready" and (before is None or _word(before) != _word(member))
        self._changed()
        if joined and self.started:
            self._publish_ready()
        else:
            self._review()

    def _meet(self, member: Member, before: Member | None) -> None:
        if before is not None:
            self._liveness.forget(before.pid)
        self._liveness.watch(member.pid, self._gone)
        if self._ready:
            self._send(partial(self._routes.worker, member.slot), "egg-pids", [self._pid])

    def _gone(self, pid: int) -> None:
        slot = self.roster.slot(pid)
        if slot is not None and self.roster.leave(slot, pid, time.time()):
            self._changed()
            self._review()

    def _refused(self, slot: int) -> None:
        """Nobody holds a worker's socket: its process is gone, or about to be."""
        for member in self.roster.members():
            if member.slot == slot:
                self._liveness.forget(member.pid)
                self._gone(member.pid)

    def _changed(self) -> None:
        pids = [member.pid for member in self.roster.ready()]
        if pids != self._published:
            self._published = pids
            self._routes.here(self._routes.encode("egg-pids", pids))
        for callback in self.callbacks:
            callback(self.roster.members())

    def _review(self) -> None:
        if self._ready and not self.started:
            if suite_ready(self.roster.members(), self.enabled()):
                self.started = True
                self._publish_ready(first=True)

    def _publish_ready(self, *, first: bool = False) -> None:
        data = {"workers": len(self.roster.ready())}
        self._send(self._routes.workers, "egg-ready", data)
        if first:  # process:CL-24: to the agent once in its life, to the workers on each join
            self._routes.here(self._routes.encode("egg-ready", data))

    def _send(self, way: Callable[[bytes], None], action: str, data: object) -> None:
        try:
            way(self._routes.encode(action, data))
        except OutboxFullError as exc:
            self._ledger.log("error", f"messenger: {action} did not reach everybody: {exc}")


def _known(state: str) -> str:
    if state not in STATES[:-1]:
        raise MessengerError(f"no such state: {state!r}", hint=f"one of {', '.join(STATES[:-1])}")
    return state


def _word(member: Member) -> tuple[int, str]:
    return member.pid, member.state


def _member(data: object, sender: Sender) -> Member | None:
    """Return the member that an announcement describes, or None if it is none."""
    if not isinstance(data, dict) or data.get("state") not in STATES:
        return None
    since, figures = data.get("since"), data.get("figures")
    if not isinstance(since, int | float) or not isinstance(figures, dict):
        return None
    return Member(sender.slot, sender.pid, str(data["state"]), float(since), figures)
