"""Replaces a method of a loaded class or object (core:MOCK-7, MOCK-12).

A class is replaced in its tree by a subclass: this also overrides a method that it inherits or that
its constructor sets on the instance, and leaves other classes alone.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable

import pytest

from eggd.app.application import Application
from eggd.calling import call
from eggd.errors import MockError
from eggd.loader.tree import Tree
from eggd.testing.arguments import check_kind

__tracebackhide__ = True  # pytest shows the line of the test instead


def mock_method(
    patches: pytest.MonkeyPatch, app: Application, path: str, method: str, value: object
) -> None:
    """Replaces a method of `service.user` or of `adapter.docker`; raises MockError.

    Existing contexts keep the objects that they have created.
    """
    check_kind("the name of what is mocked", path, str, "text")
    check_kind("the name of a method", method, str, "text")
    tree, name = _place(app, path)
    entry = tree[name]
    given = getattr(entry, method, None)
    if given is None and isinstance(entry, type):
        given = getattr(entry(app.create_anonymous_context()), method, None)
    if not callable(given):
        raise MockError(f"{path} has no method {method!r}")
    mocked = replacement(given, value)
    if isinstance(entry, type):
        patches.setitem(tree, name, _mock(entry, method, mocked))
    else:
        bound = mocked.__get__(entry) if hasattr(mocked, "__get__") else mocked
        patches.setattr(entry, method, bound)


def replacement(given: Callable[..., object], value: object) -> Callable[..., object]:
    """Returns a replacement of `given` that returns, calls or raises `value`; async if `given` is.

    A function gets the object and the arguments.
    """

    def result(*args: object, **named: object) -> object:
        if isinstance(value, BaseException) or _is_error(value):
            raise value  # type: ignore[misc]
        return value(*args, **named) if callable(value) else value

    if not inspect.iscoroutinefunction(given):
        return result

    async def awaited(*args: object, **named: object) -> object:
        return await call(result, *args, **named)

    return awaited


def _is_error(value: object) -> bool:
    return isinstance(value, type) and issubclass(value, BaseException)


def _mock(cls: type, method: str, mocked: object) -> type:
    def __init__(self: object, *args: object) -> None:  # noqa: N807
        cls.__init__(self, *args)  # type: ignore[misc]
        vars(self).pop(method, None)

    return type(cls.__name__, (cls,), {"__init__": __init__, method: mocked})


def _place(app: Application, path: str) -> tuple[Tree, str]:
    """Returns the level of a tree, and the name in it, for a dotted path."""
    root, *folders, name = [*path.split(".")]
    tree = getattr(app, f"{root}_classes", None)
    if tree is None:
        tree = getattr(app, root, None)
    for folder in folders:
        tree = tree.get(folder) if isinstance(tree, dict) else None
    if not isinstance(tree, dict) or isinstance(tree.get(name, {}), dict):
        known = ", ".join(tree) if isinstance(tree, dict) else "none"
        raise MockError(f"{path} does not exist", hint=f"known: {known or 'none'}")
    return tree, name
