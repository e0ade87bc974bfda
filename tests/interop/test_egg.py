"""Egg and eggd with the same keys behind one nginx: cookies and sessions of either are the other's.

Egg is npm's own, in one process. What it writes eggd reads, and back, in every mode.
"""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from benchmarks import install
from eggd.testing.redis_server import RedisServer
from tests.app.serving import Client, served
from tests.plugins.session.visitor import Visitor
from tests.polling import await_server
from tests.ports import free_port
from tests.program import Program

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

HERE = Path(__file__).parent
KEYS = "key1,key0"

NGINX = """
user root; daemon off; pid {folder}/pid; error_log {folder}/errors; worker_processes 1;
events {{}}
http {{
    access_log off; proxy_buffer_size 16k; proxy_buffers 8 16k;
    client_body_temp_path {folder}/a; proxy_temp_path {folder}/b;
    fastcgi_temp_path {folder}/c; uwsgi_temp_path {folder}/d; scgi_temp_path {folder}/e;
    server {{
        listen 127.0.0.1:{port};
        location /egg/ {{ proxy_pass http://127.0.0.1:{egg}; }}
        location / {{ proxy_pass http://127.0.0.1:{eggd}; }}
    }}
}}
"""

ROUTER = """
    async def session(ctx):
        return ctx.session

    async def update(ctx):
        ctx.session.update(ctx.request.body)
        return {}

    async def regenerate(ctx):
        ctx.session.regenerate()
        return {}

    async def remove(ctx):
        ctx.session = None
        return {}

    async def cookie(ctx):
        asked = ctx.request.body
        ctx.cookies.set(asked["name"], asked["value"], **asked["options"])
        return {}

    async def read(ctx):
        asked = ctx.request.body
        return {"value": ctx.cookies.get(asked["name"], **asked["options"])}

    def router(app):
        app.get("/eggd/session", session)
        app.post("/eggd/session", update)
        app.post("/eggd/regenerate", regenerate)
        app.post("/eggd/remove", remove)
        app.post("/eggd/cookie", cookie)
        app.post("/eggd/read", read)
"""

MODES = {
    "encrypted": ({"encrypt": True}, '"encrypt": True'),
    "signed": ({"encrypt": False}, '"encrypt": False'),
    "redis": ({"encrypt": True}, '"store": "redis"'),
}
"""By name: the session's config of Egg, and that of eggd."""

PLUGINS = "security = False\nonerror = False\nredis = True\n"
"""The plugins of eggd; `redis` is idle without a client."""


@dataclass
class Pair:
    """Both applications behind one address."""

    client: Client
    folder: Path
    url: str
    mode: str

    def visitor(self) -> Visitor:
        return Visitor(self.client)

    @contextmanager
    def other_keys(self, keys: str) -> Iterator[Visitor]:
        """A visitor of eggd alone, with other keys; for cookies that go on from there."""
        with eggd(self.folder / keys.replace(",", "-"), keys, self.mode, self.url) as client:
            yield Visitor(client)


@contextmanager
def eggd(folder: Path, keys: str, mode: str, url: str) -> Iterator[Client]:
    clients = {"session": {"url": url}} if mode == "redis" else {}
    config = f"keys = {keys!r}\nsession = {{{MODES[mode][1]}}}\nredis = {{'clients': {clients}}}\n"
    files = {
        "config/config_default.py": config,
        "config/plugin.py": PLUGINS,
        "app/router.py": ROUTER,
    }
    with served(folder, files) as client:
        yield client


@contextmanager
def egg(home: Path, mode: str, redis: Path | None, folder: Path) -> Iterator[int]:
    """Runs Egg; yields its port."""
    chosen = {"keys": KEYS, "session": MODES[mode][0], "redis": str(redis) if redis else ""}
    environ = {**os.environ, "INTEROP": json.dumps(chosen), "EGG_HOME": str(folder)}
    with node(["server.js"], home, environ) as port:
        yield port


