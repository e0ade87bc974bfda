"""Calls functions of an app whose shape eggd does not know: sync or async, of any arity."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable
from functools import lru_cache
from inspect import Parameter
from types import BuiltinMethodType, FunctionType, MethodType, ModuleType
from typing import ParamSpec, TypeVar, overload

from eggd.errors import ConfigError

P = ParamSpec("P")
T = TypeVar("T")

_POSITIONAL = (Parameter.POSITIONAL_ONLY, Parameter.POSITIONAL_OR_KEYWORD)


@overload
async def call(function: Callable[P, Awaitable[T]], *args: P.args, **named: P.kwargs) -> T: ...
@overload
async def call(function: Callable[P, Awaitable[T] | T], *args: P.args, **named: P.kwargs) -> T: ...
async def call(function: Callable[P, object], *args: P.args, **named: P.kwargs) -> object:
    """Returns the result of `function(*args, **named)`, awaited if it is awaitable."""
    result = function(*args, **named)
    return await result if inspect.isawaitable(result) else result


def arity(function: Callable[..., object], *, follow_wrapped: bool = True) -> int | None:
    """Returns how many positional arguments a call must give; None without a signature.

    An argument with a default value does not count. By default a decorated function needs what
    the function needs that `functools.wraps` names.
    """
    # signature() takes longer than all else that is done for a route, or for a message.
    if isinstance(function, MethodType) and isinstance(function.__func__, FunctionType):
        return max(0, (arity(function.__func__, follow_wrapped=follow_wrapped) or 0) - 1)
    if isinstance(function, FunctionType) and not (
        follow_wrapped and hasattr(function, "__wrapped__")
    ):
        return function.__code__.co_argcount - len(function.__defaults__ or ())
    if isinstance(function, BuiltinMethodType) and not isinstance(
        function.__self__, ModuleType | type
    ):
        return _of_builtin(type(function.__self__), function.__name__)  # type: ignore[arg-type]
    return _by_signature(function)


@lru_cache(256)
def _of_builtin(owner: type, name: str) -> int | None:
    """Returns the arity of a method of a built-in class, whose signature is parsed from a text."""
    count = _by_signature(getattr(owner, name))
    return None if count is None else count - 1


def _by_signature(function: Callable[..., object]) -> int | None:
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return None
    return sum(each.kind in _POSITIONAL and each.default is each.empty for each in parameters)


def mismatch(function: Callable[..., object], *args: object, more: bool = False) -> str | None:
    """Returns why `function(*args)` cannot be called, "" if it can; None without a signature.

    With `more`, further arguments may follow, so missing ones are allowed.
    """
    try:
        signature = inspect.signature(function)
        _ = signature.bind_partial(*args) if more else signature.bind(*args)
    except TypeError as exc:
        return str(exc)
    except ValueError:
        return None
    return ""


def check_function(name: str, function: object, *parameters: str, may_wait: bool = False) -> None:
    """Raises ConfigError for a function of the config that cannot take these arguments.

    It is an error of the start, not of the first request. So is a function that is async, unless
    it `may_wait`.
    """
    definition = f"define it: def {name.rpartition('.')[2]}({', '.join(parameters)})"
    if not callable(function):
        raise ConfigError(f"{name} is not a function: {type(function).__name__}", hint=definition)
    is_async = inspect.iscoroutinefunction
    if not may_wait and (is_async(function) or is_async(getattr(function, "__call__", None))):  # noqa: B004
        raise ConfigError(f"{name} is async", hint=definition)
    if problem := mismatch(function, *parameters):
        raise ConfigError(f"{name}: {problem}", hint=definition)
