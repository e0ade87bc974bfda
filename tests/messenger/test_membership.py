"""The running processes, their announcements, and the ready suite (process:CL-23..26)."""

from __future__ import annotations

import asyncio
import os
import socket

import pytest

from eggd.errors import MessengerError
from eggd.messenger import Member, Messenger, MessengerConfig, announce_failed_boot
from eggd.messenger.membership import ANNOUNCE
from tests.messenger.conftest import Bus, Heard

PID = os.getpid()


class Seen(Heard):
    """A listener of `on_members` that keeps slots and states."""

    def listen(self, agent: Messenger) -> Seen:
        agent.on_members(lambda members: self({m.slot: m.state for m in members}, agent._me))
        return self

    async def until(self, **states: str) -> None:
        wanted = {int(slot[1:]): state for slot, state in states.items()}
        while wanted not in self.data:
            await self.count(len(self.data) + 1)


async def test_egg_ready_waits_for_every_enabled_instance(bus: Bus) -> None:
    # process:CL-23
    agent = await bus.agent(enabled=lambda: {1, 2, 3})
    heard, seen = bus.hear(agent, "egg-ready"), Seen().listen(agent)
    workers = [await bus.worker(slot) for slot in (1, 2, 3, 4)]
    for worker, state in zip(workers, ["ready", "failed", "starting", "starting"], strict=True):
        worker.announce(state)
    agent.announce("ready")
    await seen.until(s1="ready", s2="failed", s3="starting", s4="starting")
    workers[3].announce("failed")
    await seen.until(s1="ready", s2="failed", s3="starting", s4="failed")
    assert heard.data == []
    workers[2].announce("ready")
    assert await heard.count(1) == [{"workers": 2}]