@contextmanager
def node(arguments: list[str], home: Path, environ: Mapping[str, str]) -> Iterator[int]:
    """Runs a server of Node, which prints `port N` when it listens; yields its port."""
    pipe = subprocess.PIPE
    with Program(["node", *arguments], cwd=home, env=environ, stdout=pipe, text=True) as process:
        assert process.stdout is not None
        try:
            lines = []
            for line in process.stdout:
                lines.append(line)
                if line.startswith("port "):
                    break
            else:
                raise AssertionError("".join(lines))
            yield int(lines[-1].split()[1])
        finally:
            process.kill()
            process.communicate()


@contextmanager
def nginx(folder: Path, egg: int, eggd: int) -> Iterator[int]:
    folder.mkdir()
    port = free_port()
    config = folder / "nginx.conf"
    config.write_text(NGINX.format(folder=folder, port=port, egg=egg, eggd=eggd))
    process = Program[bytes](["/usr/sbin/nginx", "-c", config], stderr=subprocess.DEVNULL)
    try:
        await_pid(folder / "pid", process)
        yield port
    finally:
        process.terminate()
        process.wait()


def await_pid(file: Path, process: subprocess.Popen[bytes]) -> None:
    """Returns when nginx listens: it writes its pid after that."""
    await_server(process, lambda: file.exists() and file.read_text().strip())


@pytest.fixture(scope="session")
def home() -> Path:
    """The folder of the Egg application with its packages."""
    install.debian_packages()
    return install.npm(HERE / "egg")


@pytest.fixture(scope="module", params=list(MODES))
def pair(
    request: pytest.FixtureRequest, home: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Pair]:
    mode: str = request.param
    folder = tmp_path_factory.mktemp(mode)
    with ExitStack() as stack:
        redis = stack.enter_context(RedisServer()) if mode == "redis" else None
        url = redis.url if redis else ""
        port = stack.enter_context(egg(home, mode, redis.socket if redis else None, folder))
        own = stack.enter_context(eggd(folder / "eggd", KEYS, mode, url))
        front = stack.enter_context(nginx(folder / "nginx", port, own.port))
        yield Pair(Client(front, own.log_dir), folder, url, mode)


VALUES: list[dict[str, Any]] = [
    {"user": 7},
    {"name": "Zoë 🥚", "text": "\u2028\u2029\x00\x1f\x7f", "html": "</script><!--"},
    {"quotes": "\"'\\", "long": "x" * 1500, "empty": "", "nothing": None, "no": False},
    {"numbers": [0, -1, 1.5, 1e21, 1e-7, 123456789012345680, 0.1]},
    {"nested": {"a": [{"b": {}}, []]}, "2": "b", "1": "a", "size": 3},
    {"csrfSecret": "Zt5ZhcD0w_EYyQ", "flash": {"error": ["no", "such"]}, "returnTo": "/a?b=c&d"},
]
BOTH = [("egg", "eggd"), ("eggd", "egg")]


def get(visitor: Visitor, side: str) -> Any:
    return visitor.ask(f"/{side}/session")


@pytest.mark.parametrize(("first", "second"), BOTH)
@pytest.mark.parametrize("values", VALUES)
def test_a_session_of_one_is_read_and_changed_by_the_other(
    pair: Pair, first: str, second: str, values: dict[str, Any]
) -> None:
    visitor = pair.visitor()
    visitor.ask(f"/{first}/session", values)
    assert get(visitor, first) == values
    assert get(visitor, second) == values
    assert visitor.lines == []  # a session that is only read is not saved
    visitor.ask(f"/{second}/session", {"count": 1})
    assert get(visitor, first) == get(visitor, second) == {**values, "count": 1}


