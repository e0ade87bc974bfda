"""A suite in one process (process:IPC-13)."""

from __future__ import annotations

import os

import pytest

from eggd.messenger import LocalMessenger, local_pair
from tests.messenger.conftest import Bus, Heard

CALLS = [
    ("worker", "broadcast", ["worker", "agent"]),
    ("agent", "broadcast", ["worker", "agent"]),
    ("worker", "send_to_app", ["worker"]),
    ("agent", "send_to_app", ["worker"]),
    ("worker", "send_to_agent", ["agent"]),
    ("agent", "send_to_agent", ["agent"]),
    ("worker", "send_random", ["agent"]),
    ("agent", "send_random", ["worker"]),
    ("worker", "send", ["agent"]),
    ("agent", "send", ["worker"]),
]


async def pair(bus: Bus) -> dict[str, tuple[LocalMessenger, Heard, Heard]]:
    both = dict(zip(("worker", "agent"), local_pair(bus.log), strict=True))
    for each in both.values():
        await each.open()
    return {
        role: (each, bus.hear(each, "hi"), bus.hear(each, "last")) for role, each in both.items()
    }


@pytest.mark.parametrize(("sender", "method", "receivers"), CALLS)
async def test_a_message_reaches_its_receivers(
    bus: Bus, sender: str, method: str, receivers: list[str]
) -> None:
    both = await pair(bus)
    getattr(both[sender][0], method)("hi", (1,))
    assert not any(heard.data for _, heard, _ in both.values())
    both[sender][0].broadcast("last")
    for role, (each, heard, last) in both.items():
        await last.count(1)
        assert heard.data == ([[1]] if role in receivers else [])
        each.close()


async def test_the_own_pid_reaches_both_messengers_and_no_other(bus: Bus) -> None:
    both = await pair(bus)
    both["worker"][0].send_to(1, "hi", 1).send_to(os.getpid(), "hi", 2)
    for each, heard, _ in both.values():
        assert await heard.count(1) == [2]
        each.close()


async def test_egg_ready_reaches_both_messengers(bus: Bus) -> None:
    both = await pair(bus)
    ready = [bus.hear(each, "egg-ready") for each, *_ in both.values()]
    both["worker"][0].announce("ready")
    both["agent"][0].announce("ready")
    for heard, (each, *_) in zip(ready, both.values(), strict=True):
        assert await heard.count(1) == [{"workers": 1}]
        each.close()
