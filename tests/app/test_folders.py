"""`app.folder`: all paths below a prefix, before middleware, routes and mounts."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from eggd.errors import EggError
from tests.app.loading import loaded
from tests.app.serving import Client, served

FILES = {
    "config/config_default.py": """
        middleware = ["mark"]
        site_file = {"files": {"/public/site.txt": b"site"}}
        """,
    "app/middleware/mark.py": """
        def mark(options, app):
            async def middleware(ctx, next):
                ctx.set("X-Mark", "1")
                await next()
            return middleware
        """,
    "app.py": """
        from eggd import Boot

        class ShopBoot(Boot):
            def config_did_load(self):
                self.app.folder("/public/", self.public).folder("/public/deep/", self.deep)
                self.app.guard(self.note)

            def note(self, ctx):
                ctx.set("X-Kind", ctx.route.kind if ctx.route else "none")

            async def public(self, ctx, next):
                if ctx.path == "/public/a.txt":
                    ctx.body = "file"
                else:
                    await next()

            async def deep(self, ctx, next):
                if ctx.path != "/public/deep/a.txt":
                    return await next()
                ctx.body = "deep file"
    """,
    "app/router.py": """
        async def old(scope, receive, send):
            await send({"type": "http.response.start", "status": 200, "headers": []})
            await send({"type": "http.response.body", "body": b"mounted"})

        def router(app):
            app.get("/public/a.txt", lambda ctx: "hidden route")
            app.get("/public/b.txt", lambda ctx: "literal route")
            app.get("/public/p/:id", lambda ctx: f"route of {ctx.params['id']}")
            app.get("/any/(.*)", lambda ctx: "any")
            app.post("/public/posted", lambda ctx: "posted")
            app.router.mount("/public/old", old)
    """,
}


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    with served(tmp_path_factory.mktemp("folder") / "app", FILES) as made:
        yield made


@pytest.mark.parametrize(
    ("method", "path", "status", "text", "mark"),
    [
        ("GET", "/public/a.txt", 200, "file", None),
        ("HEAD", "/public/a.txt", 200, "", None),
        ("GET", "/public/deep/a.txt", 200, "deep file", None),
        ("GET", "/public/site.txt", 200, "site", None),
        ("GET", "/public/b.txt", 200, "literal route", "1"),
        ("GET", "/public/b.txt/", 200, "literal route", "1"),
        ("GET", "/public/p/7", 200, "route of 7", "1"),
        ("GET", "/public/old/x", 200, "mounted", "1"),
        ("GET", "/public/deep/c", 404, "<h1>404 Not Found</h1>", "1"),
        ("GET", "/public/", 404, "<h1>404 Not Found</h1>", "1"),
        ("GET", "/public", 404, "<h1>404 Not Found</h1>", "1"),
        ("GET", "/any/public/a.txt", 200, "any", "1"),
        ("POST", "/public/posted", 200, "posted", "1"),
        ("GET", "/public/posted", 405, None, "1"),
        ("POST", "/public/a.txt", 405, None, "1"),
        ("POST", "/public/c.txt", 404, "<h1>404 Not Found</h1>", "1"),
        ("OPTIONS", "/public/c.txt", 404, "<h1>404 Not Found</h1>", "1"),
    ],
)
def test_a_folder_goes_first_and_leaves_the_rest(
    client: Client, method: str, path: str, status: int, text: str | None, mark: str | None
) -> None:
    """A request without a file finds the routes, mounts and middleware of the app."""
    answer = client.ask(method, path)
    assert answer.status == status
    assert text is None or answer.text == text
    assert answer.headers["X-Mark"] == mark


@pytest.mark.parametrize("path", ["/public/a.txt", "/public/b.txt"])
def test_a_guard_sees_that_a_folder_has_the_path(client: Client, path: str) -> None:
    """The plugin security sets no secret for a file."""
    assert client.get(path).headers["X-Kind"] == "file"


@pytest.mark.parametrize(
    ("call", "line"),
    [
        ("app.folder('public/', handler)", "must be a path that begins and ends with a slash"),
        ("app.folder('/public', handler)", "must be a path that begins and ends with a slash"),
        ("app.folder('/a//b/', handler)", "must be a path that begins and ends with a slash"),
        ("app.folder('/a/../', handler)", "must be a path that begins and ends with a slash"),
        ("app.folder('/:a/', handler)", "must be a path that begins and ends with a slash"),
        ("app.folder('/a/', print)", "is not an async function"),
        (
            "app.folder('/a/', handler); app.folder('/a/', handler)",
            "another folder has this prefix",
        ),
    ],
)
def test_a_wrong_folder_is_an_error(tmp_path: Path, call: str, line: str) -> None:
    files = {
        "app/router.py": f"async def handler(ctx, next): ...\ndef router(app):\n    {call}\n",
    }
    with pytest.raises(EggError) as caught:
        loaded(tmp_path / "shop", files)
    assert line in caught.value.line
    assert "app/router.py" in caught.value.line
