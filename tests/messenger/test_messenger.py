"""The messenger's API, fact by fact (process:IPC-1..15)."""

from __future__ import annotations

import asyncio
import datetime
import os

import pytest

from eggd.errors import MessageTooLargeError, MessengerError, NoPeerError
from eggd.messenger import Messenger
from tests.messenger.conftest import Bus


async def test_broadcast_reaches_every_process_and_the_sender(bus: Bus) -> None:  # IPC-3
    everyone = await bus.suite(2)
    heard = [bus.hear(each, "hi") for each in everyone]
    for each in everyone:
        each.broadcast("hi")
    assert [len(await each.count(3)) for each in heard] == [3, 3, 3]
    assert len({sender[:2] for sender in heard[0].senders}) == 3


@pytest.mark.parametrize(("sender", "counts"), [(0, [0, 1, 1]), (1, [0, 1, 1])])  # IPC-4
async def test_send_to_app(bus: Bus, sender: int, counts: list[int]) -> None:
    everyone = await bus.suite(2)
    heard = [bus.hear(each, "hi") for each in everyone]
    last = [bus.hear(each, "last") for each in everyone]
    everyone[sender].send_to_app("hi").broadcast("last")
    for each in last:
        await each.count(1)
    assert [len(each.data) for each in heard] == counts


async def test_send_to_agent_from_all_three(bus: Bus) -> None:  # IPC-4
    everyone = await bus.suite(2)
    heard = bus.hear(everyone[0], "hi")
    for each in everyone:
        each.send_to_agent("hi")
    assert len(await heard.count(3)) == 3


async def test_send_random_takes_one_ready_worker(bus: Bus) -> None:  # IPC-5
    agent, one, two = await bus.suite(2)
    changes = bus.hear(agent, "egg-pids")
    two.announce("leaving")
    await changes.count(1)
    heard, other = bus.hear(one, "hi"), bus.hear(two, "hi")
    for _ in range(20):
        agent.send_random("hi")
    await heard.count(20)
    assert not other.data


async def test_send_random_without_a_ready_worker_is_dropped(bus: Bus) -> None:  # IPC-5
    agent = await bus.agent()
    await bus.worker(1)
    agent.send_random("hi")
    assert agent.stats.dropped == 1


async def test_send_random_on_a_worker_means_the_agent(bus: Bus) -> None:  # IPC-5
    agent, one = await bus.suite(1)
    heard = bus.hear(agent, "hi")
    one.send_random("hi", 1)
    assert await heard.count(1) == [1]


@pytest.mark.parametrize("pid", [os.getpid(), str(os.getpid())], ids=["int", "str"])
async def test_send_to_the_own_pid_is_delivered_here(bus: Bus, pid: int | str) -> None:  # IPC-6
    one = await bus.worker(1)
    heard = bus.hear(one, "hi")
    one.send_to(pid, "hi", 5)
    assert not heard.data  # the next tick, never at once
    assert await heard.count(1) == [5]


@pytest.mark.parametrize("target", ["parent", "somebody", [1], "", True, 1.5, "9" * 30, b"app"])
async def test_send_to_an_unknown_target_is_an_error(bus: Bus, target: str) -> None:
    """A number that is not a pid, and empty text, are mistakes, too."""
    one = await bus.worker(1)
    with pytest.raises(MessengerError, match="unknown receiver"):
        one.send("hi", 1, target)


@pytest.mark.parametrize("method", ["broadcast", "send_to_app", "send_to_agent", "send_random"])
@pytest.mark.parametrize("action", [None, 5, "", "x" * 1001, b"x"], ids=str)
async def test_an_action_that_no_handler_can_have(bus: Bus, method: str, action: str) -> None:
    one = await bus.worker(1)
    with pytest.raises(MessengerError, match="an action must"):
        getattr(one, method)(action, 1)


@pytest.mark.parametrize("pid", [0, "0", -1, 1 << 31])
async def test_send_to_no_process_reaches_none(bus: Bus, pid: int | str) -> None:
    """The pid 0 is not that of every process."""
    agent, one = await bus.suite(1)
    heard = bus.hear(one, "hi")
    with pytest.raises(NoPeerError, match="send_to: no process has the pid"):
        agent.send_to(pid, "hi", 1)
    agent.send_to_app("hi", 2)
    assert await heard.count(1) == [2]


