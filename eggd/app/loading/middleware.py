"""Middleware files become one onion: factories called with their options (core:MW-1..7).

`app/middleware/timing.py` holds `def timing(options, app)` which returns
`async def middleware(ctx, next)`. Options are `config.timing`; `enable`, `match` and `ignore`
in them belong to eggd.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, cast

from eggd.app.routing.path import below, compile_path, spellings, too_long
from eggd.calling import arity, mismatch
from eggd.errors import ConfigError, LoadError, RouteError
from eggd.failure import load_error
from eggd.importer import import_file
from eggd.interfaces import Middleware, MiddlewareFactory
from eggd.loader import LoadUnit, members
from eggd.spelling import suggestion

Condition = Callable[[Any], bool]


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
        raise ConfigError(f"{app.config.located(name)}: {exc.message}", hint=exc.hint) from None
    return middleware if condition is None else _guard(middleware, condition)


def path_condition(match: object, ignore: object, name: str) -> Condition | None:
    """Returns the condition of the options `match` or `ignore`, None without either.

    A route matches the raw path; a mounted application sees the decoded one, and may resolve `.`,
    `..` and empty segments in it. `match` applies if one of these spellings fits, `ignore` exempts
    a request only if all fit. Raises ConfigError for both keys at once, and for a pattern of an
    unknown kind (core:MW-5).
    """
    if match is not None and ignore is not None:
        raise ConfigError(f"config.{name}: match and ignore cannot both be set")
    if match is not None:
        fits = _condition(match, name, unsure=True)
        return lambda ctx: fits(ctx) or any(_on(path, fits, ctx) for path in spellings(ctx.path))
    if ignore is None:
        return None
    exempt = _condition(ignore, name, unsure=False)
    return lambda ctx: (
        not (exempt(ctx) and all(_on(path, exempt, ctx) for path in spellings(ctx.path)))
    )


def _on(path: str, condition: Condition, ctx: Any) -> bool:
    """Returns the condition's result for the request with another spelling of its path."""
    raw = ctx.exchange.path
    ctx.exchange.path = path.encode("latin-1", "replace")
    try:
        return condition(ctx)
    finally:
        ctx.exchange.path = raw


def _guard(middleware: Middleware, condition: Condition) -> Middleware:
    def guarded(ctx: object, next: Any) -> Any:
        return middleware(ctx, next) if condition(ctx) else next()

    guarded.__wrapped__ = middleware  # type: ignore[attr-defined]  # for `Router.functions`
    return guarded


def _condition(pattern: object, name: str, *, unsure: bool) -> Condition:
    """Returns the condition of one match/ignore value (core:MW-5): prefix, regex, function, list.

    `unsure` is its result for a path that is too long for the pattern to be tried.
    """
    if isinstance(pattern, str):
        return _prefix_condition(pattern, name, unsure=unsure)
    if isinstance(pattern, re.Pattern):
        return lambda ctx: pattern.search(ctx.path) is not None
    if isinstance(pattern, list | tuple) and pattern:
        conditions = [_condition(item, name, unsure=unsure) for item in pattern]
        return lambda ctx: any(condition(ctx) for condition in conditions)
    if callable(pattern):
        return lambda ctx: bool(pattern(ctx))
    raise ConfigError(
        f"config.{name}: match/ignore pattern must be text, a regex, a function or a list of"
        f" those, not {pattern!r}"
    )


def _prefix_condition(path: str, name: str, *, unsure: bool) -> Condition:
    try:
        pattern = below(compile_path(path))
    except RouteError as exc:
        text = exc.message.removeprefix("route ")
        raise ConfigError(f"config.{name}: match/ignore: {text}", hint=exc.hint) from exc
    prefix = re.compile(pattern.source, re.IGNORECASE | re.ASCII | re.DOTALL)

    def condition(ctx: Any) -> bool:
        path = ctx.path
        return unsure if too_long(pattern, path) else prefix.fullmatch(path) is not None

    return condition
