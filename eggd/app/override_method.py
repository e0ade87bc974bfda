"""A POST that means another method: forms know only GET and POST (core:OVR-1, OVR-2)."""

from __future__ import annotations

from eggd.app.config import OverrideMethodConfig
from eggd.app.context import Context
from eggd.errors import HttpError

METHODS = frozenset(("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"))
"""What a request may become; not HEAD, as the client waits for the content of its own method."""


def overriding(ctx: Context, config: OverrideMethodConfig) -> str:
    """Return the method that the body's `_method` or X-HTTP-Method-Override asks for, or "".

    Only for a request whose method is in `allowed_methods`. Raises HttpError 400 for no method.
    """
    if not config.enable or ctx.exchange.method not in config.allowed_methods:
        return ""
    body = ctx.request.body
    asked: object = body.get("_method") if isinstance(body, dict) else None
    if not asked and not isinstance(asked, int | float):
        asked = ctx.exchange.headers.get("x-http-method-override")
    if asked == "":
        return ""
    method = asked.upper() if isinstance(asked, str) else ""
    if method not in METHODS:
        raise HttpError(400, f'invalid overriden method: "{asked}"')
    return method