@pytest.mark.parametrize("to", [None, "app", "agent"])
async def test_send_without_target_goes_to_the_other_kind(bus: Bus, to: str | None) -> None:
    agent, one = await bus.suite(1)  # IPC-7
    receivers = {"app": [one, one], "agent": [agent, agent], None: [one, agent]}[to]
    heard = [bus.hear(receiver, f"from {n}") for n, receiver in enumerate(receivers)]
    agent.send("from 0", 1, to)
    one.send("from 1", 2, to)
    assert [await each.count(1) for each in heard] == [[1], [2]]


async def test_an_agent_that_sends_before_egg_ready_is_warned(bus: Bus) -> None:  # IPC-8
    agent, one = await bus.agent(), await bus.worker(1)
    heard = bus.hear(one, "hi")
    agent.send_to_app("hi", 1)
    assert await heard.count(1) == [1]
    level, text = bus.lines[0]
    assert level == "warning"
    assert text.startswith("agent can't call send_to_app before server started\n")
    assert "test_an_agent_that_sends_before_egg_ready" in text


async def test_messages_of_eggd_itself_before_egg_ready_cause_no_warning(bus: Bus) -> None:
    """A shared client of `agent.py` announces its state from `did_load` on."""
    agent = await bus.agent()
    agent.send_to_app("egg-cluster-follower", 1).send_to(1, "egg-cluster-follower", 1)
    assert bus.lines == []


async def test_an_agent_that_sends_after_egg_ready_is_not_warned(bus: Bus) -> None:
    agent, one = await bus.suite(1)
    agent.broadcast("hi").send_random("hi").send_to(1, "hi")
    one.broadcast("hi")
    assert bus.lines == []


async def test_once_fires_once_and_remove_listener_takes_back(bus: Bus) -> None:  # IPC-10
    one = await bus.worker(1)
    first: list[object] = []
    never: list[object] = []
    one.once("hi", first.append).on("hi", never.append).remove_listener("hi", never.append)
    heard = bus.hear(one, "hi")
    one.send_to_app("hi", 1).send_to_app("hi", 2)
    assert await heard.count(2) == [1, 2]
    assert (first, never) == ([1], [])


async def test_close_ends_sending_and_receiving(bus: Bus) -> None:  # IPC-10
    one = await bus.worker(1)
    heard = bus.hear(one, "hi")
    one.send_to_app("hi")
    one.close()
    assert one.send_to_app("hi").broadcast("hi") is one
    await asyncio.sleep(0)
    assert heard.data == []
    assert os.listdir(bus.directory) == []


async def test_payload_goes_through_json(bus: Bus) -> None:  # IPC-11
    agent, one = await bus.suite(1)
    heard = [bus.hear(agent, "x"), bus.hear(one, "x")]
    day = datetime.date(2026, 1, 2)
    one.broadcast("x", {"z": (1,), "day": day, "nan": float("nan"), "f": print, "a": None})
    for each in heard:
        assert await each.count(1) == [{"z": [1], "day": "2026-01-02", "nan": None, "a": None}]
        assert list(each.data[0]) == ["z", "day", "nan", "a"]


@pytest.mark.parametrize("size", [1, 65_000, 66_000, 3_000_000])
async def test_any_size_arrives(bus: Bus, size: int) -> None:  # IPC-11
    agent, one = await bus.suite(1)
    heard = bus.hear(agent, "big")
    one.send_to_agent("big", "ä" * size)
    assert await heard.count(1) == ["ä" * size]
    assert agent.stats.refused == 0


async def test_messages_of_all_sizes_stay_in_order(bus: Bus) -> None:  # IPC-12
    agent, one = await bus.suite(1)
    heard = bus.hear(agent, "n")
    for number in range(300):
        one.send_to_agent("n", [number, "x" * (number % 7 * 20_000)])
    assert [item[0] for item in await heard.count(300)] == list(range(300))
    assert agent.stats.missed == 0


async def test_above_the_cap_raises_and_sends_nothing(bus: Bus) -> None:
    one = await bus.worker(1, max_size=1000)
    with pytest.raises(MessageTooLargeError, match=r"'big' has 1009 bytes, the limit is 1000"):
        one.send_to_agent("big", "x" * 999)
    assert await one.flush(0)


@pytest.mark.parametrize("data", [object(), {1, 2}, b"bytes", {(1, 2): 3}])
async def test_data_that_json_cannot_express_raises(bus: Bus, data: object) -> None:
    one = await bus.worker(1)
    with pytest.raises(MessengerError, match="data of 'hi' is not JSON"):
        one.send_to_agent("hi", data)


