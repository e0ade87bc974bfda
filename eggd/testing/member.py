"""One method of a loaded class or object gives what a test wants (core:MOCK-7, MOCK-12).

A class is replaced in its tree by a subclass of itself: so a method that the class inherits, or
that its constructor sets on the instance, is overridden as well, and nobody else's is.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import pytest

from eggd.app.application import Application
from eggd.calling import call
from eggd.errors import EggError
from eggd.loader.tree import Tree

__tracebackhide__ = True  # a test that fails here failed in its own line


def mock_member(
    patches: pytest.MonkeyPatch, app: Application, path: str, method: str, value: object
) -> None:
    """Replaces a method of `service.user` or of `adapter.docker`. Raises EggError if there is none.

    Contexts that exist already keep what they have made.
    """
    tree, name = _place(app, path)
    entry: Any = tree[name]
    given = getattr(entry, method, None)
    if given is None and isinstance(entry, type):
        given = getattr(entry(app.create_anonymous_context()), method, None)
    if not callable(given):
        raise EggError(
            f"property {method} in original object must be function", hint=f"{path} has none"
        )
    mocked = replacement(given, value)
    if isinstance(entry, type):
        patches.setitem(tree, name, _mocked(entry, method, mocked))
    else:
        bound = mocked.__get__(entry) if hasattr(mocked, "__get__") else mocked
        patches.setattr(entry, method, bound)


def replacement(given: Callable[..., Any], value: object) -> Any:
    """Returns what stands for `given`: gives `value`, calls it or raises it, as its callers await.

    A function gets the object and the arguments.
    """

    def result(*args: Any, **named: Any) -> Any:
        if isinstance(value, BaseException) or _is_error(value):
            raise value  # type: ignore[misc]
        return value(*args, **named) if callable(value) else value

    if not inspect.iscoroutinefunction(given):
        return result

    async def awaited(*args: Any, **named: Any) -> Any:
        return await call(result, *args, **named)

    return awaited


def _is_error(value: object) -> bool:
    return isinstance(value, type) and issubclass(value, BaseException)


def _mocked(cls: Any, method: str, mocked: Any) -> type:
    def __init__(self: Any, *args: Any) -> None:  # noqa: N807
        cls.__init__(self, *args)
        vars(self).pop(method, None)

    return type(cls.__name__, (cls,), {"__init__": __init__, method: mocked})


def _place(app: Application, path: str) -> tuple[Tree, str]:
    """Returns the level of a tree and the name in it that a dotted path means."""
    root, *folders, name = [*path.split(".")]
    tree: Any = getattr(app, f"{root}_classes", None)
    if tree is None:
        tree = getattr(app, root, None)
    for folder in folders:
        tree = tree.get(folder) if isinstance(tree, dict) else None
    if not isinstance(tree, dict) or isinstance(tree.get(name, {}), dict):
        known = ", ".join(tree) if isinstance(tree, dict) else "none"
        raise EggError(f"{path} does not exist", hint=f"known: {known or 'none'}")
    return tree, name
