"""Answers: whole and streamed, to GET and HEAD, to HTTP/1.1 and 1.0, and whether they close."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from eggd.http.exchange import Exchange
from tests.http.fake import Client, read_answers, turn

GET = b"GET /p?q=1 HTTP/1.1\r\nHost: a\r\n\r\n"
HEAD = GET.replace(b"GET", b"HEAD")
OLD = b"GET / HTTP/1.0\r\n\r\n"
TYPE = b"Content-Type: text/plain\r\n"


class Keeper:
    """A handler that keeps its exchanges for the test to answer."""

    def __init__(self) -> None:
        self.exchanges: list[Exchange] = []

    def __call__(self, exchange: Exchange) -> None:
        self.exchanges.append(exchange)

    @property
    def last(self) -> Exchange:
        return self.exchanges[-1]


async def kept(data: bytes) -> tuple[Client, Exchange]:
    keeper = Keeper()
    client = Client(keeper)
    await client.send(data)
    return client, keeper.last


async def test_the_attributes_of_an_exchange() -> None:
    _, exchange = await kept(GET)
    assert (exchange.method, exchange.path, exchange.query) == ("GET", b"/p", b"q=1")
    assert (exchange.target, exchange.version, exchange.scheme) == (b"/p?q=1", "1.1", "http")
    assert exchange.peer == ("192.0.2.1", 999)
    assert exchange.headers.get("host") == "a"
    assert (exchange.body.present, exchange.body.complete) == (False, True)
    assert repr(exchange) == "<GET /p?q=1>"


async def test_send_is_one_write() -> None:
    client, exchange = await kept(GET)
    exchange.send(200, TYPE, b"hi")
    assert len(client.transport.written) == 1
    answer = client.answers[0]
    assert (answer.status, answer.body) == (200, b"hi")
    assert list(answer.headers) == [
        *("content-type", "date", "connection", "keep-alive", "content-length"),
    ]
    assert (exchange.started, exchange.finished) == (True, True)


async def test_a_large_body_is_not_copied() -> None:
    client, exchange = await kept(GET)
    body = bytes(100_000)
    exchange.send(200, b"", body)
    assert client.transport.written[1] is body
    assert client.answers[0].body == body


@pytest.mark.parametrize(
    ("request_", "status", "length", "body"),
    [
        (HEAD, 200, "2", b""),
        (GET, 204, None, b""),
        (GET, 304, None, b""),
        (HEAD, 304, None, b""),
        (GET, 299, "2", b"hi"),
        (GET, 404, "2", b"hi"),
    ],
)
async def test_which_answers_have_content(
    request_: bytes, status: int, length: str | None, body: bytes
) -> None:
    client, exchange = await kept(request_)
    exchange.send(status, TYPE, b"hi")
    head, _, content = client.output.partition(b"\r\n\r\n")
    answer = read_answers(head + b"\r\n\r\n")[0]
    assert (answer.status, answer.headers.get("content-length")) == (status, length)
    assert content == body


@pytest.mark.parametrize(
    ("request_", "head", "content"),
    [
        (GET, b"Transfer-Encoding: chunked", b"3\r\nabc\r\n4\r\ndefg\r\n0\r\n\r\n"),
        (HEAD, b"Keep-Alive: timeout=5", b""),
        (OLD, b"Connection: close", b"abcdefg"),
    ],
)
async def test_streaming(request_: bytes, head: bytes, content: bytes) -> None:
    client, exchange = await kept(request_)
    exchange.start(200, TYPE)
    await exchange.write(b"abc")
    await exchange.write(b"")
    await exchange.write(b"defg")
    exchange.finish()
    first, _, rest = client.output.partition(b"\r\n\r\n")
    assert head in first
    assert rest == content
    assert client.done == (request_ is OLD)


@pytest.mark.parametrize("status", [204, 304])
async def test_streaming_an_answer_without_content(status: int) -> None:
    client, exchange = await kept(GET)
    exchange.start(status, b"")
    await exchange.write(b"x")
    exchange.finish()
    assert client.output.endswith(b"timeout=5\r\n\r\n")
    assert b"Transfer-Encoding" not in client.output


async def test_streaming_a_known_length() -> None:
    client, exchange = await kept(GET)
    exchange.start(200, b"", length=3)
    await exchange.write(b"ab")
    with pytest.raises(ValueError, match="<GET /p\\?q=1>: 1 bytes above the length"):
        await exchange.write(b"cd")
    await exchange.write(b"c")
    exchange.finish()
    assert client.answers[0].body == b"abc"


async def test_too_little_content_drops_the_connection() -> None:
    client, exchange = await kept(GET)
    exchange.start(200, b"", length=3)
    await exchange.write(b"ab")
    exchange.finish()
    assert client.transport.aborted


MISUSE: list[Callable[[Exchange], object]] = [
    lambda exchange: exchange.send(200, b"", b""),
    lambda exchange: exchange.start(200, b""),
    lambda exchange: exchange.finish(),
]


@pytest.mark.parametrize("misuse", MISUSE)
async def test_a_second_answer_raises(misuse: Callable[[Exchange], object]) -> None:
    _, exchange = await kept(GET)
    exchange.send(200, b"", b"")
    with pytest.raises(RuntimeError):
        misuse(exchange)
    with pytest.raises(RuntimeError):
        await exchange.write(b"x")


async def test_a_status_below_200_is_rejected_before_anything_is_sent() -> None:
    client, exchange = await kept(GET)
    with pytest.raises(ValueError, match="101 is not a final HTTP status"):
        exchange.send(101, b"", b"")
    exchange.send(500, b"", b"")
    assert [answer.status for answer in client.answers] == [500]


async def test_a_slow_client_pauses_the_writer() -> None:
    client, exchange = await kept(GET)
    exchange.start(200, b"")
    client.connection.pause_writing()
    writing = asyncio.ensure_future(exchange.write(b"x"))
    await turn()
    assert not writing.done()
    client.connection.resume_writing()
    await writing


async def test_an_abort_is_visible_and_raises_no_exception() -> None:
    client, exchange = await kept(GET)
    calls: list[str] = []
    exchange.on_abort(lambda: calls.append("first"))
    exchange.on_abort(lambda: calls.append("second"))
    exchange.start(200, b"")
    client.connection.pause_writing()
    writing = asyncio.ensure_future(exchange.write(b"x"))
    await turn()
    client.transport.abort()
    await writing
    await exchange.write(b"more")
    exchange.finish()
    assert (calls, exchange.aborted) == (["first", "second"], True)
    exchange.on_abort(lambda: calls.append("late"))
    assert calls[-1] == "late"


async def test_no_abort_after_the_answer() -> None:
    client, exchange = await kept(GET)
    calls: list[str] = []
    exchange.on_abort(lambda: calls.append("no"))
    exchange.send(200, b"", b"")
    client.transport.abort()
    assert (calls, exchange.aborted) == ([], False)


async def test_an_exception_of_a_callback_is_logged() -> None:
    client, exchange = await kept(GET)
    calls: list[str] = []
    exchange.on_abort(lambda: calls.append(calls[0]))
    exchange.on_abort(lambda: calls.append("second"))
    client.transport.abort()
    assert calls == ["second"]
    assert "IndexError" in client.log[0][1]
