"""Files of the site by their exact path (core:SITE-1..4)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from eggd.app.application import Application
from eggd.errors import ConfigError
from tests.app.loading import loaded
from tests.app.serving import Client, served

FILES = {
    "config/config_default.py": """
        from pathlib import Path

        async def later(ctx):
            return b"later " + ctx.query.get("a", "").encode()

        site_file = {
            "files": {
                "/robots.txt": b"User-agent: *",
                "/logo.png": "https://img.example/logo.png",
                "/moved": "/there?a=1",
                "/note": Path(__file__),
                "/later.json": later,
                "/now": lambda ctx: "/elsewhere",
                "/absent": lambda ctx: None,
                "/wrong": lambda ctx: 3,
                "/mine.txt": b"site",
            },
        }
        middleware = ["mark"]
        """,
    "app/middleware/mark.py": """
        def mark(options, app):
            async def middleware(ctx, next):
                ctx.set("X-Mark", "1")
                await next()
            return middleware
        """,
    "app/router.py": """
        def router(app):
            app.router.get("/mine.txt", lambda ctx: "route")
            app.router.get("/(.*)", lambda ctx: "any")
        """,
}
CACHED = "public, max-age=2592000"


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    with served(tmp_path_factory.mktemp("site") / "app", FILES) as made:
        yield made


@pytest.mark.parametrize(
    ("path", "status", "kind", "text"),
    [
        # core:SITE-1, SITE-2
        ("/robots.txt", 200, "text/plain; charset=utf-8", "User-agent: *"),
        ("/robots.txt?a=1", 200, "text/plain; charset=utf-8", "User-agent: *"),
        ("/later.json?a=1", 200, "application/json; charset=utf-8", "later 1"),
        ("/note", 200, "application/octet-stream", None),
        ("/robots.txt/", 200, "text/plain; charset=utf-8", "any"),
        ("/Robots.txt", 200, "text/plain; charset=utf-8", "any"),
        # what a function has nothing for is nowhere
        ("/absent", 404, "text/html; charset=utf-8", "<h1>404 Not Found</h1>"),
        ("/wrong", 500, "text/html; charset=utf-8", "<h1>500 Internal Server Error</h1>"),
        # a route of that very path is the app's own word
        ("/mine.txt", 200, "text/plain; charset=utf-8", "route"),
    ],
)
def test_a_file_of_the_site(
    client: Client, path: str, status: int, kind: str, text: str | None
) -> None:
    answer = client.get(path)
    assert (answer.status, answer.headers["Content-Type"]) == (status, kind)
    assert text is None or answer.text == text


@pytest.mark.parametrize(
    ("path", "location"),
    [
        ("/logo.png", "https://img.example/logo.png"),
        ("/moved", "/there?a=1"),
        ("/now", "/elsewhere"),
    ],
)
def test_a_text_is_the_target_of_a_redirect(client: Client, path: str, location: str) -> None:
    # core:SITE-2
    answer = client.get(path)
    assert (answer.status, answer.headers["Location"]) == (302, location)
    assert answer.headers["Cache-Control"] is None


def test_a_file_is_cacheable_and_no_middleware_runs(client: Client) -> None:
    """The response has no fields of a session or a cookie (core:SITE-2, SITE-3)."""
    answer = client.get("/robots.txt")
    assert (answer.headers["Cache-Control"], answer.headers["X-Mark"]) == (CACHED, None)
    assert client.get("/mine.txt").headers["X-Mark"] == "1"
    assert client.get("/robots.txt", Accept="*/*").headers["Set-Cookie"] is None


def test_the_default_icon_is_served(client: Client) -> None:
    """The icon does not contain a path of the server (core:SITE-4)."""
    answer = client.get("/favicon.ico")
    assert (answer.status, answer.headers["Content-Type"]) == (200, "image/x-icon")
    assert answer.body[:6] == b"\0\0\1\0\1\0"
    head = client.ask("HEAD", "/favicon.ico")
    assert (head.headers["Content-Length"], head.body) == (str(len(answer.body)), b"")


@pytest.mark.parametrize(
    ("config", "post", "get"),
    [
        ("", 405, 200),
        ("router = {'answer_methods': False}", 404, 200),
        ("site_file = {'enable': False}", 404, 404),
        ("site_file = {'files': {'/favicon.ico': None}}", 404, 404),
    ],
)
def test_only_get_and_head_and_only_where_enabled(
    tmp_path: Path, config: str, post: int, get: int
) -> None:
    """Other methods are answered as for any path (core:SITE-1, SITE-3)."""
    with served(tmp_path / "shop", {"config/config_default.py": config + "\n"}) as client:
        assert client.ask("POST", "/favicon.ico", b"").status == post
        assert client.get("/favicon.ico").status == get


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ("{'/a': 3}", r"config_default.py:2: site_file /a: 3 is not a file \(a Path, bytes"),
        ("{'a.txt': b''}", r"config_default.py:2: site_file: path 'a.txt' must begin with a slash"),
        ("{'/a': Path('/no/such')}", r"site_file /a: /no/such: No such file or directory"),
    ],
)
def test_an_invalid_file_is_an_error_at_start(tmp_path: Path, files: str, message: str) -> None:
    """The start fails, instead of a 404 without a reason (core:SITE-2)."""
    text = f"from pathlib import Path\nsite_file = {{'files': {files}}}\n"
    with pytest.raises(ConfigError, match=message):
        loaded(tmp_path, {"config/config_default.py": text})


def test_a_site_file_does_not_change_the_order_of_routes(tmp_path: Path) -> None:
    # core:SITE-1, RT-17
    text = "def router(app):\n    app.get('/a', print)\n"
    app: Application = loaded(tmp_path, {"app/router.py": text})
    app.router.prefix("/x")
    found = app.router.index.match("GET", "/favicon.ico")
    assert found is not None
    assert found[0].kind == "file"
    assert app.router.index.match("GET", "/x/a") is not None
    app.loggers.close()