async def test_sending_before_open_raises(bus: Bus) -> None:
    with pytest.raises(MessengerError, match="broadcast: the messenger is not open yet"):
        Messenger("worker", 1, bus.config(), bus.log).broadcast("hi")


async def test_a_too_long_runtime_directory_is_an_error(bus: Bus) -> None:
    bus.directory = bus.directory / ("x" * 100)
    with pytest.raises(MessengerError, match="longer than a socket's path may be"):
        await bus.worker(1)


async def test_a_missing_runtime_directory_is_an_error(bus: Bus) -> None:
    bus.directory = bus.directory / "gone"
    with pytest.raises(MessengerError, match=r"cannot bind .*/gone/worker-1.sock"):
        await bus.worker(1)


async def test_a_stale_path_is_replaced_and_only_our_own_is_removed(bus: Bus) -> None:
    old = await bus.worker(1)
    new = await bus.worker(1)
    heard = bus.hear(new, "hi")
    old.close()
    other = await bus.worker(2)
    other.send_to_app("hi", 1)
    assert await heard.count(1) == [1]


async def test_an_agent_does_not_replace_a_held_socket(bus: Bus) -> None:
    with bus.hold(), pytest.raises(MessengerError, match=r"agent\.sock is in use \(stop the other"):
        await bus.agent()
    await bus.agent()  # the path is stale now


async def test_messages_wait_until_the_agent_receives(bus: Bus) -> None:
    agent = Messenger("agent", 0, bus.config(), bus.log)
    await agent.open(receive=False)
    one = await bus.worker(1)
    one.send_to_agent("hi", 1)
    assert await one.flush(5)
    heard = bus.hear(agent, "hi")
    agent.receive()
    assert await heard.count(1) == [1]
    agent.close()


async def test_close_without_having_received(bus: Bus) -> None:
    agent = Messenger("agent", 0, bus.config(), bus.log)
    await agent.open(receive=False)
    agent.close()
    agent.close()
    assert os.listdir(bus.directory) == []


async def test_messages_of_one_tick_share_a_datagram(bus: Bus) -> None:
    with bus.hold() as held:
        one = await bus.worker(1)
        for number in range(20):
            one.send_to_agent("n", number)
        assert await one.flush(5)
        assert held.recv(65536).count(b'["n",') == 20


async def test_a_burst_to_a_blocked_agent_arrives_in_order(bus: Bus) -> None:  # IPC-12
    agent = Messenger("agent", 0, bus.config(), bus.log)
    await agent.open(receive=False)
    one = await bus.worker(1)
    for number in range(20_000):
        one.send_to_agent("n", number)
    await asyncio.sleep(0)
    heard = bus.hear(agent, "n")
    agent.receive()
    assert await heard.count(20_000) == list(range(20_000))
    assert (one.stats.rejected, agent.stats.missed) == (0, 0)
    agent.close()


async def test_counters_are_kept_by_peer(bus: Bus) -> None:
    agent, one, two = await bus.suite(2)
    heard = bus.hear(two, "hi")
    before = dict(one.figures["peers"])  # type: ignore[call-overload]
    one.send_to_app("hi")
    await heard.count(1)
    after = dict(one.figures["peers"])  # type: ignore[call-overload]
    assert "worker-2" not in before
    assert after["worker-2"] == {"sent": 1}
    assert dict(two.figures["peers"])["worker-1"] == {"received": 1}  # type: ignore[call-overload]
    assert one.figures["requests"] == {"waiting": 0, "running": 0}
    assert agent.figures["refused"] == {}


SENDING = ["broadcast", "send_to_app", "send_to_agent", "send_random", "send"]


@pytest.mark.parametrize("method", SENDING)
async def test_a_method_that_sends_returns_the_messenger(bus: Bus, method: str) -> None:  # IPC-2
    agent, one = await bus.suite(1)
    for each in (agent, one):
        assert getattr(each, method)("hi", 1) is each
        assert each.send_to(1, "hi") is each


@pytest.mark.parametrize("action", ["egg-ready", "agent-start", "log-reload"])
async def test_reserved_actions_reach_handlers(bus: Bus, action: str) -> None:  # IPC-14, IPC-15
    agent, one = await bus.suite(1)
    heard = bus.hear(one, action)
    agent.send_to_app(action, [1])
    assert await heard.count(1)
