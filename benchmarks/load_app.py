"""The app of `benchmarks/load`: 300 controllers, 300 services, 100 middleware, 20 plugins."""

from __future__ import annotations

import os
import time
from pathlib import Path

from eggd.testing.make_app import make_app

N_CONTROLLERS, N_SERVICES, N_MIDDLEWARE, N_PLUGINS = 300, 300, 100, 20

CONTROLLER_SOURCE = '''
"""Orders, number {n}."""

from __future__ import annotations

from eggd import Controller

LIMIT = {n}


class Order{n}Controller(Controller):
    """Answers for one kind of order."""

    async def index(self) -> list[dict[str, object]]:
        """Returns the newest orders."""
        page = int(self.ctx.query.get("page", "1"))
        return await self.service.s{n}.newest(page, LIMIT)

    async def show(self) -> dict[str, object]:
        """Returns one order."""
        return await self.service.s{n}.find(self.ctx.params["id"])

    async def create(self) -> dict[str, object]:
        """Creates an order."""
        self.ctx.status = 201
        return await self.service.s{n}.add(self.ctx.request.body)

    async def destroy(self) -> None:
        """Deletes an order."""
        await self.service.s{n}.remove(self.ctx.params["id"])
        self.ctx.status = 204
'''

SERVICE_SOURCE = '''
"""Stores orders of kind {n}."""

from __future__ import annotations

from eggd import Service

FIELDS = ("id", "name", "price")


class Order{n}Service(Service):
    """Orders of one kind."""

    async def newest(self, page: int, limit: int) -> list[dict[str, object]]:
        """Returns a page of orders."""
        return [self.as_dict(each) for each in range((page - 1) * limit, page * limit)]

    async def find(self, name: str) -> dict[str, object]:
        """Returns an order."""
        return self.as_dict(int(name))

    async def add(self, fields: dict[str, object]) -> dict[str, object]:
        """Adds an order."""
        return {{name: fields.get(name) for name in FIELDS}}

    async def remove(self, name: str) -> None:
        """Removes an order."""

    def as_dict(self, number: int) -> dict[str, object]:
        """Returns the fields that a client may see."""
        return {{"id": number, "name": f"order {{number}}", "price": number * {n}}}
'''

MIDDLEWARE_SOURCE = '''
"""Marks each request as seen by middleware {n}."""

from __future__ import annotations


def m{n}(options, app):
    """Returns the middleware."""

    async def middleware(ctx, next):
        ctx.state["m{n}"] = True
        await next()

    return middleware
'''

SECTION_SOURCE = '''
"""The config of plugin {n}."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Plugin{n}Config:
    """The section p{n}."""

    size: int = {n}
    """A number."""
    name: str = "p{n}"
    """A name."""
'''

BOOT_SOURCE = '''
"""The boot hooks of plugin {n}."""

from eggd import Boot


class PluginBoot(Boot):
    """Stores a value in app.locals."""

    def config_did_load(self) -> None:
        """Stores the size of the config."""
        self.app.locals["p{n}"] = self.config.p{n}.size

    async def before_close(self) -> None:
        """Does nothing."""
'''

EXTEND_SOURCE = '''
"""Members that plugin {n} adds to ctx."""


class Context:
    """Members of ctx."""

    @property
    def p{n}(self) -> int:
        """The size."""
        return self.config.p{n}.size
'''

ROUTER_SOURCE = '''
"""Four routes for each kind of order."""


def router(app):
    """Adds the routes."""
    for n in range({controllers}):
        orders = getattr(app.controller, f"c{{n}}")
        app.router.get(f"/c{{n}}", orders.index)
        app.router.get(f"/c{{n}}/:id", orders.show)
        app.router.post(f"/c{{n}}", orders.create)
        app.router.delete(f"/c{{n}}/:id", orders.destroy)
'''


def files() -> dict[str, str]:
    """Returns every file of the app."""
    sources = {
        f"app/controller/c{n}.py": CONTROLLER_SOURCE.format(n=n) for n in range(N_CONTROLLERS)
    }
    sources |= {f"app/service/s{n}.py": SERVICE_SOURCE.format(n=n) for n in range(N_SERVICES)}
    sources |= {
        f"app/middleware/m{n}.py": MIDDLEWARE_SOURCE.format(n=n) for n in range(N_MIDDLEWARE)
    }
    for n in range(N_PLUGINS):
        sources |= {
            f"plugins/p{n}/plugin.toml": f'name = "p{n}"\n',
            f"plugins/p{n}/section.py": SECTION_SOURCE.format(n=n),
            f"plugins/p{n}/app.py": BOOT_SOURCE.format(n=n),
            f"plugins/p{n}/app/extend/context.py": EXTEND_SOURCE.format(n=n),
            f"plugins/p{n}/config/config_default.py": f"p{n} = {{'size': {n + 1}}}\n",
        }
    plugins = (f'p{n} = {{"path": str(_ROOT / "p{n}")}}\n' for n in range(N_PLUGINS))
    root = "from pathlib import Path\n_ROOT = Path(__file__).parent.parent / 'plugins'\n"
    names = [f"m{n}" for n in range(N_MIDDLEWARE)]
    return {
        **sources,
        "app/router.py": ROUTER_SOURCE.format(controllers=N_CONTROLLERS),
        "config/plugin.py": root + "".join(plugins),
        "config/config_default.py": f"middleware = {names!r}\n",
    }


def write(folder: Path) -> Path:
    """Writes the app and returns its folder.

    Sets the mtimes back an hour, because eggd caches no bytecode of a file that was changed
    a moment ago.
    """
    app = make_app(folder / "shop", files())
    then = time.time() - 3600
    for file in app.rglob("*.py"):
        os.utime(file, (then, then))
    return app


def plain_name(file: Path) -> Path:
    """Returns the name under which a copy of the file can be imported.

    `app.py` would hide the package `app/`.
    """
    return file.with_name("boot.py") if file.name == "app.py" else file
