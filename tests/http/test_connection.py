"""One connection: pipelining, flow control, half-close, failing handlers, malformed requests."""

from __future__ import annotations

import asyncio
import contextvars
import gc

import pytest

from eggd.errors import HttpError
from eggd.http.answer import Refusal, default_refusal
from eggd.http.body import Body
from eggd.http.config import HttpConfig
from eggd.http.exchange import Exchange
from tests.http.fake import Client, summary, turn
from tests.http.test_exchange import Keeper

GET = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"
CLOSE = b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"


async def test_the_next_request_waits_for_the_answer() -> None:
    keeper = Keeper()
    client = Client(keeper)
    await client.send(GET + GET)
    assert len(keeper.exchanges) == 1
    await client.send(GET)
    for number in (2, 3):
        keeper.last.send(200, b"", b"")
        await turn()
        assert len(keeper.exchanges) == number
    assert client.shared.requests == 3


async def test_a_thousand_pipelined_requests_are_answered() -> None:
    client = Client(summary)
    await client.send(GET * 1000)
    assert len(client.answers) == 1000


async def test_reading_pauses_while_too_many_requests_wait() -> None:
    keeper = Keeper()
    client = Client(keeper, HttpConfig(read_buffer=100))
    await client.send(GET + GET * 4)
    await client.send(GET)
    assert client.transport.reading_paused
    for _ in range(6):
        keeper.last.send(200, b"", b"")
        await turn()
    assert not client.transport.reading_paused
    assert len(client.answers) == 6


async def test_a_client_that_does_not_read_gets_no_further_answers() -> None:
    keeper = Keeper()
    client = Client(keeper)
    await client.send(GET)
    client.connection.pause_writing()
    keeper.last.send(200, b"", b"")
    await client.send(GET)
    assert len(keeper.exchanges) == 1
    client.connection.resume_writing()
    await turn()
    assert len(keeper.exchanges) == 2


async def test_the_next_request_does_not_run_in_a_handlers_context() -> None:
    var = contextvars.ContextVar("var", default="clean")
    values: list[str] = []

    def handle(exchange: Exchange) -> None:
        values.append(var.get())
        tasks.append(asyncio.ensure_future(answer(exchange)))

    async def answer(exchange: Exchange) -> None:
        var.set("dirty")
        await asyncio.sleep(0)
        exchange.send(200, b"", b"")

    tasks: list[asyncio.Future[None]] = []
    client = Client(handle)
    await client.send(GET * 3)
    while len(values) < 3:
        await turn()
    assert values == ["clean"] * 3
    await asyncio.gather(*tasks)


@pytest.mark.parametrize("data", [GET, GET * 3, GET[:-2], GET + GET[:5], b""])
async def test_a_half_closed_client_gets_all_its_answers(data: bytes) -> None:
    keeper = Keeper()
    client = Client(keeper)
    if data:
        await client.send(data)
    client.end()
    await turn()
    for _ in range(data.count(GET)):
        keeper.last.send(200, b"", b"")
        await turn()
    assert len(client.answers) == data.count(GET)
    assert client.transport.closed


async def test_a_malformed_request_after_a_head_in_pieces() -> None:
    client = Client(summary)
    for piece in (GET[:20], GET[20:], b"0\r\n\r\n"):
        await client.send(piece)
    assert [answer.status for answer in client.answers] == [200, 400]


async def test_the_connection_closes_at_once_if_the_client_requests_it() -> None:
    client = Client(summary)
    await client.send(CLOSE)
    assert client.answers[0].headers["connection"] == "close"
    assert client.transport.closed


async def test_requests_after_connection_close_are_not_served() -> None:
    client = Client(summary)
    await client.send(CLOSE + GET)
    await client.send(GET)
    assert len(client.answers) == 1
    assert (client.transport.half_closed, client.transport.closed) == (True, False)
    client.end()
    assert client.transport.closed


async def test_a_client_that_sends_without_end_is_reset() -> None:
    client = Client(summary)
    await client.send(b"\n")
    for _ in range(4):
        await client.send(bytes(64 * 1024 * 1024))
    assert not client.transport.closed
    await client.send(b"x")
    assert client.transport.aborted


async def test_a_malformed_request_is_logged_as_one_warning() -> None:
    client = Client(summary)
    await client.send(b"GET / HTTP/1.1\r\nHost : a\r\n\r\n")
    assert client.log == [
        (
            "warn",
            "A client (192.0.2.1:999) error [400] occurred: bad header line b'Host : a'",
        )
    ]
    assert client.answers[0].headers["content-type"] == "text/html; charset=utf-8"
    assert "400 Bad Request" in client.answers[0].body.decode()


