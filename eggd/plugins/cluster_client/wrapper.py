"""`app.cluster(Class)`: the description of a shared client, and `create`."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Generic, ParamSpec, Protocol, Self, TypeVar, cast

from eggd import EggError
from eggd.plugins.cluster_client.methods import Methods, methods_of
from eggd.plugins.cluster_client.options import ClusterOptions, Options, options_of
from eggd.plugins.cluster_client.proxy import SharedClient, Side
from eggd.plugins.cluster_client.section import ClusterClientConfig

P = ParamSpec("P")
C = TypeVar("C")


class Clients(Protocol):
    """The shared clients of a process: leaders or followers."""

    def open(self, options: Options, methods: Methods, make: Callable[[], object]) -> Side:
        """Returns a new client. Raises EggError if there is one of this name."""
        ...


class ClientWrapper(Generic[P, C]):
    """A class whose client is to be shared; `create` gives its type to type checkers."""

    def __init__(
        self,
        clients: Clients,
        cls: Callable[P, C],
        options: ClusterOptions,
        config: ClusterClientConfig,
    ) -> None:
        if not isinstance(cls, type):
            raise EggError(f"app.cluster: {cls!r} is not a class")
        self._clients = clients
        self._class: type[object] = cls
        self._options = options_of(cls.__name__, options, config)
        self._delegates: dict[str, str] = {}
        self._overrides: dict[str, object] = {}

    def delegate(self, name: str, to: str = "invoke") -> Self:
        """Shares a method in a chosen way: `subscribe`, `unsubscribe`, `publish`, `invoke`,
        `invoke_oneway` or `close`. `create` raises EggError if the class has no such method."""
        self._delegates[name] = to
        return self

    def override(self, name: str, value: object) -> Self:
        """Gives the shared client a member of your own. Raises EggError for a name without one."""
        if not isinstance(name, str) or not name.isidentifier() or name.startswith("_"):
            text = f"app.cluster({self._class.__name__}).override: {name!r} cannot be a member"
            raise EggError(text, hint="use a name of Python that does not begin with '_'")
        self._overrides[name] = value
        return self

    def create(self, *args: P.args, **named: P.kwargs) -> C:
        """Returns the shared client. In the agent, `Class(*args)` is made now.

        A worker does not use the arguments. Raises EggError if this process has a client of this
        name, and in the agent what the class raises.
        """
        methods = methods_of(self._class, self._delegates)
        side = self._clients.open(self._options, methods, partial(self._class, *args, **named))
        return cast("C", SharedClient(side, methods, self._overrides))
