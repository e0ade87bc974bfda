"""The methods of a class that its shared clients have (process:CC-8)."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from dataclasses import dataclass

from eggd import EggError, suggestion_or_list

TARGETS = ("subscribe", "unsubscribe", "publish", "invoke", "invoke_oneway", "close")
"""The ways in which a shared client has a method."""
_ONLY_ONE = ("subscribe", "unsubscribe", "publish", "close")
"""Targets that at most one method has: the leader calls it."""
_OWN = ("ready", "close")
"""Methods that each shared client has."""


@dataclass(frozen=True, slots=True)
class Methods:
    """The shared methods of one class."""

    title: str
    """The name of the class."""
    targets: Mapping[str, str]
    """The name of each shared method, and its target."""
    coroutines: frozenset[str]
    """The methods that are `async def` in the class."""

    def real(self, target: str) -> str:
        """Returns the method of the class for a target, or ""."""
        return next((name for name, each in self.targets.items() if each == target), "")

    def is_invoked(self, name: str) -> bool:
        """Returns whether workers may call this method in the agent."""
        return self.targets.get(name) in ("invoke", "invoke_oneway")


def methods_of(cls: type[object], delegates: Mapping[str, str]) -> Methods:
    """Returns the shared methods: `delegates`, and what the class has.

    A class has `subscribe`, `unsubscribe` and `publish` by these names, and all public methods that
    are `async def` as `invoke`. Raises EggError for a delegate without a method.
    """
    public = [name for name in dir(cls) if not name.startswith("_")]
    coroutines = {name for name in public if inspect.iscoroutinefunction(getattr(cls, name))}
    targets: dict[str, str] = {}
    for name, target in delegates.items():
        _check(cls, name, target, public)
        targets[name] = target
    for name in _ONLY_ONE:
        if name in public and name not in targets and name not in targets.values():
            targets[name] = name
    for name in sorted(coroutines - targets.keys() - {*_OWN}):
        targets[name] = "invoke"
    return Methods(cls.__name__, targets, frozenset(coroutines))


def _check(cls: type[object], name: str, target: str, public: list[str]) -> None:
    place = f"app.cluster({cls.__name__}).delegate({name!r}, {target!r})"
    if target not in TARGETS:
        raise EggError(f"{place}: unknown target", hint=suggestion_or_list(str(target), TARGETS))
    if not isinstance(name, str) or not callable(getattr(cls, name, None)):
        text = f"{place}: {cls.__name__} has no such method"
        raise EggError(text, hint=suggestion_or_list(str(name), public, "methods"))
