"""Calls functions of an app whose shape eggd does not know: sync or async, of any arity."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable
from inspect import Parameter
from types import FunctionType
from typing import ParamSpec, TypeVar, overload

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
    if isinstance(function, FunctionType) and not (
        follow_wrapped and hasattr(function, "__wrapped__")
    ):  # signature() takes longer than all else that is done for a route
        return function.__code__.co_argcount - len(function.__defaults__ or ())
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return None
    return sum(each.kind in _POSITIONAL and each.default is each.empty for each in parameters)


def mismatch(function: Callable[..., object], *args: object) -> str | None:
    """Returns why `function(*args)` cannot be called, "" if it can; None without a signature."""
    try:
        inspect.signature(function).bind(*args)
    except TypeError as exc:
        return str(exc)
    except ValueError:
        return None
    return ""
