"""`Application`: what a worker serves: controllers, services, middleware and routes of one app."""

from __future__ import annotations

import inspect
from typing import Any

from eggd.app.base import BaseApplication, Host, Units
from eggd.app.compose import compose
from eggd.app.config import AppConfig, BodyParserConfig, MetaConfig, NotFoundConfig
from eggd.app.controllers import load_controllers, resolve
from eggd.app.middleware import build, load_factories
from eggd.app.request import Request
from eggd.app.router import Router
from eggd.errors import EggError, LoadError, RouteError
from eggd.http import Exchange
from eggd.importer import describe, where
from eggd.interfaces import Middleware, MiddlewareFactory, Step


class Application(BaseApplication):
    """One app in one worker; `load()` brings it up to the end of `will_ready` (core:LD-16)."""

    type = "application"
    boot_file = "app.py"
    agent: BaseApplication
    """The agent, where both are in one process: `eggd.start` (core:APP-12)."""
    steps = (*BaseApplication.steps, "load_middleware", "load_controllers", "load_router")

    def __init__(self, host: Host, units: Units) -> None:
        super().__init__(host, units)
        self.middlewares: dict[str, MiddlewareFactory] = {}
        self.onion: list[Middleware] = []
        self.controller: Any = None
        self.router = Router(self._controller)
        self.not_found: Step = _nothing
        self.meta_enabled = True

    async def load(self) -> None:
        """Load everything, run the start hooks, start what is mounted."""
        await super().load()
        await self.router.mounts.start(self)

    def introduce(self) -> None:
        """Log what this process is made of, the order of its middleware too (core:APP-13)."""
        super().introduce()
        config = self.config[AppConfig]
        log = self.core_logger.info
        log("Use coreMiddleware order: [%s]", ", ".join(config.core_middleware))
        log("Use appMiddleware order: [%s]", ", ".join(config.middleware))

    def load_middleware(self) -> None:
        """Make the onion of core and app middleware, and the chain for what no route matches."""
        self.meta_enabled = self.config[MetaConfig].enable
        config = self.config[AppConfig]
        self.middlewares = load_factories(self.units)
        names = [*config.core_middleware, *config.middleware]
        self.onion = build(names, self.middlewares, self)
        self.router.wrap(self.onion)
        self.not_found = compose(self.onion, _nothing)

    def load_controllers(self) -> None:
        """Load the app's controllers; plugins and frameworks have none (core:DIR-2)."""
        self.controller = load_controllers(self.app_unit)

    def load_router(self) -> None:
        """Call `router(app)` of app/router.py, if there is one; raise RouteError or LoadError."""
        module = self.app_unit.load("app/router.py")
        if module is None:
            return
        file = self.base_dir / "app" / "router.py"
        function = vars(module).get("router")
        if not inspect.isfunction(function):
            raise LoadError(f"{file}: must define `def router(app)`, found {function!r}")
        try:
            function(self)
        except EggError as exc:
            raise RouteError(f"{where(exc, file)}: {exc.message}", hint=exc.hint) from exc
        except Exception as exc:
            raise LoadError(f"{where(exc, file)}: router(app) failed: {describe(exc)}") from exc

    def request(self, exchange: Exchange) -> Request:
        """Return a new request of the app's own class."""
        request: Request = self.request_class(exchange, self)
        if self.body_parser.enable:
            request.body = {}
        return request

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


async def _nothing(ctx: Any) -> None:
    """The core of the onion where no route matched: the 404 stays."""
