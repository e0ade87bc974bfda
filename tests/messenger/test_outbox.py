"""Sending: it never waits, counts every loss, and handles the limits of the kernel."""

from __future__ import annotations

import asyncio
import os
import socket

import pytest

from eggd.errors import OutboxFullError
from eggd.messenger import Messenger
from eggd.messenger.inbox import bind
from eggd.wire import datagram
from eggd.wire.datagram import Datagram, Message
from tests.messenger.conftest import Bus


def take(sock: socket.socket) -> list[Message]:
    """Returns the messages of one datagram; fails without one."""
    found = datagram.decode(sock.recv(1 << 17, socket.MSG_DONTWAIT))
    assert isinstance(found, Datagram)
    return found.messages


async def fill(sender: Messenger) -> int:
    """Sends until the kernel has enough and a message waits in the outbox; return how many."""
    for number in range(100_000):
        sender.send_to_agent("n", number)
        if not await sender.flush(0):
            return number + 1
    raise AssertionError("the kernel takes everything")


async def test_messages_that_the_kernel_rejects_wait_in_order(
    bus: Bus, held: socket.socket
) -> None:
    one = await bus.worker(1)
    sent = await fill(one)
    agent = Messenger("agent", 0, bus.config(), bus.log)
    heard = bus.hear(agent, "n")
    await agent.open(held.dup())
    assert await heard.count(sent) == list(range(sent))
    assert await one.flush(5)
    agent.close()


async def test_a_full_outbox_rejects_the_newest_loudly(bus: Bus, held: socket.socket) -> None:
    one = await bus.worker(1, outbox_messages=10)
    await fill(one)
    for _ in range(9):
        one.send_to_agent("more")
    for _ in range(3):
        with pytest.raises(OutboxFullError, match=r"outbox full: .*agent.sock: 10 messages, "):
            one.send_to_agent("too much")
    assert one.stats.rejected == 3
    assert [level for level, text in bus.lines if "messages are rejected" in text] == ["error"]


async def test_bytes_are_bounded_too_but_one_message_always_fits(bus: Bus) -> None:
    one = await bus.worker(1, outbox_size=1000)
    one.send_to_agent("big", "x" * 5000)
    with pytest.raises(OutboxFullError):
        one.send_to_agent("small")


async def test_a_full_outbox_does_not_stop_other_copies(bus: Bus) -> None:
    one, two = await bus.worker(1, outbox_messages=1), await bus.worker(2)
    heard = bus.hear(two, "hi")
    one.send_to_agent("first")  # it waits, as no agent runs
    with pytest.raises(OutboxFullError, match=r"agent\.sock"):
        one.broadcast("hi", 1)
    assert await heard.count(1) == [1]


async def test_announcements_pass_a_full_outbox(bus: Bus) -> None:
    one = await bus.worker(1, outbox_messages=1)
    one.send_to_agent("first")
    one.announce("ready")
    one.announce("ready", requests=5)  # figures may be lost, the state may not
    with bus.hold() as held:
        assert await one.flush(5)
        assert [message.action for message in take(held)] == ["first", "egg-member"]


async def test_messages_to_a_dead_worker_are_dropped_and_counted(bus: Bus) -> None:
    one = await bus.worker(1)
    bind(bus.path(2)).close()
    one.send_to_app("hi").send_to_app("hi")
    assert await one.flush(5)
    assert one.stats.dropped == 2
    assert bus.lines == []


async def test_a_worker_that_dies_with_a_full_queue_frees_the_outbox(bus: Bus) -> None:
    one = await bus.worker(1)
    with bind(bus.path(2)):
        while await one.flush(0):
            one.send_to_app("hi", "x" * 30_000)
    assert await one.flush(5)
    assert one.stats.dropped > 0


async def test_a_worker_that_came_back_is_found_again(bus: Bus) -> None:
    one = await bus.worker(1)
    for _ in range(3):
        with bind(bus.path(2)) as two:
            one.send_to_app("hi")
            assert await one.flush(5)
            assert take(two) == [Message("hi")]
    assert one.stats.dropped == 0


async def test_without_an_agent_messages_wait_for_its_socket(bus: Bus) -> None:
    one = await bus.worker(1)
    one.send_to_agent("n", 1)
    assert not await one.flush(0.01)
    one.send_to_agent("n", 2)
    with bus.hold() as held:
        assert await one.flush(5)
        assert [take(held), take(held)] == [[Message("n", 1)], [Message("n", 2)]]


async def test_ticks_do_not_share_a_datagram_however_long_they_wait(bus: Bus) -> None:
    one = await bus.worker(1)
    for number in range(3):
        one.send_to_agent("n", number).send_to_agent("n", number)
        await asyncio.sleep(0)
    with bus.hold() as held:
        assert await one.flush(5)
        assert [take(held) for _ in range(3)] == [[Message("n", n)] * 2 for n in range(3)]


async def test_a_new_agent_socket_at_the_path_is_found(bus: Bus) -> None:
    one = await bus.worker(1)
    for number in range(3):
        with bus.hold() as held:
            one.send_to_agent("n", number)
            assert await one.flush(5)
            assert take(held) == [Message("n", number)]


async def test_a_tiny_send_buffer_only_makes_smaller_datagrams(bus: Bus) -> None:
    agent, one = await bus.agent(), await bus.worker(1, send_buffer=1)
    heard = bus.hear(agent, "n")
    for number in range(100):
        one.send_to_agent("n", [number, "x" * number * 50])
    assert [item[0] for item in await heard.count(100)] == list(range(100))


async def test_close_sends_what_it_can_and_counts_the_rest(bus: Bus, held: socket.socket) -> None:
    one = await bus.worker(1)
    one.send_to_agent("last")
    one.close()
    assert take(held) == [Message("last")]
    two = await bus.worker(2)
    left = await fill(two) - two.stats.sent
    two.close()
    assert (left > 0, two.stats.dropped) == (True, left)


async def test_no_descriptor_stays_open(bus: Bus) -> None:
    before = len(os.listdir("/proc/self/fd"))
    agent, one = await bus.suite(1)
    heard = bus.hear(agent, "big")
    for _ in range(5):
        one.send_to_agent("big", "x" * 100_000)
    await heard.count(5)
    one.send_to_agent("big", "x" * 100_000)  # on its way when both close
    bus.close()
    await asyncio.sleep(0)
    assert len(os.listdir("/proc/self/fd")) == before
