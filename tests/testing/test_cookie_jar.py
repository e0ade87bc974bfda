"""The cookies that a client of a test keeps, and the session behind them."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from typing import Any

import pytest

from eggd import EggError
from eggd.errors import MockError
from eggd.testing.client import AsyncClient, Client
from eggd.testing.cookie_jar import CookieJar
from eggd.testing.running_app import RunningApp

ROUTER = """
    async def put(ctx):
        ctx.session.update(ctx.query)
        ctx.cookies.set("lang", ctx.query.get("lang"), signed=False)
        return ctx.get("cookie")

    def router(app):
        app.get("/put", put)
        app.get("/seen", lambda ctx: ctx.get("cookie"))
        app.router.ws("/ws", talk)

    async def talk(ctx, socket):
        await socket.send(ctx.get("cookie"))
"""
FILES = {"config/config_default.py": 'keys = "k"\n', "app/router.py": ROUTER}


@pytest.fixture
def running(make_app: Callable[..., str], start_app: Callable[..., RunningApp]) -> RunningApp:
    return start_app(make_app(FILES))


@pytest.mark.parametrize(
    ("lines", "kept"),
    [
        (["a=1; path=/", "b=2; httponly"], {"a": "1", "b": "2"}),
        (["a=1", "a=2"], {"a": "2"}),
        (["a=1", "a=; path=/; expires=Thu, 01 Jan 1970 00:00:00 GMT"], {}),
        (["a=1; max-age=0"], {}),
        (["a=1; max-age=5; expires=Thu, 01 Jan 1970 00:00:00 GMT"], {"a": "1"}),
        (["a=1; expires=Fri, 01 Jan 2100 00:00:00 GMT"], {"a": "1"}),
        (["a=x=y=="], {"a": "x=y=="}),
    ],
)
def test_a_jar_keeps_what_has_not_ended(lines: list[str], kept: dict[str, str]) -> None:
    jar = CookieJar()
    jar.take(lines)
    assert jar == kept


def test_cookies_are_sent_with_the_next_requests_of_the_same_client(running: RunningApp) -> None:
    client = Client(running)
    client.get("/put", query={"lang": "de"})
    assert client.cookies["lang"] == "de"
    assert "lang=de" in client.get("/seen").text
    assert "EGG_SESS=" in client.get("/seen").text
    assert Client(running).get("/seen").text == ""
    with client.stream("GET", "/seen") as stream:
        assert b"lang=de" in b"".join(stream)
    client.get("/put")
    assert "lang" not in client.cookies
    client.cookies["own"] = "1"
    assert "own=1" in client.get("/seen").text


def test_a_cookie_field_of_one_request_replaces_them(running: RunningApp) -> None:
    client = Client(running)
    client.cookies["lang"] = "de"
    assert client.get("/seen", headers={"Cookie": "a=1"}).text == "a=1"


def test_a_websocket_sends_them_too(running: RunningApp) -> None:
    client = Client(running)
    client.cookies["lang"] = "de"
    with client.websocket("/ws") as socket:
        assert socket.receive() == "lang=de"


def test_cookies_are_assigned_as_a_copy(running: RunningApp) -> None:
    client = Client(running)
    cookies = {"lang": "de"}
    client.cookies = cookies
    cookies["lang"] = "fr"
    assert client.get("/seen").text == "lang=de"
    client.get("/put", query={"lang": "en"})
    assert client.cookies["lang"] == "en"


@pytest.mark.parametrize(
    ("name", "value", "text"),
    [
        ("a", "x; EGG_SESS=1", "client.cookies['a']: ';' is not allowed in a cookie (send other"),
        ("a", "x\r\nX: y", "client.cookies['a']: '\\r' is not allowed in a cookie"),
        ("a", "中", "client.cookies['a']: '中' is not allowed in a cookie"),
        ("a=b", "1", "client.cookies['a=b']: '=' is not allowed in a cookie"),
        ("", "1", "client.cookies['']: an empty name is not allowed in a cookie"),
        ("a", 5, "client.cookies['a'] must be text, not 5"),
        (5, "a", "client.cookies: a name must be text, not 5"),
    ],
)
def test_text_that_is_not_one_cookie_is_refused(
    running: RunningApp, name: Any, value: Any, text: str
) -> None:
    """By each way of setting it."""
    client = Client(running)
    ways: list[Callable[[], object]] = [
        lambda: client.cookies.__setitem__(name, value),
        lambda: client.cookies.update({name: value}),
        lambda: setattr(client, "cookies", {name: value}),
    ]
    for way in ways:
        with pytest.raises(EggError, match=re.escape(text)):
            way()
    assert client.cookies == {}


@pytest.mark.parametrize(
    "change",
    [
        lambda client: client.session.__setitem__("user", "7"),
        lambda client: client.session.__delitem__("user"),
        lambda client: setattr(client, "session", {}),
    ],
)
def test_a_change_of_the_copy_of_a_session_is_an_error(
    running: RunningApp, change: Callable[[Client], object]
) -> None:
    with pytest.raises(MockError, match=r"client\.session is a copy .* \(use mock_session"):
        change(Client(running))


def test_the_session_behind_them_is_readable(running: RunningApp) -> None:
    client = Client(running)
    assert client.session == {}
    client.get("/put", query={"user": "7"})
    assert client.session == {"user": "7"}


def test_an_async_client_keeps_its_own(running: RunningApp) -> None:
    async def use() -> None:
        client = AsyncClient(running)
        await client.get("/put", query={"user": "7"})
        assert await client.session() == {"user": "7"}

    asyncio.run(use())
