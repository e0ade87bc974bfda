"""The adapters of ASGI and Tornado with clients and applications that misbehave."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from tornado import iostream, web

from eggd.errors import HttpError
from eggd.http import Exchange, HttpConfig
from eggd.http.guests import asgi, tornado
from eggd.http.guests.guest import GuestRequest, Reply
from tests.http.fake import Client, read_answers, turn

GET = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"
POST = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n"
HEAD: dict[str, Any] = {"type": "http.response.start", "status": 200, "headers": []}

Serve = Callable[[GuestRequest], Awaitable[int]]


def client(serve: Serve, ended: list[object], config: HttpConfig | None = None) -> Client:
    """Returns a connection to a guest; the result or the exception of `serve` goes to `ended`."""

    async def one(exchange: Exchange) -> None:
        request = GuestRequest(
            exchange=exchange, prefix="", path=exchange.path, scheme="http", client=exchange.peer
        )
        try:
            ended.append(await serve(request))
        except Exception as exc:
            ended.append(exc)
            exchange.disconnect()

    tasks: list[asyncio.Task[None]] = []
    return Client(lambda exchange: tasks.append(asyncio.ensure_future(one(exchange))), config)


def ask(serve: Serve, data: bytes, *, leave: bool = False) -> tuple[bytes, list[object]]:
    """Returns the answers, and the result or the exception of `serve`."""

    async def main() -> tuple[bytes, list[object]]:
        ended: list[object] = []
        it = client(serve, ended)
        await it.send(data)
        if leave:
            it.transport.close()
        for _ in range(20):
            await turn()
        return it.output, ended

    return asyncio.run(main())


def of_asgi(app: Any) -> Serve:
    return lambda request: asgi.serve(app, request, {})


def of_tornado(*handlers: type[web.RequestHandler]) -> Serve:
    rules: list[Any] = [(f"/{'' if n == 0 else n}", each) for n, each in enumerate(handlers)]
    app = web.Application(rules, log_function=lambda handler: None)
    return lambda request: tornado.serve(app, request)


async def silent(scope: Any, receive: Any, send: Any) -> None:
    """Answers nothing."""


async def half(scope: Any, receive: Any, send: Any) -> None:
    await send(HEAD)
    await send({"type": "http.response.body", "body": b"a", "more_body": True})


async def injecting(scope: Any, receive: Any, send: Any) -> None:
    await send({**HEAD, "headers": [(b"x", b"a\r\nSet-Cookie: b")]})


async def backwards(scope: Any, receive: Any, send: Any) -> None:
    await send({"type": "http.response.body", "body": b""})


async def informal(scope: Any, receive: Any, send: Any) -> None:
    await send({**HEAD, "status": 103})


@pytest.mark.parametrize(
    ("app", "expected"),
    [
        (silent, "returned without an answer"),
        (half, "returned without an answer"),
        (injecting, "bad header field"),
        (backwards, "unexpected ASGI message 'http.response.body'"),
        (informal, "103 is not a final HTTP status"),
    ],
)
def test_an_asgi_application_that_breaks_the_protocol_is_an_error(app: Any, expected: str) -> None:
    output, ended = ask(of_asgi(app), GET)
    assert expected in str(ended[0])
    assert b"Set-Cookie" not in output


def test_an_asgi_application_is_notified_of_a_disconnect() -> None:
    events: list[object] = []

    async def waiting(scope: Any, receive: Any, send: Any) -> None:
        events.append((await receive())["type"])
        events.append((await receive())["type"])
        await send(HEAD)

    assert ask(of_asgi(waiting), GET, leave=True)[1] == [0]
    assert events == ["http.request", "http.disconnect"]


CUTS = {
    "reset": lambda it: it.transport.close(),
    "FIN": lambda it: it.end(),
    "bad chunk": lambda it: it.connection.data_received(b"zz\r\n"),
}


def messages_of(
    cut: Callable[[Client], object], *, cancel: bool, length: bool
) -> list[tuple[Any, ...]]:
    """Returns the messages of `receive` for a truncated body; the first wait is cancelled."""
    events: list[tuple[Any, ...]] = []

    async def main() -> None:
        async def reading(scope: Any, receive: Any, send: Any) -> None:
            for _ in range(5):
                if cancel and len(events) == 1:
                    waiting = asyncio.ensure_future(receive())
                    await turn()
                    waiting.cancel()
                    await asyncio.wait([waiting])
                message = await receive()
                events.append((message["type"], message.get("body"), message.get("more_body")))

        it = client(of_asgi(reading), [])
        framing = b"Content-Length: 9" if length else b"Transfer-Encoding: chunked"
        head = b"POST / HTTP/1.1\r\nHost: a\r\n%b\r\n\r\n" % framing
        await it.send(head + (b"ab" if length else b"2\r\nab\r\n"))
        for _ in range(10):
            await turn()
        cut(it)
        for _ in range(10):
            await turn()
        if not it.transport.closed:
            it.transport.close()
        await turn()

    asyncio.run(main())
    return events


@pytest.mark.parametrize("cancel", [False, True], ids=["", "cancelled wait"])
@pytest.mark.parametrize("cut", ["reset", "FIN", "bad chunk"])
def test_a_truncated_body_never_looks_complete(cut: str, cancel: bool) -> None:
    events = messages_of(CUTS[cut], cancel=cancel, length=cut != "bad chunk")
    assert events == [("http.request", b"ab", True)] + [("http.disconnect", None, None)] * 4


def test_a_cancelled_read_of_a_body_does_not_make_it_look_complete() -> None:
    parts: list[bytes] = []

    async def main() -> None:
        async def read(exchange: Exchange) -> None:
            with pytest.raises(HttpError, match="the client disconnected"):
                await each(exchange)

        async def each(exchange: Exchange) -> None:
            body = aiter(exchange.body)
            parts.append(await anext(body))
            waiting = asyncio.ensure_future(anext(body))
            await turn()
            waiting.cancel()
            await asyncio.wait([waiting])
            parts.extend([part async for part in body])

        tasks: list[asyncio.Task[None]] = []
        it = Client(lambda exchange: tasks.append(asyncio.ensure_future(read(exchange))))
        await it.send(POST + b"ab")
        for _ in range(5):
            await turn()
        it.transport.close()
        await tasks[0]

    asyncio.run(main())
    assert parts == [b"ab"]


def test_an_asgi_application_is_notified_of_a_fin_and_its_answer_is_still_sent() -> None:
    events: list[str] = []

    async def main() -> bytes:
        async def app(scope: Any, receive: Any, send: Any) -> None:
            events.extend([(await receive())["type"] for _ in range(3)])
            await send(HEAD)
            await send({"type": "http.response.body", "body": b"late"})

        it = client(of_asgi(app), [])
        await it.send(POST + b"abcde")
        it.end()
        for _ in range(10):
            await turn()
        return it.output

    assert asyncio.run(main()).endswith(b"late")
    assert events == ["http.request", "http.disconnect", "http.disconnect"]


def test_an_asgi_application_may_return_without_an_answer_after_a_disconnect() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        await receive()

    async def main() -> tuple[list[object], bool]:
        ended: list[object] = []
        it = client(of_asgi(app), ended)
        await it.send(GET)
        it.end()
        for _ in range(10):
            await turn()
        return ended, it.transport.closed

    assert asyncio.run(main()) == ([0], True)


def test_a_receive_that_waits_for_the_body_ends_with_the_answer() -> None:
    events: list[str] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        waiting = asyncio.ensure_future(receive())
        await turn()
        await send(HEAD)
        await send({"type": "http.response.body", "body": b"early"})
        events.append((await waiting)["type"])

    output, ended = ask(of_asgi(app), POST)
    assert (output.endswith(b"early"), events, ended) == (True, ["http.disconnect"], [200])


@pytest.mark.parametrize("value", ["close", "Close", "x, close"])
@pytest.mark.parametrize("kind", ["asgi", "asgi stream", "tornado"])
def test_a_guest_may_close_the_connection(kind: str, value: str) -> None:
    """With `Connection: close` (RFC 9112 section 9.6)."""

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send({**HEAD, "headers": [(b"Connection", value.encode())]})
        if kind == "asgi stream":
            await send({"type": "http.response.body", "body": b"b", "more_body": True})
        await send({"type": "http.response.body", "body": b"bye"})

    class Bye(web.RequestHandler):
        def get(self) -> None:
            self.set_header("Connection", value)
            self.write("bye")

    output, ended = ask(of_tornado(Bye) if kind == "tornado" else of_asgi(app), GET + GET)
    assert output.count(b"HTTP/1.1 200 OK\r\n") == len(ended) == 1
    assert output.count(b"Connection: close\r\n") == 1


def streaming(events: list[str]) -> Serve:
    class Streaming(web.RequestHandler):
        async def prepare(self) -> None:
            events.append("prepare")
            await asyncio.sleep(0)

        def data_received(self, chunk: bytes) -> None:
            events.append(chunk.decode())

        def get(self) -> None:
            events.append("get")

        async def post(self) -> None:
            events.append("post")
            await turn()
            self.write("done")

        def on_connection_close(self) -> None:
            events.append("close")
            super().on_connection_close()

    return of_tornado(web.stream_request_body(Streaming))


@pytest.mark.parametrize("turns", range(6))
def test_a_streaming_handler_is_notified_of_a_reset_and_nothing_is_logged(turns: int) -> None:
    events: list[str] = []

    async def main() -> list[object]:
        ended: list[object] = []
        it = client(streaming(events), ended)
        it.connection.data_received(GET)
        for _ in range(turns):
            await asyncio.sleep(0)
        it.transport.close()
        for _ in range(10):
            await turn()
        return ended

    ended = asyncio.run(main())
    assert len(ended) == 1
    assert not isinstance(ended[0], Exception)
    assert sorted(events) in (["close", "prepare"], ["get", "prepare"], ["close", "get", "prepare"])


@pytest.mark.parametrize(
    ("data", "expected", "status"),
    [
        (POST + b"abcde", ["prepare", "abcde", "post", "close"], 200),
        (POST + b"ab", ["prepare", "ab", "close"], 0),
    ],
    ids=["whole", "cut"],
)
def test_a_streaming_handler_is_notified_of_a_fin_once_it_has_the_body(
    data: bytes, expected: list[str], status: int
) -> None:
    events: list[str] = []

    async def main() -> tuple[bytes, list[object]]:
        ended: list[object] = []
        it = client(streaming(events), ended)
        it.connection.data_received(data)
        it.end()
        for _ in range(20):
            await turn()
        return it.output, ended

    output, ended = asyncio.run(main())
    assert events == expected
    if status:
        assert (read_answers(output)[0].body, ended) == (b"done", [200])
    else:
        assert isinstance(ended[0], HttpError)


def test_a_body_above_the_limit_is_a_client_error() -> None:
    async def reading(scope: Any, receive: Any, send: Any) -> None:
        while (await receive())["type"] == "http.request":
            pass
        await send({**HEAD, "status": 500})

    broken = b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"
    error = ask(of_asgi(reading), broken)[1][0]
    assert isinstance(error, HttpError)
    assert error.status == 400


def test_an_answer_before_the_end_of_the_body_ends_the_call() -> None:
    async def early(scope: Any, receive: Any, send: Any) -> None:
        await send({**HEAD, "headers": [(b"Date", b"never"), (b"Content-Length", b"2")]})
        await send({"type": "http.response.body", "body": b"no"})

    output, ended = ask(of_asgi(early), POST)
    assert (read_answers(output)[0].body, ended) == (b"no", [200])
    assert b"never" not in output

    class Early(web.RequestHandler):
        def prepare(self) -> None:
            self.set_status(401)
            self.write("no")
            self._closing = self.finish()

        def post(self) -> None:
            raise AssertionError

    early_tornado = web.stream_request_body(Early)
    output, ended = ask(of_tornado(early_tornado), POST)
    assert (read_answers(output)[0].status, ended) == (401, [401])


def test_a_tornado_handler_is_notified_of_a_disconnect() -> None:
    events: list[str] = []

    class Gone(web.RequestHandler):
        async def get(self) -> None:
            try:
                while True:
                    self.write("a")
                    await self.flush()
                    await asyncio.sleep(0)
            except iostream.StreamClosedError:
                events.append("flush")

        def on_connection_close(self) -> None:
            events.append("close")

    assert ask(of_tornado(Gone), GET, leave=True)[1] == [200]
    assert sorted(events) == ["close", "flush"]


def test_a_tornado_application_sees_the_clients_address() -> None:
    class Address(web.RequestHandler):
        def get(self) -> None:
            request = self.request
            self.write(f"{request.remote_ip} {request.protocol} {request.version} {request.host}")

    body = read_answers(ask(of_tornado(Address), GET)[0])[0].body
    assert body == b"192.0.2.1 http HTTP/1.1 a"


def test_a_slow_client_pauses_a_streaming_guest() -> None:
    sent: list[int] = []

    async def main() -> list[object]:
        ended: list[object] = []

        async def many(scope: Any, receive: Any, send: Any) -> None:
            await send(HEAD)
            it.connection.pause_writing()
            for n in range(10):
                await send({"type": "http.response.body", "body": b"a", "more_body": True})
                sent.append(n)
            await send({"type": "http.response.body"})

        it = client(of_asgi(many), ended)
        await it.send(GET)
        await turn()
        assert sent == []
        it.connection.resume_writing()
        await turn()
        return ended

    assert asyncio.run(main()) == [200]
    assert len(sent) == 10


@pytest.mark.parametrize("fields", [[(b"Content-Length", b"x")], [(b"a b", b"c")]])
def test_a_malformed_field_is_not_sent(fields: list[tuple[bytes, bytes]]) -> None:
    events: list[str] = []

    async def main() -> None:
        def handle(exchange: Exchange) -> None:
            request = GuestRequest(
                exchange=exchange, prefix="", path=b"/", scheme="http", client=("", 0)
            )
            with pytest.raises(ValueError, match="bad") as caught:
                Reply(request).head(200, fields)
            events.append(str(caught.value))
            exchange.send(200, b"", b"")

        await Client(handle).send(GET)

    asyncio.run(main())
    assert len(events) == 1
