"""Calls of handlers (process:IPC-9)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from eggd.errors import MessengerError
from eggd.messenger.listeners import Listeners
from eggd.wire.datagram import Message, Sender

ME = Sender("worker", 1, 7)
HI = Message("hi", 5)


@pytest.fixture
def lines() -> list[str]:
    return []


@pytest.fixture
def listeners(lines: list[str]) -> Listeners:
    return Listeners(lambda level, text: lines.append(f"{level} {text}"))


async def _fails(data: object) -> None:
    raise ValueError("async")


def _raises(data: object) -> None:
    raise KeyError("sync")


@pytest.mark.parametrize(
    ("handler", "text"), [(_fails, "error: async"), (_raises, "error: 'sync'")]
)
async def test_an_error_is_logged_and_stops_no_other_handler(
    listeners: Listeners, lines: list[str], handler: Callable[..., object], text: str
) -> None:
    done = asyncio.Event()
    listeners.add("hi", handler)
    listeners.add("hi", lambda data: asyncio.get_running_loop().call_later(0.01, done.set))
    listeners.call(HI, ME)
    await done.wait()
    assert lines[0].startswith(f"error MessageUnhandledRejectionError: event: hi, {text}\n")


@pytest.mark.parametrize("handler", [None, "handler", lambda: 1, lambda one, two, three: 1])
def test_what_cannot_be_called_is_an_error_of_the_call(
    listeners: Listeners, handler: Callable[..., object]
) -> None:
    """The call raises, not the first message."""
    with pytest.raises(MessengerError, match=r"cannot be .* \(define it: def handler\(data\)"):
        listeners.add("hi", handler)


def test_a_handler_takes_data_or_data_and_sender(listeners: Listeners) -> None:
    got: list[object] = []
    listeners.add("hi", got.append)
    listeners.add("hi", lambda data, sender: got.append(sender))
    listeners.add("hi", lambda data, number=3: got.append(number))
    listeners.add("hi", lambda *data: got.append(data))
    listeners.call(HI, ME)
    assert got == [5, ME, 3, (5,)]


def test_once_survives_a_handler_that_sends_again(listeners: Listeners) -> None:
    got: list[object] = []

    def again(data: object) -> None:
        got.append(data)
        listeners.call(HI, ME)

    listeners.add("hi", again, once=True)
    listeners.call(HI, ME)
    assert got == [5]


def test_a_message_without_a_handler_is_ignored(listeners: Listeners) -> None:
    listeners.remove("hi", print)
    assert listeners.call(HI, ME) is False


async def test_clear_cancels_what_runs(listeners: Listeners) -> None:
    ended = asyncio.Event()

    async def forever(data: object) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    listeners.add("hi", forever)
    assert listeners.call(HI, ME)
    await asyncio.sleep(0)
    listeners.clear()
    await asyncio.wait_for(ended.wait(), 5)
