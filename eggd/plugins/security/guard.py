"""The guard of the usual requests, as few steps as can be: most requests pass nothing else."""

from __future__ import annotations

from collections.abc import Callable

from eggd import Context
from eggd.plugins.security.security import Security

Guard = Callable[[Context], object]


def fast_guard(security: Security) -> Guard:
    """Returns a guard that answers as `security.guard` does, and leaves unusual requests to it.

    Unusual are a path that may lead above the root, a method that changes something unless the
    path is exempt from the check against forgery, OPTIONS, a cookie that is hard to recognize, and
    a path without a route beside an exempt mount. Call it once the app can make contexts.
    """
    if not security.is_plain or (security.sends_secrets and not security.csrf.secrets.lines):
        return security.guard
    return _guard_by_path(security)


def _guard_by_path(security: Security) -> Guard:
    """Returns the fast guard; one function without helpers, as each call costs 400 instructions."""
    secrets, has_mounts = security.csrf.secrets, security.exempts_mounts
    harmless, sends_secrets = security.harmless - {"OPTIONS"}, security.sends_secrets
    fields_of = None if security.headers.is_constant else security.headers.by_path
    applies = None if security.csrf.is_unconditional else security.csrf.by_path
    guard, new_secret, left = security.guard, secrets.source.next, secrets.source.left
    lines, is_direct, find = secrets.lines, secrets.is_direct, secrets.find
    cookie, exemptible = b"%b=" % secrets.names[0].encode(), security.csrf.exemptible

    def check(ctx: Context) -> object:
        exchange = ctx.exchange
        # ASCII. Text: `in` for bytes first tries a number, an exception of 1,500 instructions.
        path = exchange.path.decode()
        is_unusual = "%" in path or ".." in path or (has_mounts and ctx.route is None)
        is_read = exchange.method in harmless
        if is_unusual or not (
            is_read or (exchange.method in exemptible and applies is not None and not applies(path))
        ):
            return guard(ctx)
        if fields_of is not None and (fields := fields_of(path)) is not None:
            exchange.fix(fields)
        if is_read and sends_secrets and (applies is None or applies(path)):
            if exchange.mentions(cookie):
                if find(exchange.headers.get("cookie")) is None:
                    return guard(ctx)
            elif ctx.route is None or ctx.route.kind != "file":
                secret = ctx.csrf_secret = left.pop() if left else new_secret()
                is_secure = exchange.scheme == "https" if is_direct else ctx.request.secure
                before, after = lines[is_secure]
                exchange.add_line(f"{before}{secret}{after}".encode())
        return None

    return check
