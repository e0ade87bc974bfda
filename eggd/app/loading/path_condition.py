"""The options `match` and `ignore`: which requests something is used for (core:MW-5).

A condition of prefixes and regular expressions depends on the path alone, one with a function may
read anything. Results are not kept: a match takes as long as a look-up, whatever paths come.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from typing import Any, cast

from eggd.app.context.context import Context
from eggd.app.routing.path import below, compile_path, spellings, too_long
from eggd.calling import mismatch
from eggd.errors import ConfigError, RouteError

_QUERY = re.compile(r"\?[\w\[\]]*[=&]")
"""The beginning of a query, not the `?` of an optional parameter."""

Condition = Callable[[Any], bool]
"""Returns whether something is used for the request of a ctx."""
Test = Callable[[str], bool]
"""The same for a raw path."""
Fit = Callable[[str], object]
"""Returns something true for a path that a pattern fits."""


class PathCondition:
    """A condition that depends on the raw path alone."""

    def __init__(self, test: Test) -> None:
        """Takes the function that decides."""
        self.test = test
        """Decides for a path, as text in Latin-1."""

    def __call__(self, ctx: Context) -> bool:
        """Decides for a request."""
        return self.test(ctx.path)


def path_condition(match: object, ignore: object, name: str) -> Condition | None:
    """Returns the condition of the options `match` or `ignore`, None without either.

    It is a `PathCondition` unless the option has a function. A route matches the raw path; a
    mounted application sees the decoded one, and may resolve `.`, `..` and empty segments in it.
    `match` applies if one of these spellings fits, `ignore` exempts a request only if all fit.
    Raises ConfigError for both keys at once, and for a pattern of an unknown kind (core:MW-5).
    """
    if match is not None and ignore is not None:
        keys = [f"{name}.match", f"{name}.ignore"]
        raise ConfigError(f"{name}: match and ignore cannot both be set", keys=keys)
    if match is None and ignore is None:
        return None
    unsure = match is not None
    pattern, key = (match, f"{name}.match") if unsure else (ignore, f"{name}.ignore")
    fit = _path_fit(pattern, key, unsure=unsure)
    if fit is not None:
        return PathCondition(_matching(fit) if unsure else _ignoring(fit))
    fits = _condition(pattern, key, unsure=unsure)
    if unsure:
        return lambda ctx: fits(ctx) or any(_on(path, fits, ctx) for path in spellings(ctx.path))
    return lambda ctx: not (fits(ctx) and all(_on(path, fits, ctx) for path in spellings(ctx.path)))


def _matching(fits: Fit) -> Test:
    return lambda path: bool(fits(path)) or any(map(fits, spellings(path)))


def _ignoring(fits: Fit) -> Test:
    return lambda path: not (fits(path) and all(map(fits, spellings(path))))


def _on(path: str, condition: Condition, ctx: Context) -> bool:
    """Returns the condition's result for the request with another spelling of its path."""
    raw = ctx.exchange.path
    ctx.exchange.path = path.encode("latin-1", "replace")
    try:
        return condition(ctx)
    finally:
        ctx.exchange.path = raw


def _path_fit(pattern: object, key: str, *, unsure: bool) -> Fit | None:
    """Returns the test of one match/ignore value: prefix, regex or a list; None with a function.

    `unsure` is its result for a path that is too long for the pattern to be tried.
    """
    if isinstance(pattern, str):
        return _prefix_fit(pattern, key, unsure=unsure)
    if isinstance(pattern, re.Pattern):
        return pattern.search
    if isinstance(pattern, list | tuple) and pattern:
        each = [_path_fit(item, key, unsure=unsure) for item in pattern]
        fits = [fit for fit in each if fit is not None]
        return None if len(fits) < len(each) else lambda path: any(fit(path) for fit in fits)
    if callable(pattern):
        _check_function(pattern, key)
        return None
    raise ConfigError(
        f"{key} must be text, a regex, a function or a list of those, not {pattern!r}",
        keys=[key],
    )


def _check_function(function: Callable[..., object], key: str) -> None:
    """Raises ConfigError for a function that a request could not be decided with."""
    place = f"{key}: the function {getattr(function, '__qualname__', function)}"
    if inspect.iscoroutinefunction(function):
        raise ConfigError(f"{place} is async", hint="define it with def", keys=[key])
    if mismatch(function, None):
        hint = "def is_exempt(ctx): ..."
        raise ConfigError(f"{place} must take one argument", hint=hint, keys=[key])


def _condition(pattern: object, key: str, *, unsure: bool) -> Condition:
    """Returns the condition of a match/ignore value that has a function."""
    fit = _path_fit(pattern, key, unsure=unsure)
    if fit is not None:
        return lambda ctx: bool(fit(ctx.path))
    if isinstance(pattern, list | tuple):
        conditions = [_condition(item, key, unsure=unsure) for item in pattern]
        return lambda ctx: any(condition(ctx) for condition in conditions)
    decides = cast("Callable[[Context], object]", pattern)
    return lambda ctx: bool(decides(ctx))


def _prefix_fit(path: str, key: str, *, unsure: bool) -> Fit:
    if "#" in path or _QUERY.search(path):
        raise ConfigError(
            f"{key}: path {path!r} has a query, which is never compared",
            hint="write the path alone, or a function of ctx",
            keys=[key],
        )
    try:
        pattern = below(compile_path(path))
    except RouteError as exc:
        text = exc.message.removeprefix("route ")
        raise ConfigError(f"{key}: {text}", hint=exc.hint, keys=[key]) from exc
    fits = re.compile(pattern.source, re.IGNORECASE | re.ASCII | re.DOTALL).fullmatch
    if pattern.longest is None:
        return fits
    return lambda path: unsure if too_long(pattern, path) else fits(path)
