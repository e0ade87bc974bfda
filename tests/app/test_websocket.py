"""`app.router.ws` over real sockets, with Tornado's client and with bare frames."""

import asyncio
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tornado.httpclient import HTTPRequest
from tornado.websocket import websocket_connect

from eggd.app.routing.websocket import as_handler
from eggd.errors import RouteError
from eggd.wire.websocket import Op, frame, unmasked
from tests.app.serving import Client, served

KEY = "dGhlIHNhbXBsZSBub25jZQ=="
UPGRADE = {
    "Upgrade": "websocket",
    "Connection": "keep-alive, Upgrade",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": KEY,
}

FILES = {
    "config/config_default.py": 'keys = "k"\n',
    "app/router.py": """
from eggd import WebSocketClosedError

async def echo(ctx, socket):
    async for message in socket:
        await socket.send(message)
    ctx.app.locals["ended"] = socket.close_code

async def fail(ctx, socket):
    await socket.send(ctx.params["id"])
    raise RuntimeError("oops")

async def short(ctx, socket):
    await socket.send("bye")

async def feed(ctx, socket):
    try:
        while True:
            await socket.send("x" * 1000)
    except WebSocketClosedError:
        ctx.app.locals["ended"] = "feed"
        raise

async def login(ctx, next):
    if not ctx.get("x-user"):
        ctx.throw(401)
    await next()

def router(app):
    app.router.ws("/echo", echo, max_message=1000, protocols=["b", "a"])
    app.router.ws("/fail/:id", fail)
    app.router.ws("/short", short)
    app.router.ws("/feed", feed)
    app.router.ws("/open", short, origins=["https://friend.example"])
    app.router.ws("chat", "/private", login, short)
    app.router.get("/ended", lambda ctx: str(app.locals.pop("ended", "")))
""",
}


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    with served(tmp_path_factory.mktemp("ws") / "shop", FILES) as client:
        yield client


def speak(client: Client, path: str, *messages: str | bytes, **headers: str) -> list[Any]:
    """Returns the answers to `messages`, then what follows, then the close code."""

    async def main() -> list[Any]:
        url = f"ws://127.0.0.1:{client.port}{path}"
        socket = await websocket_connect(HTTPRequest(url, headers=headers))
        answers: list[Any] = []
        for message in messages:
            await socket.write_message(message, binary=isinstance(message, bytes))
            answers.append(await socket.read_message())
        if messages:
            socket.close(1000)
        while (more := await socket.read_message()) is not None:
            answers.append(more)
        return [*answers, socket.close_code]

    return asyncio.run(main())


def raw(client: Client, *frames: bytes, then: bytes = b"") -> bytes:
    """Returns all that the server sends in answer to these frames until it closes.

    `then` is sent once something came back.
    """
    lines = "".join(f"{name}: {value}\r\n" for name, value in UPGRADE.items())
    with socket.create_connection(("127.0.0.1", client.port), 10) as to:
        to.sendall(f"GET /echo HTTP/1.1\r\nHost: a\r\n{lines}\r\n".encode() + b"".join(frames))
        data = b""
        while then and len(data.partition(b"\r\n\r\n")[2]) < 6:
            data += to.recv(65536)
        to.sendall(then)
        while more := to.recv(65536):
            data += more
    return data.partition(b"\r\n\r\n")[2]


def masked(op: int, payload: bytes, *, final: bool = True) -> bytes:
    """Returns a frame as clients send it."""
    plain = frame(Op.TEXT, payload)
    head = bytes([op | (0x80 if final else 0), plain[1] | 0x80]) + plain[2 : len(plain)]
    cut = len(head) - len(payload)
    return head[:cut] + b"mask" + unmasked(b"mask", payload)


def test_messages_are_echoed(client: Client) -> None:
    assert speak(client, "/echo", "hé", b"\x00", "", "x" * 900) == [
        *("hé", b"\x00", "", "x" * 900),
        1000,
    ]
    assert client.get("/ended").text == "1000"


def test_a_handler_that_returns_closes(client: Client) -> None:
    assert speak(client, "/short") == ["bye", 1000]


def test_a_handler_that_fails_is_logged_and_closes_with_1011(client: Client) -> None:
    assert speak(client, "/fail/7") == ["7", 1011]


def test_a_protocol_is_chosen_in_the_order_of_the_app(client: Client) -> None:
    answer = client.get("/echo", **UPGRADE, **{"Sec-WebSocket-Protocol": "a, b"})
    assert (answer.status, answer.headers["sec-websocket-protocol"]) == (101, "b")
    assert answer.headers["sec-websocket-accept"] == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="


