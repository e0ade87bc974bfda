"""Folders of files: every path below a prefix, before all middleware and routes (core:ST-6).

A request for a file runs no middleware. A file that does not exist leaves the request to the
routes, mounts and middleware of the app, as if the folder were not there.
"""

from __future__ import annotations

import inspect
import re
from typing import Protocol, cast

from eggd.app.context.context import Context
from eggd.app.routing.handlers import source_of
from eggd.app.routing.path import Pattern
from eggd.app.routing.route import Chain, Route
from eggd.app.routing.router import Router
from eggd.errors import RouteError
from eggd.interfaces import Middleware, Step

_PREFIX = re.compile(r"/(?:[A-Za-z0-9._~!$&'()*+,;=@-]+/)*")
_DOTS = re.compile(r"/\.{1,2}/")


class FolderApp(Protocol):
    """The members of an application that a folder uses."""

    router: Router
    not_found: Step


def folder_route(app: FolderApp, prefix: str, handler: Middleware) -> Route:
    """Returns the route of GET and HEAD for all paths that begin with `prefix`.

    Raises RouteError for a prefix that is not a plain path with a slash at both ends, for one that
    is taken, and for a handler that is not async.
    """
    if not isinstance(prefix, str) or not _PREFIX.fullmatch(prefix) or _DOTS.search(prefix):
        raise RouteError(
            f"folder {prefix!r}: the prefix must be a path that begins and ends with a slash",
            hint="'/public/'",
        )
    if any(each.pattern.text == prefix for each in app.router.index.folders):
        raise RouteError(f"folder {prefix!r}: another folder has this prefix")
    if not inspect.iscoroutinefunction(handler):
        raise RouteError(
            f"folder {prefix!r}: {handler!r} is not an async function",
            hint="async def handler(ctx, next)",
        )

    async def chain(ctx: Context) -> object:
        result: object = None

        async def following() -> None:
            nonlocal result
            result = await _rest(app, ctx)

        await handler(ctx, following)
        return result

    pattern = Pattern(f"{prefix}*", f"{re.escape(prefix)}.*", (), False, (), False, [prefix])
    stack = (source_of(handler),)
    methods = ("GET", "HEAD")
    return Route(
        methods, pattern, "", -1, handler, stack=stack, kind="file", chain=cast("Chain", chain)
    )


async def _rest(app: FolderApp, ctx: Context) -> object:
    """Serves the request as if the folder were not there; returns the result of a bare route."""
    path = ctx.exchange.path.decode("latin-1")
    match = app.router.index.after(ctx.exchange.method, path, -1)
    if match is not None:
        ctx.route, ctx.params = match
        return await (match[0].chain or app.router.compile(match[0]))(ctx)
    ctx.route = None
    mount = app.router.mounts.match(path) if app.router.mounts else None
    await (app.not_found if mount is None else mount.chain)(ctx)
    return None
