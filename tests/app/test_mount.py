"""Applications of other frameworks mounted under a prefix (core:RT-8, RT-17)."""

import asyncio
import http.client
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from tornado.httpclient import HTTPClientError
from tornado.websocket import websocket_connect

from eggd.app.application import Application
from eggd.app.routing.mount import Mounts
from eggd.errors import EggError, RouteError
from eggd.testing.make_app import make_app
from tests.app.loading import assembled, run, start
from tests.app.serving import Client, served
from tests.house.imports import ROOT

TORNADO = """
import asyncio
import tornado.web
import tornado.websocket

class Hello(tornado.web.RequestHandler):
    def get(self, name):
        self.write({"name": name, "path": self.request.path, "q": self.get_argument("q", "")})

    def head(self, name):
        self.set_header("Content-Length", 7)

    def post(self, name):
        self.set_status(201)
        self.write(self.request.body[::-1])

class Slow(tornado.web.RequestHandler):
    async def get(self):
        for part in "abc":
            self.write(part)
            await self.flush()
            await asyncio.sleep(0)

@tornado.web.stream_request_body
class Upload(tornado.web.RequestHandler):
    def prepare(self):
        self.size = 0

    def data_received(self, chunk):
        self.size += len(chunk)

    def put(self):
        self.write(str(self.size))

class Chat(tornado.websocket.WebSocketHandler):
    async def on_message(self, message):
        await self.write_message(message[::-1])

class Broken(tornado.web.RequestHandler):
    def get(self):
        raise RuntimeError("oops")

def create(static):
    return tornado.web.Application([
        (r"/hello/(.*)", Hello), (r"/slow", Slow), (r"/upload", Upload), (r"/broken", Broken),
        (r"/chat", Chat),
        (r"/files/(.*)", tornado.web.StaticFileHandler, {"path": static}),
    ], log_function=lambda handler: None)
"""

STARLETTE = """
import asyncio
from contextlib import asynccontextmanager
from pathlib import Path
from starlette.applications import Starlette
from starlette.background import BackgroundTask
from starlette.responses import JSONResponse, PlainTextResponse, StreamingResponse
from starlette.routing import Mount, Route, WebSocketRoute
from starlette.staticfiles import StaticFiles

async def where(request):
    return JSONResponse({
        "path": request.url.path, "q": request.query_params.get("q"), "life": request.state.life,
        "url": str(request.url_for("where")), "client": request.client.host,
    })

async def echo(request):
    return PlainTextResponse((await request.body())[::-1], 201, headers={"x-by": "starlette"})

async def parts(request):
    async def made():
        for part in ("a", "b", "c"):
            yield part
    return StreamingResponse(made())

async def later(request):
    async def work():
        for _ in range(1000):
            await asyncio.sleep(0)
        Path(__file__).with_name("work.txt").write_text("done")
    return PlainTextResponse("soon", background=BackgroundTask(work))

async def broken(request):
    raise RuntimeError("oops")

async def chat(socket):
    if socket.query_params.get("no"):
        await socket.close()
        return
    await socket.accept(subprotocol="b" if "b" in socket.scope["subprotocols"] else None)
    await socket.send_json({"url": str(socket.url), "life": socket.state.life})
    while True:
        text = await socket.receive_text()
        if text == "fail":
            raise RuntimeError("oops")
        if text == "end":
            break
        await socket.send_text(text[::-1])
    await socket.close(4000, "enough")

log = Path(__file__).parent / "life.txt"

@asynccontextmanager
async def lifespan(app):
    yield {"life": "on"}
    log.write_text("ended")

def create(static):
    return Starlette(lifespan=lifespan, routes=[
        Route("/", where, name="where"), Route("/echo", echo, methods=["POST"]),
        Route("/parts", parts), Route("/later", later), Route("/broken", broken),
        WebSocketRoute("/chat", chat),
        Mount("/files", StaticFiles(directory=static)),
    ])
"""

MIDDLEWARE = """
def stamp(options, app):
    async def middleware(ctx, next):
        if ctx.get("x-stop"):
            ctx.body = "stopped"
            return
        ctx.set("X-Stamp", "eggd")
        ctx.set("X-By", "eggd")
        await next()
        ctx.app.locals["seen"] = ctx.status
    return middleware
"""

