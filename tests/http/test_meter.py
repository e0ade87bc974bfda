"""Each request is counted once, when its answer is complete or its connection is lost."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from eggd.http.detach import Detached
from eggd.http.exchange import Exchange
from eggd.http.meter import BOUNDS, COUNTED, Meter
from tests.http.fake import Client, turn
from tests.http.serving import GET
from tests.http.test_exchange import Keeper

ABORTED, SWITCHED = 0, 1
Act = Callable[[Client, Exchange], object]


def counted(client: Client) -> dict[int, int]:
    """Returns the counts above 0 by class."""
    return {each: count for each, count in enumerate(client.shared.meter.classes) if count}


def stream(client: Client, exchange: Exchange) -> None:
    exchange.start(200, b"")
    exchange.put(b"x")
    exchange.finish()


def cut_short(client: Client, exchange: Exchange) -> None:
    """Promises two bytes and sends one, so that the connection is dropped."""
    exchange.start(200, b"", length=2)
    exchange.put(b"x")
    exchange.finish()


def answer_after_loss(client: Client, exchange: Exchange) -> None:
    client.transport.abort()
    exchange.send(200, b"", b"")


def lose_detached(client: Client, exchange: Exchange) -> None:
    assert isinstance(exchange.detach(), Detached)
    client.transport.abort()


@pytest.mark.parametrize(
    ("act", "outcome"),
    [
        (lambda client, exchange: exchange.send(200, b"", b""), 2),
        (lambda client, exchange: exchange.send(204, b"", b""), 2),
        (lambda client, exchange: exchange.send(301, b"", b""), 3),
        (lambda client, exchange: exchange.send(404, b"", b""), 4),
        (lambda client, exchange: exchange.send(599, b"", b""), 5),
        (stream, 2),
        (cut_short, ABORTED),
        (answer_after_loss, ABORTED),
        (lambda client, exchange: client.transport.abort(), ABORTED),
        (lambda client, exchange: exchange.disconnect(), ABORTED),
        (lambda client, exchange: exchange.detach(), SWITCHED),
        (lose_detached, SWITCHED),
    ],
)
async def test_an_exchange_is_counted_once(act: Act, outcome: int) -> None:
    keeper = Keeper()
    client = Client(keeper)
    await client.send(GET)
    assert (client.shared.in_flight, client.shared.requests, counted(client)) == (1, 1, {})
    act(client, keeper.last)
    await turn()
    assert counted(client) == {outcome: 1}
    assert (client.shared.in_flight, client.shared.requests) == (0, 1)
    assert sum(client.shared.meter.buckets) == (outcome >= 2)


async def test_each_pipelined_request_has_a_latency() -> None:
    client = Client(lambda exchange: exchange.send(200, b"", b""))
    await client.send(GET * 300)
    await client.send(GET)
    meter = client.shared.meter
    assert counted(client) == {2: 301}
    assert sum(meter.buckets) == client.shared.requests == 301
    assert 0 < meter.seconds


def fail(exchange: Exchange) -> None:
    raise ValueError


async def test_an_exception_of_the_handler_counts_as_500() -> None:
    client = Client(fail)
    await client.send(GET)
    assert counted(client) == {5: 1}


async def test_a_malformed_request_counts_as_its_answer_without_latency() -> None:
    client = Client(lambda exchange: exchange.send(200, b"", b""))
    await client.send(GET + b"bad\r\n\r\n")
    assert counted(client) == {2: 1, 4: 1}
    assert (client.shared.requests, sum(client.shared.meter.buckets)) == (1, 1)


@pytest.mark.parametrize("seconds", [0.0, 0.0004, 0.0005, 0.00051, 1.0, 9.0, 11.0])
def test_a_latency_belongs_to_the_first_bound_that_is_not_smaller(seconds: float) -> None:
    meter = Meter()
    meter.answered(500, seconds)
    [index] = [each for each, count in enumerate(meter.buckets) if count]
    assert seconds <= (*BOUNDS, float("inf"))[index]
    assert index == 0 or seconds > BOUNDS[index - 1]
    assert meter.seconds == seconds
    meter.answered(500, 5.0 - COUNTED)
    assert (sum(meter.buckets), sum(meter.classes), meter.seconds) == (1, 1, seconds)
