"""Checks the functions of the config: a wrong one is an error of the start."""

from __future__ import annotations

import inspect

from eggd import ConfigError


def check_function(name: str, function: object, *parameters: str, may_wait: bool = False) -> None:
    """Raises ConfigError for a function that cannot take these arguments, or is async."""
    definition = f"def {name.rpartition('.')[2]}({', '.join(parameters)})"
    if not callable(function):
        kind = type(function).__name__
        raise ConfigError(f"{name} is not a function: {kind}", hint=f"define it: {definition}")
    if inspect.iscoroutinefunction(function) and not may_wait:
        raise ConfigError(f"{name} is async", hint=f"define it: {definition}")
    try:
        inspect.signature(function).bind(*parameters)
    except TypeError as exc:
        raise ConfigError(f"{name}: {exc}", hint=f"define it: {definition}") from exc
    except ValueError:  # a function of C without a signature
        return