FILES = {
    "config/config_default.py": 'keys = "a key of the tests"\nmiddleware = ["stamp"]\n',
    "app/middleware/stamp.py": MIDDLEWARE,
    "app/tornado_app.py": TORNADO,
    "app/starlette_app.py": STARLETTE,
    "app/router.py": """
import importlib.util

def load(app, name):
    file = app.base_dir / "app" / name
    spec = importlib.util.spec_from_file_location(file.stem, file)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.create(str(app.base_dir / "static"))

def router(app):
    app.router.get("/legacy/mine", lambda ctx: "eggd's")
    app.router.get("/seen", lambda ctx: str(app.locals["seen"]))
    app.router.mount("/legacy", load(app, "tornado_app.py"))
    app.router.mount("/new", load(app, "starlette_app.py"))
""",
    "static/a.txt": "0123456789",
}


@pytest.fixture
def client(tmp_path: Path) -> Any:
    with served(tmp_path / "shop", FILES) as client:
        yield client


def test_tornado_serves_paths_that_no_route_matches(client: Client) -> None:
    answer = client.get("/legacy/hello/you?q=1")
    assert (answer.status, answer.headers["x-stamp"]) == (200, "eggd")
    assert json.loads(answer.text) == {"name": "you", "path": "/hello/you", "q": "1"}
    assert client.get("/legacy/mine").text == "eggd's"
    assert client.get("/legacyfoo").text == "<h1>404 Not Found</h1>"


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "text"),
    [
        ("GET", "/legacy/slow", None, 200, "abc"),
        ("POST", "/legacy/hello/x", b"{broken json", 201, "nosj nekorb{"),
        ("PUT", "/legacy/upload", b"x" * 300_000, 200, "300000"),
        ("PUT", "/legacy/upload", iter([b"x" * 10, b"y"]), 200, "11"),
        ("GET", "/legacy/files/a.txt", None, 200, "0123456789"),
        ("GET", "/legacy/files/../config/config_default.py", None, 403, "Forbidden"),
        ("HEAD", "/legacy/hello/x", None, 200, ""),
        ("GET", "/legacy/broken", None, 500, "Internal Server Error"),
        ("PATCH", "/legacy/hello/x", None, 405, "Method Not Allowed"),
        ("GET", "/new/parts", None, 200, "abc"),
        ("POST", "/new/echo", b"{broken json", 201, "nosj nekorb{"),
        ("POST", "/new/echo", iter([b"x" * 10, b"y"]), 201, "yxxxxxxxxxx"),
        ("GET", "/new/files/a.txt", None, 200, "0123456789"),
        ("HEAD", "/new/files/a.txt", None, 200, ""),
        ("GET", "/new/none", None, 404, "Not Found"),
        ("GET", "/new/broken", None, 500, "Internal Server Error"),
    ],
)
def test_a_mounted_application_answers_as_on_its_own_server(
    client: Client, method: str, path: str, body: Any, status: int, text: str
) -> None:
    answer = client.ask(method, path, body, {"Content-Type": "application/json"})
    assert answer.status == status
    assert text in answer.text


def test_static_files_of_tornado_have_ranges_and_validators(client: Client) -> None:
    part = client.get("/legacy/files/a.txt", Range="bytes=2-4")
    assert (part.status, part.text, part.headers["content-range"]) == (206, "234", "bytes 2-4/10")
    unchanged = client.get("/legacy/files/a.txt", **{"If-None-Match": part.headers["etag"]})
    assert (unchanged.status, unchanged.body) == (304, b"")


def test_a_length_that_head_declares_is_kept(client: Client) -> None:
    assert client.ask("HEAD", "/legacy/hello/x").headers["content-length"] == "7"
    assert client.ask("HEAD", "/new/files/a.txt").headers["content-length"] == "10"


def test_an_asgi_application_gets_its_root_path(client: Client) -> None:
    answer = client.get("/new/?q=1", Host="shop.example")
    url = "http://shop.example/new/"
    expected = {"path": "/new/", "q": "1", "life": "on", "url": url, "client": "127.0.0.1"}
    assert json.loads(answer.text) == expected
    assert len(answer.headers.get_all("date") or []) == 1


def test_the_middleware_runs_around_a_mounted_application(client: Client) -> None:
    answer = client.ask("POST", "/new/echo", b"x")
    assert (answer.headers["x-stamp"], answer.headers["x-by"]) == ("eggd", "starlette")
    assert client.get("/seen").text == "201"
    assert client.get("/new/parts", **{"X-Stop": "1"}).text == "stopped"


def test_one_connection_serves_mounts_and_routes(client: Client) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", client.port, timeout=10)
    for path in ("/legacy/slow", "/new/parts", "/legacy/mine", "/legacy/broken", "/new/parts"):
        connection.request("GET", path)
        assert connection.getresponse().read()
    connection.close()


