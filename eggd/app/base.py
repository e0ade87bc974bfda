"""`BaseApplication`: what application and agent have in common (core:APP-1)."""

from __future__ import annotations

import asyncio
import builtins
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from eggd.app import https_caution
from eggd.app.anonymous_contexts import AnonymousContexts
from eggd.app.config import AppConfig, TraceConfig
from eggd.app.context.background import Background
from eggd.app.context.base_context import Services
from eggd.app.context.context import Context, current, new_context
from eggd.app.context.emitter import Emitter, Emitting
from eggd.app.context.helper import Helper
from eggd.app.context.request import Request, is_plain
from eggd.app.context.response import Response
from eggd.app.dependencies import Dependencies
from eggd.app.http_clients import HttpClients, unverified
from eggd.app.loading import configure, proxy_rules
from eggd.app.loading.collector import no_collection
from eggd.app.loading.context_classes import context_classes
from eggd.app.loading.custom_loader import custom_loaders, load_file, load_to_app, load_to_context
from eggd.app.loading.host import Host, Units
from eggd.app.loading.lifecycle import Boot, Lifecycle, create_boot
from eggd.app.loading.root_keys import RootKeys
from eggd.app.loading.services import ServiceClasses, load_services
from eggd.app.loading.singleton import Create, Singletons
from eggd.app.signed_tokens import SigningTokens
from eggd.config import Config
from eggd.errors import ConfigError
from eggd.http import Exchange
from eggd.importer import observed
from eggd.loader import only_class
from eggd.loader.extend import Clash
from eggd.loader.tree import PYTHON, Files
from eggd.log import Logger, LoggerConfig, Loggers
from eggd.messenger import Messenger
from eggd.suite.close_timeout import close_limit


