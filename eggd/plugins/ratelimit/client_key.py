"""The key under which a request counts."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from ipaddress import IPv6Address
from typing import cast

from eggd import ConfigError, Context, EggError, check_function

KeyOf = Callable[[Context], str | None]
"""Returns the key of a request; None: the request does not count."""


_LONGEST = 64
"""Characters of a key that a store keeps; of a longer one, which a client may choose, a digest."""


def bounded(key: str) -> str:
    """Returns a key of bounded length: stores keep it in memory for as long as it counts."""
    if len(key) <= _LONGEST:
        return key
    return hashlib.blake2b(key.encode(errors="surrogatepass"), digest_size=16).hexdigest()


def key_function(by: object, where: str) -> KeyOf:
    """Returns the function for the option `by`. Raises ConfigError for another value."""
    if isinstance(by, str):
        if by not in _NAMED:
            hint = "'ip', 'all', or a function of ctx"
            raise ConfigError(f"{where}: by {by!r} is unknown", hint=hint)
        return _NAMED[by]
    try:
        check_function("by", by, "ctx")
    except ConfigError as exc:
        raise ConfigError(f"{where}: {exc.message}", hint=exc.hint) from exc
    return _checked(cast("Callable[[Context], object]", by), where)


def _checked(by: Callable[[Context], object], where: str) -> KeyOf:
    def key(ctx: Context) -> str | None:
        value = by(ctx)
        if value is None or isinstance(value, str):
            return value
        raise EggError(f"{where}: by returned {value!r}", hint="text, or None for no limit")

    return key


def _network(ctx: Context) -> str:
    ip = ctx.ip
    # A client has a whole /64 (RFC 6177), and would else have as many keys as addresses.
    return IPv6Address(ip).packed[:8].hex() if ":" in ip else ip


def _all(_ctx: Context) -> str:
    return ""


_NAMED: dict[str, KeyOf] = {"ip": _network, "all": _all}
