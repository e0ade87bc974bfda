"""Requests that stand for another method: forms can only send GET and POST (core:OVR-1, OVR-2)."""

from __future__ import annotations

from eggd.app.config import OverrideMethodConfig
from eggd.app.context.context import Context
from eggd.errors import HttpError

OVERRIDING = frozenset(("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"))
"""The methods that may be asked for; not HEAD, as the client waits for content."""


_NUMBERS = (int, float)


def overridable(config: OverrideMethodConfig) -> frozenset[str]:
    """Returns the methods that a request may override; an empty set if that is disabled."""
    return frozenset(config.allowed_methods if config.enable else ())


def overriding(ctx: Context) -> str:
    """Returns the method that the body's `_method` or X-HTTP-Method-Override asks for, or "".

    Only for a request whose method is `overridable`. Raises HttpError 400 for an unknown method.
    """
    body = ctx.request.body
    value: object = body.get("_method") if isinstance(body, dict) else None
    if value is None or not (value or isinstance(value, _NUMBERS)):
        value = ctx.exchange.headers.get("x-http-method-override")
    if value == "":
        return ""
    method = value.upper() if isinstance(value, str) else ""
    if method not in OVERRIDING:
        raise HttpError(400, f"invalid overriding method: {value!r}")
    return method
