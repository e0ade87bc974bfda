"""The origins that are allowed: from the config to a function of a request.

An origin is compared as a whole, with scheme, host and port: a prefix, a suffix or another port is
another origin (known:KW-39).
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterator, Sequence
from typing import cast

from eggd import ConfigError, Context, EggError, mismatch

Allowed = Callable[[Context, str], str]
"""Returns the value of Access-Control-Allow-Origin for a request's origin, "" if not allowed."""

ANY = "*"
"""Every origin, and the value of Access-Control-Allow-Origin for them."""

_LONGEST = 300
"""Characters of an origin that patterns are tried on: a host name has at most 253."""
_ORIGIN = re.compile(
    r"([a-z][a-z0-9+.\-]*)://(?:\*\.)?"
    r"(?:[a-z0-9_](?:[a-z0-9_\-]|\.(?=[a-z0-9_]))*+(?<![\-])|\[[0-9a-f:.]+\])"
    r"(?::([0-9]{1,5}))?"
)
_NAME_FIRST = re.compile(r"\^?[A-Za-z0-9_\-]+(?:\\?\.[A-Za-z0-9_\-]+)*\$?")
"""The text of a pattern that is a host name only."""
_LOOSE_DOT = re.compile(r"(?<=[A-Za-z0-9])\.(?=[A-Za-z])")
"""A dot between two labels that is not escaped."""
_LOOSE_NAME = re.compile(r"\.[*+]\??\)?(?=[A-Za-z0-9])")
"""Any text, with a name behind it and no dot between them."""
_STRANGERS = (
    ("https://a.invalid", "https://evil-1.example", "https://d.e.test"),
    ("http://a.invalid", "http://evil-1.example", "http://d.e.test"),
)
"""Origins without anything in common but the scheme: a pattern that fits all of one scheme fits
every site."""


def allowed_origins(origin: object, *, credentials: bool) -> Allowed:
    """Returns the function for a value of `cors.origin`. Raises ConfigError."""
    if callable(origin):
        return _by_function(cast("Callable[..., object]", origin), credentials=credentials)
    is_list = isinstance(origin, Sequence) and not isinstance(origin, str)
    entries = list(cast("Sequence[object]", origin)) if is_list else [origin]
    if ANY in entries:
        return _any(entries, credentials=credentials)
    names = frozenset(_checked(each) for each in entries if isinstance(each, str))
    exact = frozenset(name for name in names if "*" not in name)
    patterns = [_wildcard(name) for name in names - exact]
    for each in entries:
        if isinstance(each, re.Pattern):
            patterns.append(_checked_pattern(each, credentials=credentials))
        elif not isinstance(each, str):
            raise ConfigError(f"cors.origin: {each!r} is neither text nor a pattern")

    def listed(_ctx: Context, origin: str) -> str:
        if origin in exact or (patterns and _fits(origin, patterns)):
            return origin
        return ""

    return listed


def loose_patterns(origin: object) -> Iterator[str]:
    """Yields a text for each pattern that probably fits origins of others, too."""
    is_list = isinstance(origin, Sequence) and not isinstance(origin, str)
    for each in cast("Sequence[object]", origin) if is_list else [origin]:
        if not isinstance(each, re.Pattern):
            continue
        if _LOOSE_DOT.search(each.pattern):
            strict = _LOOSE_DOT.sub(r"\.", each.pattern)
            yield f"r'{each.pattern}': '.' stands for any character (write r'{strict}')"
        if _LOOSE_NAME.search(each.pattern):
            yield f"r'{each.pattern}' fits hosts of others that end with the same letters"


def is_constant(origin: object) -> bool:
    """Returns whether every request gets the same fields, so that no `Vary: Origin` is needed."""
    return origin in (ANY, [ANY], (ANY,))


def _any(entries: list[object], *, credentials: bool) -> Allowed:
    if credentials:
        raise ConfigError(
            "cors.origin '*' and cors.credentials cannot be combined: every site could read a"
            " visitor's data",
            hint="list the origins",
        )
    if len(entries) > 1:
        raise ConfigError("cors.origin: '*' makes the other origins superfluous")
    return lambda _ctx, _origin: ANY


def _checked(origin: str) -> str:
    """Returns a listed origin as browsers send it. Raises ConfigError for another text."""
    if origin == "null":
        return origin
    if not _is_possible(origin.lower()):
        raise ConfigError(f"cors.origin: {origin!r} is not an origin", hint=_advice(origin))
    return origin.lower()


def _is_possible(origin: str) -> bool:
    """Returns whether browsers send an origin, which may be a wildcard.

    They leave a default port out, and a page has no scheme of WebSockets.
    """
    match = _ORIGIN.fullmatch(origin)
    if match is None or match[1] in ("ws", "wss"):
        return False
    port = int(match[2] or 1)
    return 0 < port < 65536 and port != {"http": 80, "https": 443}.get(match[1])


def _advice(origin: str) -> str:
    if not origin.isascii():
        return "write the host in Punycode: 'https://xn--...'"
    text = origin.lower().partition("?")[0].partition("#")[0].rstrip("/")
    text = re.sub(r"^ws(?=s?://)", "http", text)  # the page of a WebSocket is http(s)
    scheme, separator, rest = text.rpartition("://")
    host = re.sub(r":(?:80|443)$", "", rest.partition("/")[0])
    candidate = f"{scheme if separator else 'https'}://{host}"
    if _is_possible(candidate):
        return f"write {candidate!r}"
    return "scheme, host and a port that is not the default: 'https://shop.example'"


def _wildcard(name: str) -> re.Pattern[str]:
    return re.compile(re.escape(name).replace(r"\*", r"[a-z0-9_\-]+(?:\.[a-z0-9_\-]+)*"))


def _checked_pattern(pattern: re.Pattern[str], *, credentials: bool) -> re.Pattern[str]:
    if _NAME_FIRST.fullmatch(pattern.pattern):
        raise ConfigError(
            f"cors.origin: the pattern {pattern.pattern!r} fits no origin, which begins with a"
            " scheme",
            hint=f"write re.compile(r'https://{pattern.pattern.strip('^$')}')",
        )
    if credentials and any(all(map(pattern.fullmatch, each)) for each in _STRANGERS):
        raise ConfigError(
            f"cors.origin: the pattern {pattern.pattern!r} fits every origin, which"
            " cors.credentials must not allow",
            hint="name the host in the pattern",
        )
    return pattern


def _fits(origin: str, patterns: Sequence[re.Pattern[str]]) -> bool:
    if len(origin) > _LONGEST or origin == "null":
        return False
    return any(pattern.fullmatch(origin) for pattern in patterns)


def _by_function(function: Callable[..., object], *, credentials: bool) -> Allowed:
    if inspect.iscoroutinefunction(function):
        raise ConfigError(
            "cors.origin: the function must not be async", hint="def origin(ctx): ..."
        )
    if problem := mismatch(function, None):
        raise ConfigError(
            f"cors.origin: the function cannot be called with ctx: {problem}",
            hint="def origin(ctx): ...",
        )

    def decided(ctx: Context, origin: str) -> str:
        result = function(ctx)
        if not result:
            return ""
        if result is True:
            return "" if origin == "null" else origin
        if not isinstance(result, str):
            raise EggError(f"cors.origin returned {result!r}", hint="an origin, True or False")
        if result == ANY and credentials:
            raise EggError("cors.origin returned '*', which cors.credentials must not allow")
        return result if result in (origin, ANY) else ""

    return decided
