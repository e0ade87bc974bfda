"""The servers under test, and all cases."""

from __future__ import annotations

from collections.abc import Sequence

from tests.autobahn import closing, framing, load, utf8
from tests.autobahn.case import Case

TARGETS = ("/native", "/asgi")

FILES = {
    "config/config_default.py": 'keys = "k"\n',
    "app/router.py": """
async def native(ctx, socket):
    async for message in socket:
        await socket.send(message)

async def asgi(scope, receive, send):
    if scope["type"] != "websocket":
        raise RuntimeError("WebSockets only")
    await receive()
    await send({"type": "websocket.accept"})
    while (message := await receive())["type"] == "websocket.receive":
        await send({**message, "type": "websocket.send"})

def router(app):
    app.router.ws("/native", native, max_message=16 * 1024 * 1024)
    app.router.mount("/asgi", asgi)
""",
}


def cases(*, full: bool) -> Sequence[Case]:
    """Returns Autobahn's cases 1 to 7, 9 and 10; without `full` those of section 9 are shorter."""
    return [*framing.cases(), *utf8.cases(), *closing.cases(), *load.cases(full=full)]
