"""`app.add_singleton`: one client, or several by name, made of the config (core:SGL-1..4).

config.redis = {"client": {...}}                     app.redis is the client
config.redis = {"clients": {"a": {...}, "b": {...}}, "default": {...}}
                                                     app.redis.get("a")
neither                                              app.redis.create_instance({...})
"""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Generic, TypeVar, cast

from eggd.calling import call
from eggd.errors import ConfigError, EggError, HookError, LoadError
from eggd.failure import describe, where
from eggd.spelling import suggestion_or_list

T = TypeVar("T")

Create = Callable[[Any, Any, str], Awaitable[T] | T]
"""`create(config, app, name)`, sync or async; `name` is "" for the only client."""


class Singleton(Generic[T]):
    """The clients that one `create` makes; also what `app.NAME` is where there are several."""

    def __init__(self, name: str, create: Create[T], app: Any) -> None:
        self.name = name
        # The section of the config with this name.
        self.options = _options(app.config.get(name), name, app)
        # The waiting ones are created when the start awaits `Singletons.ready`.
        self.is_async = inspect.iscoroutinefunction(create)
        # By name; the only client has the name "".
        self.clients: dict[str, T] = {}
        self._create = create
        self._app = app

    @property
    def file(self) -> Path:
        """The file of the function that creates the clients."""
        return Path(getattr(getattr(self._create, "__code__", None), "co_filename", self.name))

    def get(self, name: str) -> T:
        """Returns the client called `name`; raises EggError naming the nearest one."""
        if name not in self.clients:
            hint = suggestion_or_list(name, sorted(self.clients))
            raise EggError(f"app.{self.name}: {name!r}: unknown client", hint=hint)
        return self.clients[name]

    def create_instance(self, config: Mapping[str, object], name: str = "") -> T:
        """Returns a client of `config` over the defaults. Raises EggError if `create` is async."""
        if self.is_async:
            raise EggError(
                f"clients of app.{self.name} are made asynchronously",
                hint="await create_instance_async(...)",
            )
        return cast("T", self._create(self._merge(config), self._app, name))

    async def create_instance_async(self, config: Mapping[str, object], name: str = "") -> T:
        """Returns a new client of `config` over the defaults, whether making one waits or not."""
        return await call(self._create, self._merge(config), self._app, name)

    def configs(self) -> dict[str, Mapping[str, object]]:
        """Returns the config of each client by name; the only client is named ""."""
        client = self.options.get("client")
        return {"": client} if client else dict(self.options.get("clients") or {})

    def add(self, name: str, client: T) -> None:
        """Adds a client; the only one replaces the singleton on the app."""
        self.clients[name] = client
        if not name:
            setattr(self._app, self.name, client)

    def _merge(self, config: Mapping[str, object]) -> Mapping[str, object]:
        return {**_mapping(self.options.get("default")), **_mapping(config)}


class Singletons:
    """The singletons of one app by name; the async ones are made when the start waits for them."""

    def __init__(self, app: Any) -> None:
        self._app = app
        self._all: dict[str, Singleton[Any]] = {}
        self._waiting: list[Singleton[Any]] = []

    def __getitem__(self, name: str) -> Singleton[Any]:
        """Returns a singleton, also where `app.NAME` is its only client. Raises KeyError."""
        return self._all[name]

    def add(self, name: str, create: Create[object]) -> None:
        """Makes `app.NAME`. Raises LoadError if it exists, ConfigError for wrong options."""
        if hasattr(self._app, name):
            raise LoadError(f"add_singleton: app.{name} already exists", hint="choose another name")
        singleton = Singleton(name, create, self._app)
        setattr(self._app, name, singleton)
        self._all[name] = singleton
        if singleton.is_async:
            self._waiting.append(singleton)
            return
        for client, config in singleton.configs().items():
            with _creating(singleton, client):
                singleton.add(client, singleton.create_instance(config, client))

    async def ready(self) -> None:
        """Creates the clients of async functions. Raises HookError naming the one that failed."""
        while self._waiting:
            singleton = self._waiting.pop(0)
            for client, config in singleton.configs().items():
                task = _title(singleton.name, client)
                waiting = self._app.lifecycle.waiting_for(task, f"Singleton {task}")
                with self._located(), _creating(singleton, client), waiting:
                    created = await singleton.create_instance_async(config, client)
                singleton.add(client, created)

    @contextmanager
    def _located(self) -> Iterator[None]:
        """Adds the places of its keys to a ConfigError; a hook that calls `add` does it itself."""
        try:
            yield
        except ConfigError as exc:
            raise self._app.config.locate(exc) if exc.keys else exc from exc.__cause__


@contextmanager
def _creating(singleton: Singleton[T], client: str) -> Iterator[None]:
    """Names the client in the error if it cannot be created."""
    try:
        yield
    except EggError:
        raise
    except Exception as exc:
        title = _title(singleton.name, client)
        place = where(exc, singleton.file)
        raise HookError(f"{place}: {title} cannot be created: {describe(exc)}") from exc


def _title(name: str, client: str) -> str:
    return f"app.{name}.get({client!r})" if client else f"app.{name}"


def _options(value: object, name: str, app: Any) -> Mapping[str, Any]:
    options = _mapping(value)
    if options.get("client") and options.get("clients"):
        raise ConfigError(
            f"{app.config.located(f'{name}.clients')}: {name}.client and {name}.clients"
            " cannot both be set",
            hint="client is for one, clients for several by name",
        )
    return options


def _mapping(value: object) -> Mapping[str, object]:
    return value if isinstance(value, Mapping) else {}
