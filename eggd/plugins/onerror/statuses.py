"""The status of an exception: its own, or that of `onerror.statuses`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import cast

from eggd import ConfigError, EggError, HttpError, check_function

Rule = int | Callable[[BaseException], object]
"""A status, or a function that returns the HttpError of an exception, or None."""


def check_statuses(pairs: Sequence[object]) -> Mapping[type[BaseException], Rule]:
    """Returns the rule of each class. Raises ConfigError for a pair that is not one."""
    rules: dict[type[BaseException], Rule] = {}
    for number, pair in enumerate(pairs):
        where = f"onerror.statuses[{number}]"
        if not isinstance(pair, tuple | list) or len(pair) != 2:
            raise ConfigError(f"{where}: {pair!r} is not a pair", hint="(LookupError, 404)")
        kind, rule = pair
        if not isinstance(kind, type) or not issubclass(kind, Exception):
            raise ConfigError(f"{where}: {kind!r} is not a class of exceptions")
        if issubclass(kind, HttpError):
            raise ConfigError(f"{where}: {kind.__name__} has a status", hint="remove the pair")
        if kind in rules:
            raise ConfigError(f"{where}: {kind.__name__} is named twice")
        rules[kind] = _checked(where, rule)
    return rules


def _checked(where: str, rule: object) -> Rule:
    if callable(rule):
        check_function(f"{where}.rule", rule, "error")
        return cast("Rule", rule)
    if type(rule) is not int or not 400 <= rule <= 599:
        raise ConfigError(f"{where}: {rule!r} is not an error status", hint="400 to 599")
    return rule


def http_error(error: BaseException, rules: Mapping[type[BaseException], Rule]) -> HttpError:
    """Returns the answer to an error: itself, that of its nearest base class, or a 500.

    The message of a mapped exception is not shown to clients. Raises what a rule raises, and
    EggError if its result is neither an HttpError with an error status nor None.
    """
    if isinstance(error, HttpError):
        return error
    rule = next((rules[cls] for cls in type(error).__mro__ if cls in rules), 500)
    if isinstance(rule, int):
        return HttpError(rule)
    result = rule(error)
    if result is None:
        return HttpError(500)
    if isinstance(result, HttpError) and type(result.status) is int and 400 <= result.status <= 599:
        return result
    raise EggError(
        f"onerror.statuses: the rule of {type(error).__name__} returned {result!r}",
        hint="return an HttpError with a status of 400 to 599, or None",
    )
