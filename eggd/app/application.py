"""`Application`: what a worker serves: controllers, services, middleware and routes of one app."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any, Self

from eggd.app.base import BaseApplication
from eggd.app.config import AppConfig, BodyParserConfig, MetaConfig, NotFoundConfig, RouterConfig
from eggd.app.context.cookie_options import check_defaults
from eggd.app.context.keyring import SHORTEST_KEY, keyring
from eggd.app.context.request import Request
from eggd.app.loading.controllers import load_controllers, resolve
from eggd.app.loading.host import Host, Units
from eggd.app.loading.middleware import Factories, build, load_factories, names_of
from eggd.app.loading.root_keys import misspelt_options
from eggd.app.routing.router import Router
from eggd.app.routing.verbs import Limit, Registration, Verbs, callables
from eggd.app.serving.body_parser import BodyParser
from eggd.app.serving.folders import folder_route
from eggd.app.serving.guards import Guard, joined, send_trace_id
from eggd.app.serving.log_commit import LogCommit
from eggd.app.serving.site_file import site_files
from eggd.calling import call
from eggd.errors import EggError, LoadError, RouteError
from eggd.failure import load_error, where
from eggd.http import NO_FIELDS, Exchange, FixedFields, HttpConfig
from eggd.importer import import_file
from eggd.interfaces import Middleware, Step
from eggd.loader import members
from eggd.loader.extend import extend_envs, extension_modules
from eggd.log import LoggerConfig
from eggd.messenger import Messenger
from eggd.wire.cookie_cipher import prepare


class Application(Verbs, BaseApplication):
    """One app in one worker; `load()` brings it up to the end of `will_ready` (core:LD-16)."""

    type = "application"
    boot_file = "app.py"
    agent: BaseApplication
    """The agent, if both are in one process (`eggd.start`, core:APP-12): set by `single.linked`
    before anything is loaded. A worker does not have the attribute."""

    def __init__(self, host: Host, units: Units, messenger: Messenger) -> None:
        super().__init__(host, units, messenger)
        self.middlewares = Factories()
        """The factories of middleware by name, complete after `load_middleware`."""
        self.onion: list[Middleware] = []
        """The middleware around every route, outermost first: that of `use`, then of the config.
        Complete after `load_middleware`, but `use` in a later hook adds to it."""
        # The number of middleware at the front of `onion` that `use` has added.
        self._used = 0
        # Whether a router file runs: then `use` adds behind the routes.
        self._is_routing = False
        self.controller: Any = None
        """The tree of controllers, complete after `load_controllers`; None until then."""
        self.router = Router(self._controller)
        self.not_found: Step = self.router.wrap([])
        self.meta_enabled = True
        self.fixed_fields: FixedFields = NO_FIELDS
        """The header fields of every response (`fix_fields`); complete after `load`."""
        # The functions of `on_drain`.
        self._on_drain: list[Callable[[], Awaitable[object]]] = []
        self.checks: list[Callable[[], Sequence[str]]] = []
        """The functions of `add_check`."""
        self.admit: Guard | None = None
        """The functions of `guard` as one, which run in the order of the calls."""
        # None until `load_middleware`, and if the config disables it.
        self.parse_body: BodyParser | None = None

    async def load(self) -> None:
        """Loads everything, runs the start hooks, starts what is mounted."""
        await super().load()
        await self.router.mounts.start(self)

    def on_drain(self, function: Callable[[], Awaitable[object]]) -> None:
        """Awaits `function()` while this worker drains, beside the requests in flight."""
        self._on_drain.append(function)

    async def drain(self, limit: float) -> None:
        """Awaits the functions of `on_drain`, `limit` seconds at most; logs their errors."""
        tasks = [asyncio.ensure_future(call(function)) for function in self._on_drain]
        if tasks:
            done, left = await asyncio.wait(tasks, timeout=limit)
            errors = (task.exception() for task in done if not task.cancelled())
            for error in filter(None, errors):
                self.core_logger.error(error)
            for task in left:
                task.cancel()

    def introduce(self) -> None:
        """Logs what this process is made of, the order of its middleware too (core:APP-13)."""
        super().introduce()
        config = self.config[AppConfig]
        log = self.core_logger.info
        log("[egg] Core middleware: %s", ", ".join(names_of(config.core_middleware)) or "none")
        log("[egg] App middleware: %s", ", ".join(names_of(config.middleware)) or "none")

    def steps(self) -> list[Callable[[], None]]:
        """Returns the methods that load code, in order; a framework may override each."""
        app_steps = [
            self.load_cookies,
            self.load_middleware,
            self.load_controllers,
            self.load_router,
        ]
        return [*super().steps(), *app_steps]

    def load_cookies(self) -> None:
        """Checks the defaults of cookies; imports the library for those encrypted by default."""
        if self.config[AppConfig].keys:
            keys = keyring(self.config[AppConfig].keys).keys  # masks them from now on
            if self.env not in ("local", "unittest") and len(keys[0]) < SHORTEST_KEY:
                self.warnings.append(
                    f"{self.config.located('keys')}: keys: the first key has fewer than"
                    f" {SHORTEST_KEY} characters (run 'eggd keys new' for a longer one)"
                )
        if check_defaults(self.config).encrypt:
            prepare()

    def load_middleware(self) -> None:
        """Makes the onion of core and app middleware, and the chain for what no route matches."""
        self.meta_enabled = self.config[MetaConfig].enable
        if self.trace.send:
            self.admit = joined(send_trace_id, self.admit) if self.admit else send_trace_id
        self.parse_body = BodyParser(self.body_parser) if self.body_parser.enable else None
        self.middlewares = load_factories(self.units)
        self.warnings += misspelt_options(self.config, self.middlewares)
        self.onion += build(self)
        self._wrap()
        if self.config[LoggerConfig].flush == "request":
            self.guard(LogCommit(self.loggers).guard)

    @property
    def middleware(self) -> Factories:
        """The factories of `app/middleware` files, for a route: `app.middleware.gzip({}, app)`.

        They are as the files have them: `enable`, `match` and `ignore` mean nothing here (MW-6).
        """
        return self.middlewares

    def use(self, middleware: Middleware) -> Self:
        """Runs a function `(ctx, next)` for every request (core:MW-7).

        A boot hook's runs outside of all other middleware, in the order of the calls. The router
        file's runs behind all routes: if no route matched, or if the last one calls `next`.
        """
        [checked] = callables("app.use", [middleware])
        if self._is_routing:
            self.router.behind(checked)
            return self
        self.onion.insert(self._used, checked)
        self._used += 1
        self._wrap()
        return self

    def fix_fields(self, fields: Mapping[str, str | None]) -> None:
        """Sends header fields with every response; a value of None removes one.

        They are encoded once. Responses to errors and to malformed requests have them, too, and
        those of mounted applications, whose own value wins. In a handler, `ctx.exchange.fix`
        replaces those of one response. Call it in a boot hook. Raises EggError for a name or value
        that is not allowed.
        """
        self.fixed_fields = self.fixed_fields.but(fields)

    def guard(self, guard: Guard) -> Self:
        """Calls a plain function of ctx for every request, before its body and all middleware.

        It may raise HttpError, set header fields, and return a function of no arguments, sync or
        async, which is called once the body is parsed. Mounted applications, site files and
        requests that no route matches are guarded, too. Cheaper than a middleware: no coroutine.
        """
        self.admit = joined(self.admit, guard)
        return self

    def folder(self, prefix: str, handler: Middleware) -> Self:
        """Answers GET and HEAD of all paths below `prefix`: `async def handler(ctx, next)`.

        The handler runs before all middleware and routes, as files of the site do; guards run
        before it. If it has no file, it calls `next()`: the request goes on as if the folder were
        not there. Of several prefixes the longest wins. Other requests pay nothing. Raises
        RouteError for a prefix that does not begin and end with a slash, or that is taken.
        """
        self.router.index.place_folder(folder_route(self, prefix, handler))
        return self

    def add_check(self, check: Callable[[], Sequence[str]]) -> None:
        """Calls a function in `eggd check`, once all files are loaded.

        It returns a warning for each probable mistake, and raises EggError for another one. Call
        this in a config hook: later hooks do not run then.
        """
        self.checks.append(check)

    def extension_modules(self, name: str) -> list[ModuleType]:
        """Returns the modules `app/extend/NAME.py` of all load units, in load order.

        Those of the environment follow. `name` is in the list `extends` of a plugin's plugin.toml.
        """
        return extension_modules(name, self.units, extend_envs(self.env, self.host.environ))

    def _wrap(self) -> None:
        """Puts the onion around every route, mount, and what neither of them matches."""
        answer = self.config[RouterConfig].answer_methods
        self.not_found = self.router.wrap(self.onion, answer_methods=answer)

    def load_controllers(self) -> None:
        """Loads the app's controllers; plugins and frameworks cannot have any (core:DIR-2)."""
        self.controller = load_controllers(self.app_unit)

    def load_router(self) -> None:
        """Calls `router(app)` of app/router/**/*.py and of app/router.py, if they exist.

        Deeper files come first and app/router.py is the last (core:RT-18). Raises RouteError or
        LoadError naming the file.
        """
        folder = self.base_dir / "app" / "router"
        parts = sorted(members(folder), key=lambda part: (-len(part.path), part.path))
        for file in (*(part.file for part in parts), folder.with_suffix(".py")):
            if file.is_file():
                self._load_routes(file)
        self.router.index.place(site_files(self.config))
        self.warnings += self.router.warnings()

    def _load_routes(self, file: Path) -> None:
        function = vars(import_file(file, self.app_unit.name)).get("router")
        if not inspect.isfunction(function):
            raise LoadError(f"{file}: must define `def router(app)`, found {function!r}")
        _refuse_waiting(function, file)
        self._is_routing = True
        try:
            function(self)
        except EggError as exc:
            raise RouteError(f"{where(exc, file)}: {exc.message}", hint=exc.hint) from exc
        except (Exception, SystemExit) as exc:
            raise load_error(exc, file, "router(app)") from exc
        finally:
            self._is_routing = False

    def resources(self, *args: object, body_limit: Limit = None) -> Self:
        """Adds the REST routes of a controller, as `app.router.resources` does."""
        self.router.resources(*args, body_limit=body_limit)
        return self

    def redirect(self, source: str, target: str, status: int = 301) -> Self:
        """Redirects a path to a path, URL or route, as `app.router.redirect` does."""
        self.router.redirect(source, target, status)
        return self

    def url(self, name: str, params: dict[str, object] | None = None) -> str:
        """Returns the path of the route called `name`, or "" (core:RT-12)."""
        return self.router.url(name, params)

    def _register(self, methods: Sequence[str], given: Registration) -> None:
        self.router._register(methods, given)

    def request(self, exchange: Exchange) -> Request:
        """Returns a new request of the app's own class."""
        request: Request = self.request_class()
        request.exchange = exchange
        request.app = self
        if self.parse_body is not None:
            request.body = {}
        return request

    @property
    def http_config(self) -> HttpConfig:
        """The `http` section, with the largest `body_limit` of all routes."""
        config: HttpConfig = self.config[HttpConfig]
        largest = self.router.body_limit(config.body_limit)
        return config if largest is None else replace(config, body_limit=largest)

    @property
    def body_parser(self) -> BodyParserConfig:
        """The `body_parser` section."""
        section: BodyParserConfig = self.config[BodyParserConfig]
        return section

    @property
    def notfound(self) -> NotFoundConfig:
        """The `notfound` section."""
        section: NotFoundConfig = self.config[NotFoundConfig]
        return section

    def _controller(self, dotted: str) -> Any:
        return resolve(self.controller, dotted)


_LATER = (
    ("async def", inspect.iscoroutinefunction),
    ("async def with yield", inspect.isasyncgenfunction),
    ("a generator (yield)", inspect.isgeneratorfunction),
)
"""Kinds of functions whose body does not run when they are called."""


def _refuse_waiting(function: FunctionType, file: Path) -> None:
    """Raises LoadError for a router of which no line would run: the app would have no routes."""
    for kind, is_kind in _LATER:
        if is_kind(function):
            raise LoadError(
                f"{file}:{function.__code__.co_firstlineno}: router must be a plain function, "
                f"not {kind}",
                hint="write def router(app); move code that awaits to did_load in app.py",
            )
