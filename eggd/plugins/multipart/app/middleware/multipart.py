"""Saves the files of a request before its handler runs; `app.py` switches it on if configured."""

from __future__ import annotations

from eggd import Application, Context, Middleware, Next, path_condition
from eggd.plugins.multipart.section import MultipartConfig


def multipart(options: MultipartConfig, app: Application) -> Middleware:
    """Returns the middleware for the requests of `file_mode_match`, by default all."""
    applies = path_condition(options.file_mode_match, None, "multipart.file_mode_match")

    async def middleware(ctx: Context, next: Next) -> None:
        if ctx.is_type("multipart/*") and (applies is None or applies(ctx)):
            await ctx.save_request_files()
        await next()

    return middleware