def test_a_mounted_tornado_application_serves_websockets(client: Client) -> None:
    async def main() -> None:
        socket = await websocket_connect(f"ws://127.0.0.1:{client.port}/legacy/chat")
        await socket.write_message("abc")
        assert await socket.read_message() == "cba"
        socket.close()
        assert await socket.read_message() is None

    asyncio.run(main())


@pytest.mark.parametrize(
    ("last", "code"), [("end", 4000), ("fail", 1011), ("", 1000)], ids=["end", "fail", "close"]
)
def test_starlette_serves_websockets(client: Client, last: str, code: int) -> None:
    async def main() -> None:
        url = f"ws://127.0.0.1:{client.port}/new/chat"
        socket = await websocket_connect(url, subprotocols=["a", "b"])
        assert socket.selected_subprotocol == "b"
        assert json.loads(str(await socket.read_message())) == {"url": url, "life": "on"}
        await socket.write_message("abc")
        assert await socket.read_message() == "cba"
        if last:
            await socket.write_message(last)
        else:
            socket.close(1000)
        assert await socket.read_message() is None
        assert socket.close_code == code

    asyncio.run(main())


def test_starlette_may_refuse_a_websocket(client: Client) -> None:
    async def main() -> int:
        with pytest.raises(HTTPClientError) as caught:
            await websocket_connect(f"ws://127.0.0.1:{client.port}/new/chat?no=1")
        return int(caught.value.code)

    assert asyncio.run(main()) == 403


@pytest.mark.parametrize(
    ("method", "body", "headers", "status"),
    [
        ("GET", None, {"Upgrade": "websocket"}, 200),
        ("GET", None, {"Upgrade": "h2c", "Connection": "Upgrade"}, 200),
        ("POST", b"hi", {"Upgrade": "websocket", "Connection": "Upgrade"}, 201),
        ("GET", b"hi", {"Upgrade": "websocket", "Connection": "Upgrade"}, 200),
        ("GET", None, {"Upgrade": "foo, WebSocket", "Connection": "a, upgrade"}, 426),
    ],
    ids=["not named", "another", "POST", "body", "no version"],
)
def test_an_upgrade_to_another_protocol_than_websocket_is_ignored(
    client: Client, method: str, body: bytes | None, headers: dict[str, str], status: int
) -> None:
    """RFC 9110 section 7.8."""
    path = "/new/echo" if method == "POST" else "/new/"
    assert client.ask(method, path, body, headers).status == status


def test_closing_waits_for_background_work_of_a_response(tmp_path: Path) -> None:
    with served(tmp_path / "shop", FILES) as client:
        assert client.get("/new/later").text == "soon"
    assert (tmp_path / "shop" / "app" / "work.txt").read_text() == "done"


def test_the_lifespan_of_an_asgi_application_ends_with_the_app(tmp_path: Path) -> None:
    with served(tmp_path / "shop", FILES) as client:
        assert client.get("/new/parts").status == 200
    assert (tmp_path / "shop" / "app" / "life.txt").read_text() == "ended"


async def guest(scope: Any, receive: Any, send: Any) -> None:
    """An ASGI application that is never called."""


@pytest.mark.parametrize(
    ("prefix", "app", "message"),
    [
        ("old", guest, "mount 'old': the prefix must be a path without parameters"),
        ("/old/:id", guest, "mount '/old/:id': the prefix must be a path without parameters"),
        ("/old", 5, "mount '/old': 5 is not an application"),
        ("/taken/", guest, "mount '/taken/': another application is mounted there"),
    ],
)
def test_an_invalid_mount_is_rejected(prefix: str, app: object, message: str) -> None:
    mounts = Mounts()
    mounts.add("/taken", guest, [], strip=True)
    with pytest.raises(RouteError) as caught:
        mounts.add(prefix, app, [], strip=True)
    assert caught.value.message == message


def test_the_longest_prefix_wins() -> None:
    mounts = Mounts()
    for prefix in ("/", "/a", "/a/b"):
        mounts.add(prefix, guest, [], strip=True)
    found = {path: mounts.match(path) for path in ("/", "/ab", "/a", "/a/c", "/a/b/c")}
    assert [mount and mount.prefix for mount in found.values()] == ["", "", "/a", "/a", "/a/b"]


