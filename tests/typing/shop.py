"""An application with everything that `eggd types` describes, and mistakes in its use."""

from __future__ import annotations

FILES = {
    "pyproject.toml": """
        [project]
        name = "shop"

        [tool.mypy]
        strict = true
        mypy_path = "typings"
        explicit_package_bases = true
    """,
    "plugin_greet/plugin.toml": """
        name = "greet"
        dependencies = []
    """,
    "config/plugin.py": """
        greet = {"path": "plugin_greet"}
    """,
    "plugin_greet/app/extend/context.py": """
        class Context:
            def greet(self, name: str) -> str:
                return f"hello {name}"
    """,
    "plugin_greet/app/service/greeting.py": """
        from eggd import Service


        class Greeting(Service):
            def text(self, name: str) -> str:
                return self.ctx.greet(name)
    """,
    "plugin_greet/app/middleware/polite.py": """
        from eggd import Application, Context, Middleware, Next


        def polite(options: object, app: Application) -> Middleware:
            async def middleware(ctx: Context, next: Next) -> None:
                await next()

            return middleware
    """,
    "config/config_default.py": """
        currency = "EUR"
        visits = {"max_age": 3.5, "names": ["a"], "store": {"kind": "file"}}
        redis = {"client": {"host": "localhost"}}
        custom_loader = {
            "adapter": {"directory": "app/adapter", "inject": "app"},
            "repository": {"directory": "app/repository", "inject": "ctx"},
        }
    """,
    "config/config_prod.py": """
        license = "none"
    """,
    "app.py": """
        from collections.abc import Mapping

        from eggd import Application, Boot


        class Redis:
            def __init__(self, host: str) -> None:
                self.host = host


        def create(config: Mapping[str, str], app: Application, name: str) -> Redis:
            return Redis(config["host"])


        class AppBoot(Boot):
            def config_did_load(self) -> None:
                self.config.visits.max_age = 4.0

            async def did_load(self) -> None:
                self.app.add_singleton("redis", create)
                self.app.visits = 0
    """,
    "app/adapter/docker.py": """
        from eggd import Application


        class Docker:
            def __init__(self, app: Application) -> None:
                self.name = app.name

            def images(self) -> list[str]:
                return [self.name]
    """,
    "app/repository/orders.py": """
        from eggd import BaseContextClass


        class Orders(BaseContextClass):
            async def all(self) -> list[int]:
                return []
    """,
    "app/extend/context.py": """
        from __future__ import annotations

        import eggd


        class Context(eggd.Context):
            @property
            def currency(self) -> str:
                return self.config.currency
    """,
    "app/extend/context_prod.py": """
        class Context:
            only_prod = 1
    """,
    "app/extend/request.py": """
        class Request:
            def is_mobile(self) -> bool:
                return True
    """,
    "app/extend/response.py": """
        class Response:
            def cache(self, seconds: int) -> None:
                pass
    """,
    "app/extend/helper.py": """
        class Helper:
            def money(self, amount: int) -> str:
                return f"{amount}"
    """,
    "app/extend/application.py": """
        class Application:
            started = 0.0
    """,
    "app/service/user.py": """
        from eggd import Service


        class UserService(Service):
            async def find(self, number: int) -> dict[str, int]:
                return {"id": number}
    """,
    "app/service/admin/report.py": """
        from eggd import Service


        class ReportService(Service):
            limit: int = 5

            def lines(self) -> list[int]:
                return [self.limit]
    """,
    "app/router.py": """
        from eggd import Application


        def router(app: Application) -> None:
            app.router.get("/", app.middleware.polite({}, app), app.controller.home.index)
            app.router.get("/admin", app.controller.admin.user.show)
    """,
    "app/controller/admin/user.py": """
        from eggd import Context


        def show(ctx: Context) -> str:
            return ctx.currency
    """,
    "app/controller/home.py": """
        from eggd import Controller


        class HomeController(Controller):
            async def index(self) -> None:
                ctx, app = self.ctx, self.app
                number: int = (await self.service.user.find(1))["id"]
                text: str = ctx.greet("you") + ctx.service.greeting.text("me") + ctx.currency
                money: str = ctx.helper.money(number) + ctx.helper.path_for("home")
                age: float = app.config.visits.max_age + self.config.visits.max_age
                kind: str = app.config.visits.store.kind + app.redis.host + app.config.license
                images: list[str] = app.adapter.docker.images()
                orders: list[int] = await ctx.repository.orders.all()
                started: float = app.started + app.visits + ctx.service.admin.report.limit
                ctx.response.cache(5)
                ctx.logger.info("%s", ctx.request.is_mobile())
                ctx.body = [text, money, age, kind, images, orders, started]
    """,
}

MISTAKES = {
    "self.service.user.fnid(1)": "fnid",
    "self.service.user.find('1')": "find",
    "self.ctx.service.greetings": "greetings",
    "self.app.config.curency": "curency",
    "self.config.visits.max_aeg": "max_aeg",
    "self.config.visits.store.knid": "knid",
    "self.ctx.curency": "curency",
    "self.ctx.gret('you')": "gret",
    "self.ctx.request.is_mobil()": "is_mobil",
    "self.ctx.response.cahce(5)": "cahce",
    "self.ctx.helper.mony(1)": "mony",
    "self.app.controller.home.indx": "indx",
    "self.app.controller.admin.usr": "usr",
    "self.app.adapter.dokcer": "dokcer",
    "self.ctx.repository.ordres": "ordres",
    "self.app.redis.hots": "hots",
    "self.app.strated": "strated",
    "self.app.middleware.polit": "polit",
    "self.app.messenger.send_to_agnet('x')": "send_to_agnet",
    "self.ctx.logger.inof('x')": "inof",
}
"""A line with a mistake -> the name that a type checker must report in it."""


def with_mistakes() -> str:
    """Returns a controller with one mistake on each line, from line 6 on."""
    lines = ["from eggd import Controller", "", "", "class Wrong(Controller):"]
    lines += ["    async def index(self) -> None:", *(f"        {line}" for line in MISTAKES)]
    return "\n".join(lines) + "\n"
