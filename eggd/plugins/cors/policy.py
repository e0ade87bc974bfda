"""The header fields of responses to other origins, and the answers to preflights.

Source: https://fetch.spec.whatwg.org/#http-cors-protocol
"""

from __future__ import annotations

import re

from eggd import Context, path_condition
from eggd.plugins.cors.origins import allowed_origins, is_constant
from eggd.plugins.cors.section import CorsConfig

_NAMES = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z, \t]{1,2000}")
_PREFIX = "Access-Control-"


class CorsPolicy:
    """One app's policy."""

    def __init__(self, options: CorsConfig) -> None:
        """Takes checked options."""
        self._options = options
        self._allowed = allowed_origins(options.origin, credentials=options.credentials)
        self._varies = not is_constant(options.origin)
        self._condition = path_condition(options.match, options.ignore, "cors")
        fields = {"Allow-Credentials": "true"} if options.credentials else {}
        self._every = {f"{_PREFIX}{name}": value for name, value in fields.items()}
        """The fields of every response to an allowed origin, beside Allow-Origin."""
        self._exposed = ", ".join(options.expose_headers)

    def guard(self, ctx: Context) -> None:
        """Sets the fields of a response, which errors keep (known:KW-42)."""
        if self._condition is not None and not self._condition(ctx):
            return
        if self._varies:
            # Not by ctx.vary: a handler that sets Vary must not remove it.
            ctx.exchange.add_line(b"Vary: Origin\r\n")
        origin = ctx.get("origin")
        allowed = self._allowed(ctx, origin) if origin else ""
        if allowed:
            ctx.set(f"{_PREFIX}Allow-Origin", allowed)
            ctx.set(self._every)
            if self._exposed and ctx.method != "OPTIONS":
                ctx.set(f"{_PREFIX}Expose-Headers", self._exposed)

    def is_preflight(self, ctx: Context) -> bool:
        """Returns whether a browser asks if a script may make a request."""
        if ctx.method != "OPTIONS" or not ctx.get("access-control-request-method"):
            return False
        covered = self._condition is None or self._condition(ctx)
        return covered and bool(ctx.get("origin"))

    def answer_preflight(self, ctx: Context) -> None:
        """Answers 204: with the allowed requests, or without a field for an origin that is not."""
        ctx.status = 204
        options = self._options
        names = options.allow_headers
        if names is None:
            ctx.exchange.add_line(b"Vary: Access-Control-Request-Headers\r\n")
        if not ctx.get_field(f"{_PREFIX}Allow-Origin"):
            return
        ctx.set(f"{_PREFIX}Allow-Methods", ", ".join(options.allow_methods))
        asked = ctx.get("access-control-request-headers")
        allowed = ", ".join(names) if names is not None else asked
        if allowed and _NAMES.fullmatch(allowed):
            ctx.set(f"{_PREFIX}Allow-Headers", allowed)
        if options.max_age:
            ctx.set(f"{_PREFIX}Max-Age", str(int(options.max_age)))
        wants = ctx.get("access-control-request-private-network") == "true"
        if options.private_network and wants:
            ctx.set(f"{_PREFIX}Allow-Private-Network", "true")
