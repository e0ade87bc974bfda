"""The guard of the usual requests, as few steps as can be: most requests pass nothing else."""

from __future__ import annotations

from collections.abc import Callable

from eggd import Context
from eggd.plugins.security.security import Security

Guard = Callable[[Context], object]


def fast_guard(security: Security) -> Guard:
    """Returns a guard that answers as `security.guard` does, and leaves unusual requests to it.

    Unusual are a path that may lead above the root, a method that changes something, OPTIONS, and a
    cookie that is hard to recognize. Call it once the app can make contexts.
    """
    secrets = security.csrf.secrets
    if not security.is_plain or (security.sends_secrets and not secrets.lines):
        return security.guard
    harmless, sends_secrets = security.harmless - {"OPTIONS"}, security.sends_secrets
    guard, new_secret, lines = security.guard, secrets.source.next, secrets.lines
    name = secrets.names[0].encode()
    cookie, first, later = b"%b=" % name, b"ookie: %b=" % name, b"; %b=" % name

    def check(ctx: Context) -> object:
        exchange = ctx.exchange
        # Text: `in` for bytes first tries a number, an exception of 1,500 instructions.
        path = exchange.path.decode("latin-1")
        if "%" in path or ".." in path or exchange.method not in harmless:
            return guard(ctx)
        if sends_secrets:
            if exchange.mentions(cookie):
                if not (exchange.mentions(first) or exchange.mentions(later)):
                    return guard(ctx)
            elif ctx.route is None or ctx.route.kind != "file":
                secret = ctx.csrf_secret = new_secret()
                before, after = lines[exchange.scheme == "https"]
                exchange.add_line(f"{before}{secret}{after}".encode())
        return None

    return check
