"""The redirect to `onerror.error_page_url` after a server error (core:ERR-5)."""

from __future__ import annotations

from collections.abc import Callable

from eggd import Context, EggError, Response
from eggd.plugins.onerror.section import is_target


def redirect(
    ctx: Context, error: BaseException, status: int, target: str | Callable[..., object]
) -> bool:
    """Redirects to the error page, and returns whether it did: not without a page, nor from it.

    The URL gets the status as `real_status`; logs have it as `ctx.real_status`. Raises what a
    function of the config raises, and EggError if it returns neither a path nor a URL.
    """
    url = target(error, ctx) if callable(target) else target
    if not isinstance(url, str) or not (url == "" or is_target(url)):
        raise EggError(f"onerror.error_page_url returned {url!r}", hint="return a URL, or ''")
    page = url.partition("#")[0].partition("?")[0]
    if page in ("", ctx.path) or page.partition("://")[2] == f"{ctx.host}{ctx.path}":
        return False
    address, mark, fragment = url.partition("#")
    address += f"{'&' if '?' in address else '?'}real_status={status}"
    # The page of the config may be on a host that `ctx.redirect` of the plugin security refuses.
    Response.redirect(ctx.response, f"{address}{mark}{fragment}")
    ctx.real_status = status
    return True
