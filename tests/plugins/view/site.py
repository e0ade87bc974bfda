"""An app whose routes render the template that a request names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from tests.app.serving import Client, served

ROUTER = """
    async def page(ctx):
        engine = ctx.query.get("engine", "")
        await ctx.render(ctx.query["name"], dict(ctx.query), view_engine=engine)

    async def text(ctx):
        return await ctx.render_view(ctx.query["name"], dict(ctx.query))

    async def string(ctx):
        ctx.body = await ctx.render_string(ctx.request.body["template"], ctx.request.body)

    async def streamed(ctx):
        await ctx.render_stream(ctx.query["name"], {"rows": range(int(ctx.query.get("n", "3")))})

    async def fail(ctx):
        raise ctx.error

    def router(app):
        app.get("/", page)
        app.get("/text", text)
        app.post("/string", string)
        app.get("/stream", streamed)
"""


@contextmanager
def site(
    root: Path,
    templates: Mapping[str, str],
    config: str = "",
    env: str = "prod",
    files: Mapping[str, str] | None = None,
) -> Iterator[Client]:
    """Serves an app with these files in app/view, and this text in its config_default.py."""
    views = {f"app/view/{name}": text for name, text in templates.items()}
    base = {
        "config/config_default.py": f"keys = '{'k' * 32}'\n{config}\n",
        "app/router.py": ROUTER,
    }
    with served(root, {**base, **views, **(files or {})}, env=env) as client:
        yield client


FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def log_of(client: Client) -> str:
    """Returns all that the app has logged."""
    return "".join(path.read_text() for path in sorted(client.log_dir.rglob("*.log")))