def test_half_of_a_surrogate_pair_is_kept(pair: Pair) -> None:
    """JavaScript has such text; eggd writes it as Node does, as an escape."""
    visitor = pair.visitor()
    visitor.ask("/egg/session", {"half": "\ud83e"})
    visitor.ask("/eggd/session", {"count": 1})
    assert get(visitor, "egg") == {"half": "\ud83e", "count": 1}


@pytest.mark.parametrize(("first", "second"), BOTH)
def test_a_session_that_one_removes_is_gone_for_the_other(
    pair: Pair, first: str, second: str
) -> None:
    visitor = pair.visitor()
    visitor.ask(f"/{first}/session", {"user": 7})
    before = dict(visitor.cookies)
    visitor.ask(f"/{second}/remove", {})
    assert get(visitor, first) == {}
    if pair.mode == "redis":  # a copy of the cookie is worth nothing any more
        visitor.cookies = before
        assert get(visitor, first) == get(visitor, second) == {}


@pytest.mark.parametrize(("first", "second"), BOTH)
def test_a_regenerated_session_goes_on(pair: Pair, first: str, second: str) -> None:
    visitor = pair.visitor()
    visitor.ask(f"/{first}/session", {"user": 7})
    before = dict(visitor.cookies)
    visitor.ask(f"/{second}/regenerate", {})
    assert get(visitor, first) == {"user": 7}
    if pair.mode == "redis":
        visitor.cookies = before
        assert get(visitor, first) == get(visitor, second) == {}


def test_a_session_goes_on_after_the_keys_have_changed(pair: Pair) -> None:
    """Egg reads what an older key wrote; eggd reads with a newer key in front (process:CKE-5)."""
    with pair.other_keys("key0") as old:
        old.ask("/eggd/session", {"user": 7})
        visitor = Visitor(pair.client, dict(old.cookies))
        assert get(visitor, "egg") == {"user": 7}
    visitor = pair.visitor()
    visitor.ask("/egg/session", {"user": 8})
    with pair.other_keys("key2,key1") as new:
        new.cookies = dict(visitor.cookies)
        assert get(new, "eggd") == {"user": 8}
    with pair.other_keys("another") as stranger:
        stranger.cookies = dict(visitor.cookies)
        assert get(stranger, "eggd") == {}


COOKIES = [
    ({"signed": True}, {"signed": True}),
    ({"signed": False}, {"signed": False}),
    ({"encrypt": True}, {"encrypt": True}),
]


@pytest.mark.parametrize(("first", "second"), BOTH)
@pytest.mark.parametrize(("how", "again"), COOKIES)
@pytest.mark.parametrize("value", ["1", "a=b&c", "%E4%BD%A0 'x'", "x" * 3000, "~!@#$^*()_+|"])
def test_a_cookie_of_one_is_read_by_the_other(
    pair: Pair, first: str, second: str, how: dict[str, bool], again: dict[str, bool], value: str
) -> None:
    visitor = pair.visitor()
    visitor.ask(f"/{first}/cookie", {"name": "c", "value": value, "options": how})
    assert visitor.ask(f"/{second}/read", {"name": "c", "options": again}) == {"value": value}
    visitor.cookies["c"] = "x" + visitor.cookies["c"]
    told = visitor.ask(f"/{second}/read", {"name": "c", "options": again})["value"]
    assert told != value
    if how != {"signed": False}:
        assert told is None or how == {"encrypt": True}


def test_set_cookie_lines_are_the_same(pair: Pair) -> None:
    """Up to the time at which they were made (process:CKE-1)."""
    lines = {}
    for side in ("egg", "eggd"):
        visitor = pair.visitor()
        visitor.ask(f"/{side}/session", {"user": 7})
        lines[side] = [attributes(line) for line in visitor.lines]
    assert lines["egg"] == lines["eggd"]


def attributes(line: str) -> list[str]:
    """The names in order, and the values that do not depend on the time."""
    parts = line.split("; ")
    return [parts[0].partition("=")[0], *(part for part in parts[1:] if "expires" not in part)]
