"""`GET /__loader_trace__`: the last start of every process of the suite, as a timeline."""

from __future__ import annotations

import asyncio
from pathlib import Path

from eggd import Application, Context, Middleware, Next
from eggd.plugins.development.page import Page
from eggd.plugins.development.starts import read

PATH = "/__loader_trace__"


def loader_trace(options: object, app: Application) -> Middleware:
    """Responds with a page made from the records in `config.rundir`."""
    page, folder = Page.load(), Path(app.config.rundir)
    slow = app.config.dump.timing.slow_boot_action_min_duration * 1000

    def render() -> str:
        starts, unreadable = read(folder)
        return page.render(app.name, app.env, starts, unreadable, slow)

    async def middleware(ctx: Context, next: Next) -> None:
        if ctx.path != PATH or ctx.method != "GET":
            await next()
            return
        ctx.body = await asyncio.to_thread(render)
        ctx.type = "html"
        ctx.set("Content-Security-Policy", page.policy)
        ctx.set("X-Content-Type-Options", "nosniff")
        ctx.set("Cache-Control", "no-store")

    return middleware
