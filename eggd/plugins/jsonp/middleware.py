"""The middleware of a route whose data a page of another site may load as a script."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

from eggd import (
    Application,
    ConfigError,
    Context,
    HttpError,
    Middleware,
    Next,
    suggestion_or_list,
)
from eggd.plugins.jsonp.callback import callback_name
from eggd.plugins.jsonp.referers import allowed_pages
from eggd.plugins.jsonp.section import JsonpConfig, JsonpOptions


def jsonp_middleware(app: Application, given: JsonpOptions, place: str = "") -> Middleware:
    """Returns the middleware; raises ConfigError for a wrong option.

    Warns if every page may read the data, as Egg does (core:JP-2); `place` begins the line.
    """
    options = _merged(app.config.jsonp, given)
    is_allowed = _check(app, options, place)

    async def jsonp(ctx: Context, next: Next) -> None:
        name = ctx.jsonp_callback = callback_name(ctx.query, options)
        if is_allowed is not None and not is_allowed(ctx):
            raise HttpError(403, "this page may not load the data: Referer or CSRF token is wrong")
        await next()
        if name and not ctx.response.is_empty:
            ctx.body = ctx.create_jsonp_body(ctx.body)

    return jsonp


def _merged(section: JsonpConfig, given: JsonpOptions) -> JsonpConfig:
    known = [field.name for field in dataclasses.fields(JsonpConfig)]
    for name in given:
        if name not in known:
            hint = suggestion_or_list(name, known, "options")
            raise ConfigError(f"app.jsonp: unknown option {name!r}", hint=hint)
    return dataclasses.replace(section, **given)


def _check(app: Application, options: JsonpConfig, place: str) -> Callable[[Context], bool] | None:
    """Returns the check of a request, None if every page may read the data (core:JP-4)."""
    by_referer, by_token = allowed_pages(options.white_list), _checks_token(app, options)
    if by_referer is None and not by_token:
        app.warnings.append(place + _warning(options))
        return None

    def is_allowed(ctx: Context) -> bool:
        if by_referer is not None and by_referer(ctx.get("referer")):
            return True
        return by_token and _has_token(ctx)

    return is_allowed


def _checks_token(app: Application, options: JsonpConfig) -> bool:
    is_on = any(plugin.name == "security" for plugin in app.plugins.order)
    return options.csrf and is_on and bool(app.config.security.csrf.enable)


def _warning(options: JsonpConfig) -> str:
    if options.csrf:
        return "app.jsonp: csrf has no effect, because the plugin security does not check tokens"
    return (
        "app.jsonp: every site may read the data of this route"
        " (app.jsonp(white_list='shop.example'), or csrf=True)"
    )


def _has_token(ctx: Context) -> bool:
    try:
        ctx.assert_csrf()
    except HttpError:
        return False
    return True
