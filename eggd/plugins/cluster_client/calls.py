"""Calls methods of the real client, which are sync or async."""

from __future__ import annotations

import inspect
from collections.abc import Callable


async def finished(function: Callable[..., object], *args: object, **named: object) -> object:
    """Returns the result of a call, awaited if it can be."""
    result = function(*args, **named)
    return await result if inspect.isawaitable(result) else result
