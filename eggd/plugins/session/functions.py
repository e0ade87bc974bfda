"""Checks the functions that an app gives: the methods of a store, and what a function returns.

A wrong one is an error of the start, not of the first request that calls it.
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from types import FunctionType

from eggd import ConfigError, EggError, mismatch

METHODS: Mapping[str, tuple[str, ...]] = {
    "get": ("key",),
    "set": ("key", "entry", "max_age"),
    "destroy": ("key",),
}
"""The methods of a store, each with its parameters (process:SES-20)."""


def check_store(store: object, where: str = "the session store") -> None:
    """Raises ConfigError for a store, or a class of stores, that lacks a method of `SessionStore`.

    So it does for a method that is not async, and for one that takes other arguments.
    """
    kind = store if isinstance(store, type) else type(store)
    name = f"{where} {kind.__qualname__}"
    if missing := [each for each in METHODS if not callable(getattr(store, each, None))]:
        raise ConfigError(
            f"{name} has no {', '.join(missing)}",
            hint="get(key), set(key, entry, max_age), destroy(key)",
        )
    for method, parameters in METHODS.items():
        definition = f"define it: async def {method}(self, {', '.join(parameters)})"
        function = getattr(store, method)
        if not is_async(inspect.unwrap(function)):
            raise ConfigError(f"{name}: {method} is not async", hint=definition)
        takes_self = store is kind and isinstance(
            inspect.getattr_static(kind, method), FunctionType
        )
        if problem := mismatch(function, *("self",) * takes_self, *parameters):
            raise ConfigError(f"{name}: {method}: {problem}", hint=definition)


def plain_result(name: str, result: object) -> object:
    """Returns the result of a function of the config. Raises EggError if it must be awaited.

    A lambda may return what an async function does: taken as a truth it would accept any session.
    """
    if not inspect.isawaitable(result):
        return result
    if inspect.iscoroutine(result):
        result.close()
    raise EggError(f"{name} returned an awaitable", hint="define it with def")


def is_async(function: object) -> bool:
    """Returns whether a function is defined with `async def`."""
    return inspect.iscoroutinefunction(function)