def test_an_exception_of_the_handler_is_answered_with_500() -> None:
    def handle(exchange: Exchange) -> None:
        raise LookupError("a bug")

    async def scenario() -> Client:
        client = Client(handle)
        await client.send(GET)
        return client

    client = asyncio.run(scenario())
    assert [answer.status for answer in client.answers] == [500]
    assert client.done
    assert client.log[0][0] == "error"
    assert client.log[0][1].startswith("<GET /> failed\nTraceback")


async def test_a_handler_that_fails_after_start_drops_the_connection() -> None:
    def handle(exchange: Exchange) -> None:
        exchange.start(200, b"")
        raise LookupError

    client = Client(handle)
    await client.send(GET)
    assert client.transport.aborted


async def test_a_handler_that_fails_after_its_answer_changes_nothing() -> None:
    def handle(exchange: Exchange) -> None:
        exchange.send(200, b"", b"")
        raise LookupError

    client = Client(handle)
    await client.send(GET + GET)
    assert [answer.status for answer in client.answers] == [200, 200]
    assert len(client.log) == 2


async def test_the_last_answer_has_connection_close() -> None:
    client = Client(summary)
    await client.send(GET)
    client.connection.drain()
    await client.send(GET)
    assert [answer.headers["connection"] for answer in client.answers] == ["keep-alive", "close"]
    assert client.done


async def test_the_last_answer_follows_all_pipelined_requests() -> None:
    keeper = Keeper()
    client = Client(keeper)
    await client.send(GET + GET)
    client.connection.drain()
    keeper.last.send(200, b"", b"")
    await turn()
    keeper.last.send(200, b"", b"")
    assert [answer.headers["connection"] for answer in client.answers] == ["keep-alive", "close"]


async def test_a_served_exchange_leaves_no_reference_cycle() -> None:
    client = Client(summary)
    gc.collect()
    gc.disable()
    try:
        before = held()
        await client.send(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nx" + GET)
        assert (len(client.answers), held()) == (2, before)
    finally:
        gc.enable()


def held() -> int:
    return sum(isinstance(thing, Exchange | Body) for thing in gc.get_objects())


HEADS = [
    # a bad HEAD request and the part that is rejected
    (b"HEAD / HTTP/1.1\r\n\r\n", 400),
    (b"\r\nHEAD / HTTP/1.1\r\nHost : a\r\n\r\n", 400),
    (b"HEAD / HTTP/1.1\r\nHost: a\r\nContent-Length: 999999999999\r\n\r\n", 413),
    (b"HEAD /" + b"a" * 20_000, 414),
    (b"HEAD / HTTP/3.0\r\nHost: a\r\n\r\n", 505),
    (b"HEAD / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", 501),
]


@pytest.mark.parametrize(("data", "status"), HEADS)
@pytest.mark.parametrize("late", [False, True])
async def test_a_refused_head_request_gets_no_content(data: bytes, status: int, late: bool) -> None:
    """For every malformed part, with a page at once or later (RFC 9110 section 9.3.2)."""

    async def page(error: HttpError, peer: tuple[str, int]) -> Refusal:
        return default_refusal(error, peer)

    client = Client(summary)
    if late:
        client.shared.refuse = page
    await client.send(data)
    await turn()
    assert client.output.startswith(b"HTTP/1.1 %d " % status)
    assert b"Content-Length: " in client.output
    assert client.output.endswith(b"\r\n\r\n")


async def test_a_head_request_that_times_out_gets_no_content() -> None:
    client = Client(summary)
    await client.send(b"HEAD / HTTP/1.1\r\nHost: a\r\n")
    client.connection.refuse(HttpError(408, "late"), client.connection.input.buffer)
    assert client.output.startswith(b"HTTP/1.1 408 ")
    assert client.output.endswith(b"\r\n\r\n")


@pytest.mark.parametrize("method", ["BAN", "ANNOUNCE", "FLUSH", "QUERY", "G-T", "ban"])
async def test_a_method_of_a_route_is_served(method: str) -> None:
    """Also with a body and pipelined."""
    client = Client(summary, methods={method})
    head = b"%b /x HTTP/1.1\r\nHost: a\r\n" % method.encode()
    await client.send(head + b"\r\n" + head + b"Content-Length: 2\r\n\r\nhi" + GET)
    await client.send(head + b"Transfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n")
    await client.send(head + b"Connection: close\r\n\r\n")
    bodies = [answer.body.decode() for answer in client.answers]
    one, two = f"{method} /x 1.1 a b''", f"{method} /x 1.1 a b'hi'"
    assert bodies == [one, two, "GET / 1.1 a b''", two, one]
    assert client.done
