from eggd import Context, HttpError


async def _page(error: Exception, ctx: Context) -> str:
    """Renders the error page: by status, and by the code of a limit that an upload exceeds."""
    code = error.code if isinstance(error, HttpError) else ""
    return await ctx.render_view("error", {"status": ctx.status, "code": code})


onerror = {"html": _page}
