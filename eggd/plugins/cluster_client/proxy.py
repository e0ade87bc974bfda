"""The object that `create` returns: the shared methods of a class, done by leader or follower."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Protocol

from eggd import suggestion
from eggd.plugins.cluster_client.listeners import Listener
from eggd.plugins.cluster_client.methods import Methods


class Side(Protocol):
    """A leader or a follower."""

    def subscribe(self, info: object, listener: Listener) -> None:
        """Calls `listener(value)` with the last value, and with each new one."""
        ...

    def unsubscribe(self, info: object, listener: Listener | None = None) -> None:
        """Removes one listener, or all of this process."""
        ...

    def publish(self, info: object) -> None:
        """Publishes through the leader."""
        ...

    async def invoke(
        self, method: str, args: tuple[object, ...], named: Mapping[str, object]
    ) -> object:
        """Returns the result of a method of the real client."""
        ...

    def invoke_oneway(
        self, method: str, args: tuple[object, ...], named: Mapping[str, object]
    ) -> None:
        """Calls a method of the real client, without an answer."""
        ...

    async def ready(self) -> None:
        """Waits until the real client is ready; raises its error."""
        ...

    async def close(self) -> None:
        """Closes this client; a second call does nothing."""
        ...


class SharedClient:
    """The shared methods, `ready` and `close`."""

    def __init__(self, side: Side, methods: Methods, overrides: Mapping[str, object]) -> None:
        self._title = methods.title
        members: dict[str, object] = {"ready": side.ready, "close": side.close}
        for name, target in methods.targets.items():
            members[name] = _method(side, name, target, is_async=name in methods.coroutines)
        vars(self).update({**members, **overrides})

    def __getattr__(self, name: str) -> object:
        text = f"a shared {self._title} has no {name!r}: only async methods are shared"
        hint = suggestion(name, [each for each in vars(self) if not each.startswith("_")])
        raise AttributeError(f"{text} ({hint})" if hint else text)

    def __repr__(self) -> str:
        return f"<shared {self._title}>"


def _method(side: Side, name: str, target: str, *, is_async: bool) -> Callable[..., object]:
    """Returns the function of one method."""
    if target == "invoke":

        async def invoke(*args: object, **named: object) -> object:
            return await side.invoke(name, args, named)

        return invoke
    if target == "close":
        return side.close
    if target == "invoke_oneway":

        def plain(*args: object, **named: object) -> None:
            side.invoke_oneway(name, args, named)

        return _as_coroutine(plain) if is_async else plain
    own: Callable[..., None] = getattr(side, target)
    return _as_coroutine(own) if is_async else own


def _as_coroutine(function: Callable[..., None]) -> Callable[..., object]:
    async def method(*args: object, **named: object) -> None:
        function(*args, **named)

    return method
