"""A POST that means another method: forms know only GET and POST (core:OVR-1, OVR-2)."""

from __future__ import annotations

from eggd.app.config import OverrideMethodConfig
from eggd.app.context.context import Context
from eggd.errors import HttpError

METHODS = frozenset(("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"))
"""What a request may become; not HEAD, as the client waits for the content of its own method."""


_NUMBERS = (int, float)


def overridable(config: OverrideMethodConfig) -> frozenset[str]:
    """Returns the methods that a request may change; none where that is switched off."""
    return frozenset(config.allowed_methods if config.enable else ())


def overriding(ctx: Context) -> str:
    """Returns the method that the body's `_method` or X-HTTP-Method-Override asks for, or "".

    Only for a request whose method is `overridable`. Raises HttpError 400 for no method.
    """
    body = ctx.request.body
    asked: object = body.get("_method") if isinstance(body, dict) else None
    if asked is None or not (asked or isinstance(asked, _NUMBERS)):
        asked = ctx.exchange.headers.get("x-http-method-override")
    if asked == "":
        return ""
    method = asked.upper() if isinstance(asked, str) else ""
    if method not in METHODS:
        raise HttpError(400, f'invalid overriden method: "{asked}"')
    return method
