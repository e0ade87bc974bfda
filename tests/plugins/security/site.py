"""An app with the plugin security, as each test configures it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from tests.app.serving import Answer, Client, served

ROUTER = """
    from eggd import HttpError

    def fail(ctx):
        raise LookupError("no such egg")

    def options(ctx):
        for part, values in ctx.request.body.items():
            ctx.security_options[part] = values
        return "options"

    def rotate(ctx):
        ctx.rotate_csrf_secret()
        return ctx.csrf

    def own(ctx):
        ctx.set("X-Frame-Options", "ALLOWALL")
        return "own"

    def asserted(ctx):
        ctx.assert_csrf()
        return "asserted"

    async def pieces():
        yield b"a"
        yield b"b"

    async def old(scope, receive, send):
        await send({"type": "http.response.start", "status": 200})
        await send({"type": "http.response.body", "body": b"old"})

    def router(app):
        app.get("/", lambda ctx: "home")
        app.get("/own", own)
        app.get("/fail", fail)
        app.get("/stream", lambda ctx: pieces())
        app.get("/csrf", lambda ctx: ctx.csrf)
        app.get("/two", lambda ctx: f"{ctx.csrf} {ctx.csrf}")
        app.get("/nonce", lambda ctx: f"{ctx.nonce} {ctx.nonce}")
        app.get("/rotate", rotate)
        app.get("/assert", asserted)
        app.get("/go", lambda ctx: ctx.redirect(ctx.query.get("to", "")))
        app.get("/unsafe", lambda ctx: ctx.unsafe_redirect(ctx.query["to"]))
        app.get("/domain", lambda ctx: ctx.is_safe_domain(ctx.query["d"], ctx.queries.get("l", ())))
        app.get("/api/pets", lambda ctx: "pets")
        app.post("/options", options)
        for path in ("/", "/api/pets", "/api/pets/:id"):
            for verb in (app.post, app.put, app.patch, app.delete):
                verb(path, lambda ctx: f"changed by {ctx.method}")
        app.router.mount("/old", old)
        app.router.mount("/older", old)
"""

FILES = "site_file = {'files': {'/a.txt': b'a'}}"


@contextmanager
def site(
    root: Path, config: str = "", env: str = "unittest", files: Mapping[str, str] | None = None
) -> Iterator[Client]:
    """Serves the app with this text in its config_default.py."""
    base = {
        "config/plugin.py": "security = True\n",
        "config/config_default.py": f"import re\nkeys = 'k'\n{FILES}\n{config}\n",
        "app/router.py": ROUTER,
    }
    with served(root, {**base, **(files or {})}, env=env) as client:
        yield client


def secret_of(answer: Answer) -> str:
    """Returns the secret that a response sets, "" without one."""
    lines = [
        line for line in answer.headers.get_all("Set-Cookie", []) if line.startswith("csrfToken=")
    ]
    assert len(lines) < 2
    return lines[0].partition(";")[0].removeprefix("csrfToken=") if lines else ""
