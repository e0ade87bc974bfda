"""`Link`: one function of a route's chain, as the app has written it."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from eggd.app.routing.handlers import source_of

Kind = Literal["middleware", "layer", "param", "route middleware", "handler"]


@dataclass(frozen=True, slots=True)
class Link:
    """One function that may run for a request."""

    kind: Kind
    """`middleware` is the app's, `layer` that of `router.use`."""
    name: str
    """The qualified name: that of a frame that runs it."""
    file: str
    """The file that defines it; "" for an object without code."""
    line: int = 0
    """The line at which it begins; 0 if it is not known."""


def link(kind: Kind, function: Callable[..., object]) -> Link:
    """Returns the link of a function, without the wrappers that eggd puts around it."""
    function = inspect.unwrap(function)
    code = getattr(function, "__code__", None)
    if code is not None and not hasattr(function, "source"):
        return Link(kind, code.co_qualname, code.co_filename, code.co_firstlineno)
    file, _, name = source_of(function).rpartition("#")
    return Link(kind, name.removesuffix("()"), file)