class BaseApplication(Emitting, SigningTokens, HttpClients, AnonymousContexts):
    """Config, loggers, lifecycle and messenger of one process.

    A process calls `load_config()`, then `load()`; `close()` at its end.
    """

    type: ClassVar[str]
    """`application` or `agent`."""
    boot_file: ClassVar[str]
    """The file of a load unit that holds its boot class."""
    root = Path(__file__).resolve().parent.parent / "framework"
    """The folder of this level of the framework chain (core:DIR-4)."""
    fast_ready = False
    """Whether this serves before its `did_load` and `will_ready` hooks are done (core:DEV-5)."""
    meta_enabled = False
    """Whether responses tell the time spent."""

    def __init__(self, host: Host, units: Units, messenger: Messenger) -> None:
        self.host = host
        self.messenger = messenger
        """Open from before `load` until the process ends; never in an app that is only checked."""
        self.info = host.info
        self.name = host.info.name
        self.base_dir = host.info.base_dir
        self.env = host.info.env
        self.rundir = host.rundir
        self.state_dir = host.state_dir or host.log_dir
        self._locals: dict[str, Any] = {}
        self.plugins = units.plugins
        self.app_unit = units.app
        self.units = units.all
        # One line for each probable mistake that loading meets; `report` logs them.
        self.warnings: list[str] = list(units.warnings)
        self.config: Config = configure.declare(self.units)
        self._root_keys = RootKeys(self.units, self.plugins.unchosen)
        self._set_initial_members()
        self.emitter = Emitter(self)
        self.background = Background(self, self.emitter.error)
        # Egg's name for the variable with the current context.
        self.ctx_storage = current
        self.singletons = Singletons(self)
        self.dependencies = Dependencies()
        """The servers that this process needs, for `eggd status --json` and metrics."""
        self.timing = host.timing
        self.close_limit: float | None = None
        """Seconds that `close` may take; None: the time that its hooks may take (process:CL-82)."""
        self.lifecycle = Lifecycle(
            lambda: self.core_logger, host.progress, host.timing, self.emitter.error
        )

    def _set_initial_members(self) -> None:
        """Sets the members that loading replaces.

        All are members of the instance, where Python finds them faster than in the class.
        """
        self.context_class: builtins.type[Context] = Context
        """The class of every ctx: has the extensions after `load_extends`, and what custom loaders
        add after `load_custom`; plain until then, as extensions are loaded after the config."""
        self.request_class: builtins.type[Request] = Request
        """The class of `ctx.request`, complete after `load_extends`."""
        self.response_class: builtins.type[Response] = Response
        """The class of `ctx.response`, complete after `load_extends`."""
        self.Helper: builtins.type[Helper] = Helper
        """The class of `ctx.helper`, complete after `load_extends`."""
        self.service_classes = ServiceClasses({})
        """The tree of service classes, complete after `load_services`; empty until then."""
        self.trace = TraceConfig()
        """The ids of requests; that of the config after `freeze_config`."""
        self.trace_in_logs = True
        """Whether log lines have the id of the request: `trace.log` of the config."""
        self.plain_traces = True
        """Whether both `trace.log` and `trace.accept` are on: the client may choose the id."""
        self.behind_proxy = False
        """Whether the header fields of a reverse proxy are believed: `proxy` of the config."""
        self.plain_requests = False
        """Whether a request has the address of its peer and the URL that was received: neither a
        proxy nor an extension changes them. Then a log line needs no request object."""

    @property
    def locals(self) -> dict[str, Any]:
        """The initial `state` of every ctx; assigning a dict merges it in (core:APP-3)."""
        return self._locals

    @locals.setter
    def locals(self, more: dict[str, Any]) -> None:
        self._locals.update(more if isinstance(more, dict) else {})

    def inspect(self) -> dict[str, object]:
        """Returns what may be shown of this app, nothing secret in it (core:APP-4)."""
        hidden = ("config", "controller", "loggers", "middlewares", "router", "service_classes")
        about = {"env": self.env, "name": self.name, "base_dir": str(self.base_dir)}
        return {**about, **{name: f"<egg {name}>" for name in hidden if hasattr(self, name)}}

    def _loggers(self) -> Loggers:
        """All loggers of this process; made on first access, so that config hooks can still change
        the config of loggers."""
        config = self.config[LoggerConfig]
        return Loggers(config, self.name, self.type, self.env, self.host.console)

    if TYPE_CHECKING:

        @property
        def loggers(self) -> Loggers:
            """All loggers of this process; made on first access."""
            ...

    else:
        loggers = cached_property(_loggers)  # plain access costs a request nothing

    @property
    def logger(self) -> Logger:
        """The app's own logger; lines of a request's code carry its bracket (core:STO-3)."""
        ctx = current.get()
        return self.loggers.logger if ctx is None else ctx.logger

    @property
    def core_logger(self) -> Logger:
        """The framework's logger; lines of a request's code carry its bracket."""
        ctx = current.get()
        return self.loggers.core_logger if ctx is None else ctx.core_logger

    def request(self, exchange: Exchange) -> Request:
        """Returns a new request of the app's own class."""
        request = self.request_class()
        request.exchange = exchange
        request.app = self
        return request

    def services(self, ctx: Context) -> Services:
        """Returns the namespace of services for one context."""
        return Services(ctx, self.service_classes)

    def helper(self, ctx: Context) -> Helper:
        """Returns a new helper of the app's own class for one context."""
        return self.Helper(ctx)

    @property
    def proxy(self) -> bool:
        """Whether the headers of a proxy in front are believed: `config.proxy` (core:ENV-6)."""
        return bool(self.config.proxy)

    def get_logger(self, name: str) -> Logger | None:
        """Returns a logger by its name, None for an unknown one (process:LOG-3)."""
        return self.loggers.get(name)

    async def load(self) -> None:
        """Loads everything and runs the start hooks; raises one EggError that names the fault."""
        self.load_files()
        self.report()
        await self.singletons.ready()
        if self.fast_ready:
            self.lifecycle.beside(self._start_hooks)
        else:
            await self._start_hooks()
        self.introduce()

    async def _start_hooks(self) -> None:
        await self.lifecycle.load_hooks()
        await self.singletons.ready()

    def introduce(self) -> None:
        """Logs what this process is made of (core:APP-13)."""
        log = self.core_logger.info
        log("[egg] App root: %s", self.base_dir)
        log("[egg] Log files are in %s", self.config[LoggerConfig].dir)
        names = ", ".join(plugin.name for plugin in self.plugins.order)
        log("[egg] Plugins: %s", names or "none")

    def note(self, clashes: Sequence[Clash]) -> None:
        """Adds a warning for each extension that hides a member of another load unit."""
        self.warnings += [clash.line for clash in clashes]

    def report(self) -> None:
        """Logs the warnings of loading, and its decisions about plugins."""
        for text in self.warnings:
            self.core_logger.warning("%s", text)
        for text in self.plugins.notes:
            self.core_logger.info("%s", text)

    def load_files(self) -> None:
        """Loads everything that is code, in order (core:LD-16); `load_config` comes before."""
        with no_collection():
            for step in self.steps():
                with self._timed(step.__name__):
                    self._run(step)

    def _run(self, step: Callable[[], None]) -> None:
        """Calls a step; a ConfigError that names keys gets their places."""
        try:
            step()
        except ConfigError as exc:
            raise self.config.locate(exc) if exc.keys else exc from exc.__cause__

    def steps(self) -> list[Callable[[], None]]:
        """Returns the methods that load code, in order; a framework may override each."""
        return [
            self.load_extends,
            self.load_custom,
            self.load_boots,
            self.freeze_config,
            self.load_services,
        ]

    def load_extends(self) -> None:
        """Composes the classes of contexts and what belongs to them (core:EXT-*)."""
        classes = context_classes(self.units, self.plugins, self.env, self.host.environ)
        self.request_class, self.response_class = classes.request, classes.response
        self.context_class, self.Helper = classes.context, classes.helper
        self.note(classes.clashes)

    def load_custom(self) -> None:
        """Loads what `config.custom_loader` says (core:LD-14)."""
        custom_loaders(self.config[AppConfig].custom_loader, self, self.units)

    def load_services(self) -> None:
        """Loads the service classes of every load unit, in the agent too (core:SVC-1)."""
        self.service_classes = load_services(self.units, self)

    def load_config(self) -> None:
        """Merges and checks the config. Raises ConfigError or LoadError naming file and key."""
        self.close_limit = close_limit(self.type, self.host.environ)
        with self._timed("load_config"):
            configure.load(self.config, self._root_keys, self.units, self.host)

    def freeze_config(self) -> None:
        """Runs the config hooks, then checks the config again and freezes it."""
        self.lifecycle.config_hooks(self.config.changed_by)
        configure.check_root(self.config, self.info, self._root_keys)
        self.warnings += self._root_keys.warnings(self.config)
        self.config.freeze()
        self.trace = self.config[TraceConfig]
        self.trace_in_logs = self.trace.log
        self.plain_traces = self.trace.log and self.trace.accept
        self.behind_proxy = self.config[AppConfig].proxy
        self.plain_requests = not self.behind_proxy and is_plain(self.request_class)
        proxy_rules.check(self.config)
        self.warnings += [*proxy_rules.warnings(self.config), *unverified(self.config)]
        self.warnings += https_caution.warnings(self.config)
        self.lifecycle.close_timeout = self.config[AppConfig].close_timeout
        self.lifecycle.slow_after = self.config[AppConfig].slow_start

    def load_boots(self) -> None:
        """Adds the boot class of every load unit that has one, in load order (core:LC-2)."""
        for unit in self.units:
            module = unit.load(self.boot_file)
            if module is not None:
                file = unit.root / self.boot_file
                self.lifecycle.add(create_boot(only_class(module, Boot, file), self, file), file)

    def before_close(self, function: Callable[[], object]) -> None:
        """Calls a sync or async function when this closes; the last one given runs first."""
        self.lifecycle.before_close(getattr(function, "__qualname__", "before_close"), function)

    async def close(self) -> None:
        """Ends background tasks, runs `before_close` hooks in reverse, flushes and closes the logs.

        Takes at most EGG_APP_CLOSE_TIMEOUT or EGG_AGENT_CLOSE_TIMEOUT.
        """
        try:
            async with asyncio.timeout(self.close_limit):
                await self._close()
        except TimeoutError:
            self.core_logger.error("not closed after %g s, giving up", self.close_limit)
        if "loggers" in vars(self):
            self.loggers.close()

    async def _close(self) -> None:
        limit = self.lifecycle.close_timeout
        await self.background.end(limit)
        await self.lifecycle.close()
        await self.background.end(limit)
        await self.close_http_clients()

    @contextmanager
    def _timed(self, step: str) -> Iterator[None]:
        title = step.replace("_", " ").capitalize()
        with observed(self.timing.require), self.timing.span(title, title.lower()):
            yield

    def create_context(self, exchange: Exchange) -> Context:
        """Returns a new context of the app's own class."""
        return new_context(self, exchange, None, {})

    def add_singleton(self, name: str, create: Create[Any]) -> None:
        """Makes `app.NAME` of `create(config, app, name)` and `config.NAME` (core:SGL-1..4).

        What an async `create` makes is there when `did_load` runs, or before ready if added later.
        """
        self.singletons.add(name, create)

    async def load_file(self, path: Path, *inject: object) -> Any:
        """Returns what a file exports, None where it is absent (core:LD-13).

        A function is called with `inject`, the app by default, and awaited.
        """
        return await load_file(path, self.name, inject or (self,))

    def load_to_app(self, name: str, folder: Path, files: Files = PYTHON) -> None:
        """Makes `app.NAME` a tree of what the files of a folder export (core:LD-10)."""
        load_to_app(self, name, [(self.name, folder)], files)

    def load_to_context(self, name: str, folder: Path, files: Files = PYTHON) -> None:
        """Makes `ctx.NAME` a tree whose classes are made once per context (core:LD-10, LD-11)."""
        load_to_context(self, name, [(self.name, folder)], files)
