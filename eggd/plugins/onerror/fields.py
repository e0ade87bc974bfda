"""Header fields of an answer to an error that win over those of the app."""

from __future__ import annotations

from collections.abc import Mapping

from eggd import Context

SNIFF = {"X-Content-Type-Options": "nosniff"}
"""Keeps browsers from taking text of an error for a page or a script."""


def fix(ctx: Context, fields: Mapping[str, str | None]) -> None:
    """Sends these fields with the response, in place of those of its handler and of all responses.

    None removes one.
    """
    for name in fields:
        ctx.response.remove(name)
    ctx.exchange.fix(ctx.exchange.fixed.but(fields))
