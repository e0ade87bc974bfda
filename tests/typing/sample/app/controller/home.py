"""A controller."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any, TypedDict, assert_type

from eggd import (
    Context,
    Controller,
    CookieOptions,
    Event,
    Request,
    Response,
    WebSocket,
    WebSocketClosedError,
    __version__,
    conditional,
    events,
)


@dataclass
class Order:
    """A body, as `ctx.validate` makes it."""

    count: int


class Address(TypedDict):
    """Another one."""

    street: str


class HomeController(Controller):
    """Actions."""

    async def index(self) -> None:
        ctx = self.ctx
        ctx.type = "json"
        ctx.body = {"version": __version__, "app": self.app.name, "peer": peer(ctx.request)}
        ctx.etag = "a"
        await conditional(ctx)
        stamp(ctx.response)

    async def show(self) -> dict[str, object]:
        found: dict[str, object] = await self.service.user.find(int(self.ctx.params["id"]))
        return found

    def stream(self) -> None:
        events(self.ctx, ticks(self.ctx), ping=5)

    def order(self) -> int:
        ctx = self.ctx
        assert_type(ctx.validate(Order), Order)
        assert_type(ctx.validate(Address, ctx.query), Address)
        assert_type(ctx.validate(list[Order], [], convert=True), list[Order])
        assert_type(ctx.validate({"count": "int"}), dict[str, Any])
        return ctx.validate(Order).count

    def create(self) -> None:
        self.ctx.status = 201
        self.ctx.coookies = None  # type: ignore[attr-defined]
        seen: str | None = self.ctx.cookies.get("seen", signed=False)
        self.ctx.cookies.set("seen", seen, max_age="30d", same_site="lax").set("other", None)
        options: CookieOptions = {"encrypt": True, "overwrite": True}
        self.ctx.cookies.set("other", "1", **options)
        self.ctx.throw(422, "not valid", Allow="GET")


async def ticks(ctx: Context) -> AsyncIterator[Event]:
    yield Event(data={"path": ctx.path}, event="tick")


async def live(ctx: Context, socket: WebSocket) -> None:
    try:
        async for message in socket:
            await socket.send(message)
    except WebSocketClosedError as exc:
        ctx.logger.info("%s", exc)


def peer(request: Request) -> str:
    return f"{request.ip} {request.headers.get('user-agent')} {request.app.env}"


def stamp(response: Response) -> None:
    response.set("X-Status", str(response.status))