@pytest.mark.parametrize(
    ("path", "headers", "status"),
    [
        ("/echo", {"Upgrade": "", "Connection": ""}, 426),
        ("/echo", {"Sec-WebSocket-Version": "8"}, 426),
        ("/echo", {"Sec-WebSocket-Key": "short"}, 400),
        ("/echo", {"Sec-WebSocket-Key": "!!"}, 400),
        ("/echo", {"Content-Length": "2"}, 400),
        ("/echo", {"Upgrade": "websocket, foo"}, 101),
        ("/echo", {"Upgrade": "foo,WebSocket"}, 101),
        ("/echo", {"Upgrade": "websocketx"}, 426),
        ("/echo", {"Origin": "https://evil.example"}, 403),
        ("/open", {"Origin": "https://friend.example"}, 101),
        ("/open", {"Origin": "http://127.0.0.1"}, 403),
        ("/echo", {"Origin": "null"}, 403),
        ("/private", {}, 401),
        ("/private", {"X-User": "me"}, 101),
    ],
)
def test_pages_of_other_origins_are_rejected(
    client: Client, path: str, headers: dict[str, str], status: int
) -> None:
    answer = client.get(path, **{**UPGRADE, **headers})
    assert answer.status == status


def test_a_page_of_the_same_host_may_connect(client: Client) -> None:
    assert client.get("/short", **UPGRADE, Host="A.b", Origin="https://a.B").status == 101


CLOSE = masked(8, b"\x03\xe8")


@pytest.mark.parametrize(
    ("frames", "answer"),
    [
        ([masked(10, b""), masked(8, b"")], b"\x88\x02\x03\xe8"),
        ([frame(Op.TEXT, b"unmasked")], 1002),
        ([masked(0, b"part of nothing")], 1002),
        ([masked(1, b"a", final=False), masked(1, b"b")], 1002),
        ([masked(3, b"")], 1002),
        ([masked(0x41, b"")], 1002),
        ([masked(9, b"", final=False)], 1002),
        ([masked(8, b"x")], 1002),
        ([masked(8, b"\x03\xed")], 1002),
        ([masked(1, b"\xff")], 1007),
        ([masked(2, b"x" * 1001)], 1009),
        ([masked(2, b"x" * 600, final=False), masked(0, b"x" * 600)], 1009),
        ([b"\x82\xff" + b"\xff" * 8], 1009),
        ([b"\x82\xfe\x00\x7d"], 1002),
        ([b"\x82\xff" + (65535).to_bytes(8)], 1002),
        ([b"\x82\xff" + bytes(8)], 1002),
    ],
)
def test_frames(client: Client, frames: list[bytes], answer: bytes | int) -> None:
    said = raw(client, *frames)
    if isinstance(answer, int):
        assert (said[0], said[2:4]) == (0x88, answer.to_bytes(2))
    else:
        assert said == answer


def test_a_control_frame_may_stand_inside_a_message(client: Client) -> None:
    parts = [masked(1, b"a", final=False), masked(9, b""), masked(0, b"b")]
    said = raw(client, *parts, then=CLOSE)
    assert said == b"\x8a\x00" + frame(Op.TEXT, b"ab") + b"\x88\x02\x03\xe8"


def test_a_disconnect_ends_a_handler_that_only_sends(client: Client) -> None:
    async def main() -> None:
        socket = await websocket_connect(f"ws://127.0.0.1:{client.port}/feed")
        assert await socket.read_message() == "x" * 1000
        assert socket.protocol is not None
        assert socket.protocol.stream is not None
        socket.protocol.stream.close()
        socket.protocol = None  # type: ignore[assignment]  # nothing is left to close

    asyncio.run(main())
    # An earlier test's handler may end meanwhile; this one's word comes, or the asking ends.
    assert any(client.get("/ended").text == "feed" for _ in range(20_000))


@pytest.mark.parametrize("talk", [None, 5, lambda ctx, socket: None])
def test_a_handler_must_be_async(talk: object) -> None:
    with pytest.raises(
        RouteError, match=r"an async function, not (None|5|the function .*<lambda>) "
    ):
        as_handler(talk, [], [], 1)


def test_a_worker_that_stops_closes_with_1001(tmp_path: Path) -> None:
    connected, codes = threading.Event(), []

    async def talk(port: int) -> None:
        socket = await websocket_connect(f"ws://127.0.0.1:{port}/echo")
        await socket.write_message("hello")
        assert await socket.read_message() == "hello"
        connected.set()
        assert await socket.read_message() is None
        codes.append(socket.close_code)

    with served(tmp_path / "shop", FILES) as client:
        thread = threading.Thread(target=lambda: asyncio.run(talk(client.port)))
        thread.start()
        assert connected.wait(10)
    thread.join(10)
    assert codes == [1001]
