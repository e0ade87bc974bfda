"""An app whose routes fail in every way, with the plugins onerror and security."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from tests.app.serving import Client, served

SECRET = "s3cr3t-value-of-the-config"
CONFIG = f"keys = 'k' * 64\nlogger = {{'buffer': False}}\nshop = {{'token': '{SECRET}'}}"
HTML = "text/html,application/xhtml+xml,*/*;q=0.8"

ROUTER = """
    import io
    from eggd import HttpError

    class OutOfStock(Exception):
        pass

    def crash(ctx):
        raise LookupError(ctx.query.get("message", "no such egg in /srv/shop"))

    def throw(ctx):
        more = {name: ctx.query[name] for name in ("code",) if name in ctx.query}
        if "expose" in ctx.query:
            more["expose"] = ctx.query["expose"] == "1"
        if "errors" in ctx.query:
            more["errors"] = [{"field": ctx.query["errors"]}]
        headers = {"X-From-Error": "yes", "Retry-After": "3"}
        status = int(ctx.params["status"])
        raise HttpError(status, ctx.query.get("message", ""), headers=headers, **more)

    def fields(ctx):
        ctx.set("X-Request-Id", "7")
        ctx.set("Access-Control-Allow-Origin", "*")
        ctx.set("ETag", '"1"')
        ctx.type = "csv"
        raise ValueError("fault")

    def stock(ctx):
        raise OutOfStock("egg 7")

    def injected(ctx):
        raise HttpError(400, "a\\r\\nX-Evil: 1", headers={"X-Message": "a\\r\\nX-Evil: 1"})

    async def pieces():
        yield b"first"
        raise ValueError("in the middle")

    def chain(ctx):
        try:
            {}["key"]
        except KeyError as exc:
            exc.add_note("a note")
            raise ValueError("outer") from exc

    def jsonp(ctx):
        raise HttpError(int(ctx.query.get("status", 500)), "not for clients")

    def router(app):
        app.get("/crash", crash)
        app.post("/crash", crash)
        app.get("/crash.json", crash)
        app.get("/throw/:status", throw)
        app.get("/fields", fields)
        app.get("/stock", stock)
        app.get("/injected", injected)
        app.get("/stream", lambda ctx: pieces())
        app.get("/chain", chain)
        app.get("/jsonp", app.jsonp(), jsonp)
        app.get("/oops", lambda ctx: f"oops {ctx.query['real_status']}")
"""


@contextmanager
def site(
    root: Path,
    config: str = "",
    env: str = "prod",
    files: Mapping[str, str] | None = None,
    plugins: str = "",
) -> Iterator[Client]:
    """Serves the app with this text in its config_default.py."""
    base = {
        "config/plugin.py": plugins,
        "config/config_default.py": f"{CONFIG}\n{config}\n",
        "app/router.py": ROUTER,
    }
    with served(root / "app", {**base, **(files or {})}, env=env) as client:
        yield client


def errors(client: Client) -> str:
    """Returns the log of all errors."""
    file = client.log_dir / "common-error.log"
    return file.read_text() if file.exists() else ""


def app_log(client: Client) -> str:
    """Returns the log of the app."""
    return (client.log_dir / "app-web.log").read_text()