GUESTS = """
import asyncio
import tornado.web
import tornado.websocket

async def eager(scope, receive, send):
    if scope["type"] != "websocket":
        raise RuntimeError("WebSockets only")
    await receive()
    waiting = [asyncio.ensure_future(receive()) for _ in range(3)]
    await asyncio.sleep(0)
    if b"refuse" in scope["query_string"]:
        await send({"type": "websocket.close"})
        await asyncio.wait(waiting)
        return
    await send({"type": "websocket.accept"})
    for one in waiting:
        message = await one
        await send({"type": "websocket.send", "text": message.get("text", message["type"])})
    await send({"type": "websocket.close", "code": 4001})

class Gone(tornado.web.RequestHandler):
    def get(self):
        self.set_status(404)

class Own(tornado.web.Application):
    def log_request(self, handler):
        pass

def router(app):
    app.router.mount("/eager", eager)
    app.router.mount("/deep/old", tornado.web.Application([(r"/.*", Gone)], debug=True))
    app.router.mount("/quiet", tornado.web.Application([(r"/.*", Gone)], log_function=len))
    app.router.mount("/own", Own([(r"/.*", Gone)], autoreload=True))
    late = tornado.web.Application([], debug=True)
"""

ROUTED = {"config/config_default.py": 'keys = "a key of the tests"\n', "app/router.py": GUESTS}


@pytest.mark.parametrize(("query", "code"), [("", 4001), ("?refuse", 403)])
def test_receives_that_wait_before_an_accept_get_the_messages(
    tmp_path: Path, query: str, code: int
) -> None:
    """Quart waits like this; after a rejection each `receive` returns the disconnect."""

    async def main(port: int) -> list[Any]:
        try:
            socket = await websocket_connect(f"ws://127.0.0.1:{port}/eager{query}")
        except HTTPClientError as exc:
            return [exc.code]
        for text in ("a", "b", "c"):
            await socket.write_message(text)
        got: list[Any] = [await socket.read_message() for _ in range(4)]
        return [*got, socket.close_code]

    with served(tmp_path / "shop", ROUTED) as client:
        expected = [code] if query else ["a", "b", "c", None, code]
        assert asyncio.run(main(client.port)) == expected


def test_the_access_log_of_a_tornado_application_names_whole_paths(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with served(tmp_path / "shop", ROUTED) as client:
        assert client.get("/deep/old/a?b").status == 404
        assert client.get("/own/a").status == client.get("/quiet/a").status == 404
    lines = [record.getMessage() for record in caplog.records if record.name == "tornado.access"]
    assert len(lines) == 1
    assert re.fullmatch(r"404 GET /deep/old/a\?b \(127\.0\.0\.1\) [0-9.]+ms", lines[0])


def test_autoreload_of_a_tornado_application_is_switched_off_and_named(tmp_path: Path) -> None:
    """Autoreload would re-execute the worker without its sockets."""
    root = make_app(tmp_path / "shop", ROUTED)
    code = (
        "import asyncio, sys\n"
        "from pathlib import Path\n"
        "from tests.app.loading import assembled\n"
        "from eggd.app.application import Application\n"
        "async def main():\n"
        "    app = assembled(Path(sys.argv[1]), {}, Application, {}, 'prod')\n"
        "    app.load_config()\n"
        "    app.load_files()\n"
        "    print('\\n'.join(app.warnings))\n"
        "    await app.router.mounts.start(app)\n"
        "    from tornado import autoreload\n"
        "    changed = {str(Path(autoreload.__file__)): 0.0}\n"
        "    autoreload._reload_on_update(changed)\n"
        "    print('still', changed)\n"
        "asyncio.run(main())\n"
    )
    argv = [sys.executable, "-W", "error", "-c", code, str(root)]
    done = subprocess.run(argv, cwd=ROOT, capture_output=True, text=True, check=False, timeout=30)
    lines = done.stdout.splitlines()
    assert [line.partition(" Tornado's autoreload is switched off")[0] for line in lines[:-1]] == [
        "mount '/deep/old': debug=True:",
        "mount '/own': autoreload=True:",
    ], done.stderr
    assert lines[-1].startswith("still ")


def test_an_asgi_application_that_does_not_start_stops_the_start(tmp_path: Path) -> None:
    router = """
async def bad(scope, receive, send):
    await receive()
    await send({"type": "lifespan.startup.failed", "message": "no database"})

def router(app):
    app.router.mount("/bad", bad)
"""
    with pytest.raises(EggError, match="mount /bad: did not start: no database"):
        run(assembled(tmp_path / "shop", {"app/router.py": router}, Application, {}, "prod"), start)


def test_nothing_of_tornado_is_loaded_before_it_is_mounted() -> None:
    code = (
        "import sys, eggd.app.serving.dispatch; print([n for n in sys.modules if 'tornado' in n])"
    )
    argv = [sys.executable, "-c", code]
    done = subprocess.run(argv, cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