async def test_an_agent_does_not_wait_for_ever_for_a_worker_that_was_stopped(
    bus: Bus, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An enabled worker without a process does not stop the schedules (process:CL-24)."""
    monkeypatch.setattr("eggd.messenger.membership.PATIENCE", 0.1)
    agent, one = await bus.agent(enabled=lambda: {1, 2}), await bus.worker(1)
    agents, workers = bus.hear(agent, "egg-ready"), bus.hear(one, "egg-ready")
    one.announce("ready")
    agent.announce("ready")
    assert await agents.count(1) == await workers.count(1) == [{"workers": 1}]
    two = await bus.worker(2)
    two.announce("ready")  # a join
    assert (await workers.count(2))[1] == {"workers": 2}
    assert len(agents.data) == 1


async def test_egg_ready_has_the_address_of_the_listener(bus: Bus) -> None:
    # process:CL-23
    agent, one = await bus.agent(), await bus.worker(1)
    workers, agents = bus.hear(one, "egg-ready"), bus.hear(agent, "egg-ready")
    where = {"port": 7001, "address": "http://127.0.0.1:7001", "protocol": "http"}
    one.announce("ready", requests=1, connections=2, **where)
    agent.announce("ready")
    assert await workers.count(1) == await agents.count(1) == [{"workers": 1, **where}]


async def test_egg_ready_waits_for_the_agent(bus: Bus) -> None:
    agent, one = await bus.agent(), await bus.worker(1)
    heard, seen = bus.hear(agent, "egg-ready"), Seen().listen(agent)
    one.announce("ready")
    await seen.until(s1="ready")
    assert heard.data == []
    agent.announce("ready")
    assert await heard.count(1) == [{"workers": 1}]


async def test_each_join_repeats_egg_ready_to_the_workers(bus: Bus) -> None:  # process:CL-24
    agent, one = await bus.suite(1)
    agents, workers = bus.hear(agent, "egg-ready"), bus.hear(one, "egg-ready")
    two = await bus.worker(2)
    joined = bus.hear(two, "egg-ready")
    two.announce("starting")
    two.announce("ready")
    two.announce("ready", requests=1)  # only figures: no join
    assert await workers.count(1) == await joined.count(1) == [{"workers": 2}]
    two.send_to_agent("last").send_to_app("last")
    await bus.hear(one, "last").count(1)
    assert (len(agents.data), len(workers.data)) == (0, 1)


async def test_egg_pids_goes_to_the_agent_on_every_change(bus: Bus) -> None:  # process:CL-26
    agent, one = await bus.agent(), await bus.worker(1)
    heard = bus.hear(agent, "egg-pids")
    for state in ("starting", "ready", "ready", "leaving", "failed"):
        one.announce(state)
    assert await heard.count(3) == [[], [PID], []]


async def test_a_worker_that_joins_learns_the_agents_pid(bus: Bus) -> None:
    agent = await bus.agent()
    agent.announce("ready")
    one = await bus.worker(1)
    heard = bus.hear(one, "egg-pids")
    one.announce("starting")
    assert await heard.count(1) == [[PID]]


async def test_after_an_agent_restart_everyone_announces_anew(
    bus: Bus, held: socket.socket
) -> None:
    first = await bus.agent(held.dup())
    one, two = await bus.worker(1), await bus.worker(2)
    seen = Seen().listen(first)
    one.announce("ready", requests=5)
    two.announce("starting")
    await seen.until(s1="ready", s2="starting")
    before = first.members
    first.close()
    second = await bus.agent(held.dup())
    await Seen().listen(second).until(s1="ready", s2="starting")
    assert second.members == before
    assert before[0].figures == {"requests": 5}


async def test_a_worker_without_a_socket_has_left(bus: Bus) -> None:
    agent, _, two = await bus.suite(2)
    seen = Seen().listen(agent)
    two._mailbox._inboxes[0].close()  # type: ignore[union-attr]  # as a kill does, it leaves the path behind
    agent.send_to_app("hi")
    await seen.until(s1="ready", s2="left")


async def test_a_failed_boot_is_announced_without_a_loop(bus: Bus) -> None:
    config = MessengerConfig(directory=str(bus.directory))
    assert announce_failed_boot(config, 3, {"reason": "no config"}) is False
    agent = await bus.agent()
    assert announce_failed_boot(config, 3, {"reason": "no config"})
    await Seen().listen(agent).until(s3="failed")
    member = agent.members[0]
    assert member == Member(3, PID, "failed", member.since, {"reason": "no config"})


@pytest.mark.parametrize(
    "data",
    [
        None,
        "ready",
        {"state": "great", "since": 1, "figures": {}},
        {"state": [], "since": 1, "figures": {}},
        {"state": "ready", "since": "1", "figures": {}},
        {"state": "ready", "since": 10**400, "figures": {}},
        {"state": "ready", "since": 1, "figures": []},
        {"state": "ready"},
    ],
)
async def test_a_malformed_announcement_is_ignored(bus: Bus, data: object) -> None:
    agent, one = await bus.agent(), await bus.worker(1)
    heard = bus.hear(agent, "hi")
    one.send_to_agent(ANNOUNCE, data).send_to_agent("hi")
    await heard.count(1)
    assert (agent.members, bus.lines) == ([], [])


async def test_members_that_a_callback_cannot_take_are_only_logged(bus: Bus) -> None:
    agent, one = await bus.agent(), await bus.worker(1)
    agent.on_members(lambda members: members.remove("nobody"))  # type: ignore[arg-type]
    one.announce("ready")
    one.send_to_agent("hi")
    await bus.hear(agent, "hi").count(1)
    assert "ValueError" in bus.lines[0][1]


async def test_an_unknown_state_is_an_error(bus: Bus) -> None:
    one = await bus.worker(1)
    with pytest.raises(MessengerError, match="announce: 'great': unknown state"):
        one.announce("great")


async def test_announcing_before_open_raises(bus: Bus) -> None:
    with pytest.raises(MessengerError, match="not open"):
        Messenger("worker", 1, bus.config(), bus.log).announce("ready")
    await asyncio.sleep(0)


@pytest.mark.parametrize(("role", "slot"), [("master", 0), ("worker", 1000), ("worker", -1)])
def test_an_unknown_process_is_an_error(bus: Bus, role: str, slot: int) -> None:
    with pytest.raises(MessengerError, match=f"unknown role or slot: '{role}' {slot}"):
        Messenger(role, slot, bus.config(), bus.log)
