"""Bodies: read whole or in pieces, too large, truncated, too slow, or not read at all."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine

import pytest

from eggd.errors import HttpError
from eggd.http.config import HttpConfig
from eggd.http.exchange import Exchange
from tests.http.fake import Client, turn
from tests.http.test_exchange import Keeper

SMALL = HttpConfig(body_limit=1000, read_buffer=100)
GET = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"


def post(length: int, more: bytes = b"") -> bytes:
    return b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n%b\r\n" % (length, more)


CHUNKED = b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
EXPECT = b"Expect: 100-Continue\r\n"


async def opened(data: bytes, config: HttpConfig = SMALL) -> tuple[Client, Exchange]:
    keeper = Keeper()
    client = Client(keeper, config)
    await client.send(data)
    return client, keeper.last


async def started(coroutine: Coroutine[None, None, bytes]) -> asyncio.Task[bytes]:
    task = asyncio.ensure_future(coroutine)
    await turn()
    return task


async def status_of(task: asyncio.Task[bytes]) -> int:
    with pytest.raises(HttpError) as caught:
        await task
    return caught.value.status


LARGE = HttpConfig(body_limit=20_000_000)


async def test_a_body_that_arrives_with_its_head_is_complete_at_once() -> None:
    _, exchange = await opened(post(5) + b"hello")
    assert (exchange.body.present, exchange.body.complete) == (True, True)
    assert exchange.body.data == b"hello"
    assert await exchange.body.read() == b"hello"
    assert await exchange.body.read() == b"hello"


@pytest.mark.parametrize(
    ("data", "content"),
    [
        (post(5) + b"hello", b"hello"),
        (post(5) + b"hello" + GET, b"hello"),
        (post(5) + b"hell", None),
        (post(0), None),
        (GET, None),
        (CHUNKED + b"5\r\nhello\r\n0\r\n\r\n", None),
    ],
)
async def test_content_that_arrives_with_its_head(data: bytes, content: bytes | None) -> None:
    _, exchange = await opened(data)
    assert exchange.content == content
    assert exchange.has_body is (data not in (post(0), GET))


async def test_read_waits_for_the_rest() -> None:
    client, exchange = await opened(post(5) + b"he")
    task = await started(exchange.body.read())
    await client.send(b"llo")
    assert await task == b"hello"


async def test_iteration_yields_pieces_as_they_arrive() -> None:
    client, exchange = await opened(CHUNKED + b"2\r\nhe\r\n")
    pieces = aiter(exchange.body)
    assert await anext(pieces) == b"he"
    await client.send(b"3\r\nllo\r\n0\r\n\r\n")
    assert [piece async for piece in pieces] == [b"llo"]


async def test_reading_pauses_while_a_body_has_no_reader() -> None:
    client, exchange = await opened(post(500) + bytes(101))
    assert client.transport.reading_paused
    pieces = aiter(exchange.body)
    assert len(await anext(pieces)) == 101
    rest = asyncio.ensure_future(anext(pieces))
    await turn()
    assert not client.transport.reading_paused
    await client.send(b"x")
    assert await rest == b"x"


async def test_read_resumes_reading() -> None:
    client, exchange = await opened(post(500) + bytes(101))
    task = await started(exchange.body.read())
    await client.send(bytes(300))
    await client.send(bytes(99))
    assert len(await task) == 500


async def test_a_long_body_is_gathered_while_it_arrives() -> None:
    """Its reader gets it whole, also after one that has stopped waiting."""
    content = bytes(range(256)) * 10_000
    client, exchange = await opened(post(len(content)), LARGE)
    task = await started(exchange.body.read())
    await client.send(content[:1_500_000], 60_000)
    task.cancel()
    await asyncio.wait([task])
    task = await started(exchange.body.read())
    await client.send(content[1_500_000:], 60_000)
    assert await task == content
    assert exchange.body.data == content


async def test_pieces_of_a_long_body_after_a_reader_that_stopped_waiting() -> None:
    client, exchange = await opened(post(3_000_000), LARGE)
    task = await started(exchange.body.read())
    await client.send(bytes(2_000_000), 60_000)
    task.cancel()
    await asyncio.wait([task])
    assert len(await exchange.body.piece()) == 2_000_000
    rest = await started(exchange.body.piece())
    await client.send(b"x" * 1_000_000)
    assert (await rest, await exchange.body.piece()) == (b"x" * 1_000_000, b"")


@pytest.mark.parametrize("kind", ["read", "discarded"])
async def test_a_full_read_ends_the_turn_of_a_connection(kind: str) -> None:
    """Else uvloop reads again, up to 32 times, before other connections get a turn."""
    client, exchange = await opened(post(10_000_000), LARGE)
    if kind == "read":
        task = await started(exchange.body.read())
    else:
        exchange.send(200, b"", b"")
        task = None
    for size, is_paused in ((100_000, False), (250_000, True)):
        client.connection.data_received(bytes(size))
        assert client.transport.reading_paused is is_paused
        await turn()
        assert not client.transport.reading_paused
    if task is not None:
        task.cancel()


@pytest.mark.parametrize("data", [post(11) + b"x", CHUNKED + b"b\r\nhello world\r\n"])
async def test_a_reader_may_set_a_lower_limit(data: bytes) -> None:
    client, exchange = await opened(data)
    with pytest.raises(HttpError, match="body of more than 10 bytes"):
        await exchange.body.read(10)
    exchange.send(413, b"", b"")
    assert client.answers[0].status == 413


async def test_the_limit_of_the_server_applies_to_chunks() -> None:
    client, exchange = await opened(CHUNKED)
    task = await started(exchange.body.read())
    await client.send(b"3e9\r\n" + bytes(1001) + b"\r\n0\r\n\r\n" + GET)
    assert await status_of(task) == 413
    exchange.send(413, b"", b"")
    assert client.answers[0].headers["connection"] == "close"
    assert client.done


async def test_a_length_above_the_limit_never_reaches_the_handler() -> None:
    keeper = Keeper()
    client = Client(keeper, SMALL)
    await client.send(post(1001, EXPECT))
    assert (client.answers[0].status, keeper.exchanges) == (413, [])


async def test_a_second_reader_raises() -> None:
    _, exchange = await opened(post(5))
    first = await started(exchange.body.read())
    with pytest.raises(RuntimeError, match="two readers"):
        await exchange.body.read()
    first.cancel()


async def test_continue_is_sent_on_the_first_read_only() -> None:
    client, exchange = await opened(post(5, EXPECT))
    assert client.output == b""
    task = await started(exchange.body.read())
    assert client.output == b"HTTP/1.1 100 Continue\r\n\r\n"
    await client.send(b"he")
    await client.send(b"llo")
    assert await task == b"hello"
    exchange.send(200, b"", b"")
    assert client.output.count(b"100 Continue") == 1


@pytest.mark.parametrize(
    "data",
    [
        post(5, EXPECT) + b"h",
        post(5, EXPECT).replace(b"1.1", b"1.0"),
        post(5, b"Expect: other\r\n"),
    ],
)
async def test_continue_is_not_sent_without_a_reason(data: bytes) -> None:
    client, exchange = await opened(data)
    task = await started(exchange.body.read())
    assert client.output == b""
    task.cancel()


async def test_an_answer_before_continue_closes() -> None:
    client, exchange = await opened(post(5, EXPECT))
    exchange.send(401, b"", b"")
    assert client.answers[0].headers["connection"] == "close"
    assert client.done


@pytest.mark.parametrize(("length", "kept"), [(500, True), (70_000, False)])
async def test_a_small_unread_rest_is_discarded(length: int, kept: bool) -> None:
    client, exchange = await opened(post(length) + b"x", HttpConfig())
    exchange.send(200, b"", b"")
    assert client.answers[0].headers["connection"] == ("keep-alive" if kept else "close")
    await client.send(bytes(length - 1) + GET)
    assert client.shared.requests == (2 if kept else 1)
    assert client.done == (not kept)


async def test_a_client_that_disconnects_fails_the_reader() -> None:
    client, exchange = await opened(post(5))
    task = await started(exchange.body.read())
    client.transport.abort()
    assert await status_of(task) == 400
    assert exchange.aborted


async def test_a_client_that_half_closes_fails_the_reader_and_gets_an_answer() -> None:
    client, exchange = await opened(post(5))
    task = await started(exchange.body.read())
    client.end()
    assert await status_of(task) == 400
    exchange.send(400, b"", b"")
    assert client.answers[0].status == 400
    assert client.transport.closed


async def test_malformed_framing_fails_the_reader_and_the_connection() -> None:
    client, exchange = await opened(CHUNKED)
    task = await started(exchange.body.read())
    await client.send(b"zz\r\n")
    assert await status_of(task) == 400
    exchange.send(400, b"", b"")
    await client.send(GET)
    assert [answer.status for answer in client.answers] == [400]
