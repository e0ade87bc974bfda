"""Middleware files become one onion: factories called with their options (core:MW-1..7).

`app/middleware/timing.py` holds `def timing(options, app)` which returns
`async def middleware(ctx, next)`. Options are `config.timing`; `enable`, `match` and `ignore`
in them belong to eggd.
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, cast

from eggd.app.loading.path_condition import Condition, path_condition
from eggd.calling import arity, mismatch
from eggd.errors import ConfigError, LoadError
from eggd.failure import load_error
from eggd.importer import import_file
from eggd.interfaces import Middleware, MiddlewareFactory
from eggd.loader import LoadUnit, members
from eggd.spelling import suggestion


class Factories(dict[str, MiddlewareFactory]):
    """Middleware factories by name, also as members: `app.middleware.gzip` (core:MW-6)."""

    def __getattr__(self, name: str) -> MiddlewareFactory:
        if name not in self:
            raise AttributeError(f"app.middleware.{name} does not exist ({self.nearest(name)})")
        return self[name]

    def nearest(self, name: str) -> str:
        """Returns the hint for an unknown name."""
        return suggestion(name, self) or f"no app/middleware/{name}.py"


def load_factories(units: Sequence[LoadUnit]) -> Factories:
    """Returns the middleware factories of all load units by name; a later file wins (core:MW-3)."""
    factories = Factories()
    for unit in units:
        for member in members(unit.root / "app" / "middleware"):
            name = "_".join(member.path)
            module = import_file(member.file, unit.name)
            factory = vars(module).get(name)
            if inspect.iscoroutinefunction(factory):
                raise LoadError(
                    f"{member.file}: the factory {name} must not be async",
                    hint=f"write def {name}(options, app); the function that it returns is async",
                )
            if not callable(factory):
                raise LoadError(
                    f"{member.file}: must define `def {name}(options, app)`, found {factory!r}"
                )
            factories[name] = cast("MiddlewareFactory", factory)
    return factories


def build(app: Any) -> list[Middleware]:
    """Returns the enabled middleware of the config's two lists, outermost first.

    An entry may be a function `(ctx, next)`, too. Raises ConfigError for an unknown or repeated
    name, LoadError for a factory that fails or does not return a function.
    """
    config = app.config
    instances: dict[str, Middleware | None] = {}
    onion: list[Middleware] = []
    for key in ("core_middleware", "middleware"):
        for name in config[key]:
            if not isinstance(name, str):
                onion.append(name)
                continue
            if name not in app.middlewares:
                raise ConfigError(
                    f"{config.located(key)}: middleware {name!r} not found",
                    hint=app.middlewares.nearest(name),
                )
            if name in instances:
                raise ConfigError(
                    f"{config.located(key)}: middleware {name!r} is named twice",
                    hint="name it once",
                )
            instances[name] = _make(name, app.middlewares[name], app)
            onion += [each for each in (instances[name],) if each is not None]
    return onion


def names_of(middlewares: Sequence[object]) -> list[str]:
    """Returns the names of the entries of a list of middleware."""
    return [
        each if isinstance(each, str) else getattr(each, "__qualname__", type(each).__qualname__)
        for each in middlewares
    ]


def _make(name: str, factory: MiddlewareFactory, app: Any) -> Middleware | None:
    options = app.config.get(name, {})
    path = Path(getattr(getattr(factory, "__code__", None), "co_filename", name))
    try:
        middleware = factory(options, app)
    except ConfigError as exc:
        raise app.config.locate(exc) if exc.keys else load_error(exc, path, f"{name}()") from exc
    except Exception as exc:
        raise load_error(exc, path, f"{name}()") from exc
    if not callable(middleware):
        kind = "None" if middleware is None else f"a {type(middleware).__name__}"
        raise LoadError(f"{path}: middleware {name} must be a function, not {kind}")
    if arity(middleware) != 2 and mismatch(middleware, None, None):
        raise LoadError(
            f"{path}: middleware {name} must take two arguments",
            hint="async def middleware(ctx, next)",
        )
    app_options = options if isinstance(options, Mapping) else {}
    if app_options.get("enable") is False:
        return None
    try:
        condition = path_condition(app_options.get("match"), app_options.get("ignore"), name)
    except ConfigError as exc:
        raise app.config.locate(exc) from None
    return middleware if condition is None else _guard(middleware, condition)


def _guard(middleware: Middleware, condition: Condition) -> Middleware:
    def guarded(ctx: object, next: Any) -> Any:
        return middleware(ctx, next) if condition(ctx) else next()

    guarded.__wrapped__ = middleware  # type: ignore[attr-defined]  # for `Router.functions`
    return guarded
