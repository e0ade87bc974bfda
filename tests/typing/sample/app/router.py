"""The routes."""

import re

from eggd import (
    Application,
    Context,
    PathCondition,
    Router,
    dumps,
    escape_html,
    is_secret,
    path_condition,
    phrase,
    without_secrets,
)

IS_API = path_condition("/api", None, "bank")
IS_BY_PATH = isinstance(IS_API, PathCondition)


def router(app: Application) -> None:
    app.get("/", app.controller.home.index)
    app.router.get("user", "/user/:id", login, app.controller.home.show)
    app.router.post(["/a", "/b"], "home.create").put("/c", login, show).delete("/d", show)
    app.router.patch(re.compile(r"/e(\d+)"), show).head("/f", show).options("/f", show)
    app.router.all("/g", show).register(["PURGE"], "/h", show)
    app.router.redirect("/old", "/new", 302).param("id", check)
    app.router.use("/api", login)
    app.router.ws("/live", app.controller.home.live, origins=["https://example.com"])
    app.post("/login", app.rate_limit(5, "1m", name="login", by=lambda ctx: ctx.ip), show)
    app.resources("posts", "/posts", app.controller.home)
    nested(app.router.namespace("/api", login, app.middleware.timing({}, app)))


def nested(api: Router) -> None:
    api.prefix("/v1").get("/version", lambda ctx: {"version": 1})
    print(api.url("user", {"id": 1}), [route.name for route in api.routes])


async def login(ctx: Context, next: object) -> None:
    ctx.check(ctx.get("authorization"), 401, "log in")


async def check(value: str, ctx: Context, next: object) -> None:
    ctx.check(value.isdigit(), 404)


def show(ctx: Context) -> dict[str, str]:
    hidden = [name for name in ctx.params if is_secret(name)]
    return {
        **ctx.params,
        "name": escape_html("a<b"),
        "hidden": without_secrets(f"{phrase(200)} {dumps(hidden)!r}"),
    }
