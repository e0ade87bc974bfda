"""Mocks in a running app."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from eggd import AnonymousRequest
from eggd.errors import EggError
from eggd.testing.client import Client
from eggd.testing.running_app import RunningApp

Mock = Callable[..., Any]
WAYS = [(True, False), (False, False), (None, None), (None, True)]
"""`signed` and `encrypt` of a call that reads a cookie."""


def test_a_context_is_that_of_a_get_from_here(app: Any, mock_context: Mock) -> None:
    # core:MOCK-5
    ctx = mock_context(user="ada")
    assert (ctx.method, ctx.url, ctx.host, ctx.ip) == ("GET", "/", "127.0.0.1", "127.0.0.1")
    assert ctx.user == "ada"
    assert app.current_context is ctx


def test_a_context_may_be_of_another_request(app: Any, mock_context: Mock) -> None:
    # core:MOCK-5
    asked = AnonymousRequest(method="POST", url="/a?b=c", headers={"X-A": "1"}, peer=("::1", 9))
    ctx = mock_context(asked)
    assert (ctx.method, ctx.query, ctx.get("x-a")) == ("POST", {"b": "c"}, "1")
    assert app.current_context is ctx


def test_the_first_context_is_the_tests_own(app: Any, mock_context: Mock) -> None:
    # core:MOCK-5, MOCK-13
    own = app.current_context
    assert mock_context() is own
    assert mock_context() is not own


def test_a_fresh_context_is_another_one(app: Any, mock_context: Mock) -> None:
    # core:MOCK-5
    own = app.current_context
    assert mock_context(fresh=True) is not own
    assert mock_context() is own


def test_a_scope_ends(app: Any, mock_context_scope: Mock) -> None:
    # core:MOCK-5
    before = app.current_context
    with mock_context_scope(AnonymousRequest(url="/x"), user="ada") as ctx:
        assert (app.current_context, ctx.path, ctx.user) == (ctx, "/x", "ada")
    assert app.current_context is before


def test_a_service_is_used_on_the_apps_loop(mock_context: Mock, run: Mock) -> None:
    assert run(mock_context().service.admin.price.find("egg")) == 3


def test_code_there_runs_in_the_tests_context(
    app: Any, mock_context: Mock, run: Mock, running_app: RunningApp
) -> None:
    # core:MOCK-5, MOCK-13

    async def seen() -> object:
        return app.current_context

    ctx = mock_context(fresh=True)
    assert run(seen()) is ctx
    assert asyncio.run(running_app.call(seen())) is ctx


async def _later(self: Any, name: str) -> str:
    return f"{name} later"


VALUES: list[tuple[str, object, list[object]]] = [
    ("find", 9, [9, "piece", 12]),
    ("find", lambda self, name: f"{name} of {self.ctx.path}", ["egg of /price", "piece", 12]),
    ("find", _later, ["egg later", "piece", 12]),
    ("unit", "dozen", [3, "dozen", 12]),
    ("unit", lambda self: "gross", [3, "gross", 12]),
]


@pytest.mark.parametrize(("method", "value", "answer"), VALUES)
def test_a_method_of_a_service_returns_the_mocked_value(
    client: Client, mock_service: Mock, method: str, value: object, answer: list[object]
) -> None:
    """A mocked coroutine stays a coroutine, also an inherited one (core:MOCK-7)."""
    mock_service("admin.price", method, value)
    assert client.get("/price").json() == answer


def test_a_method_that_an_instance_has_is_mocked_too(
    mock_context: Mock, mock_service: Mock
) -> None:
    # core:MOCK-7
    mock_service("admin.price", "tax", 19)
    assert mock_context().service.admin.price.tax() == 19


ERRORS: list[tuple[object, type[Exception], str]] = [
    ("no egg", RuntimeError, "no egg"),
    (ValueError("bad egg"), ValueError, "bad egg"),
    (KeyError, KeyError, "^$"),
]


@pytest.mark.parametrize(("error", "kind", "text"), ERRORS)
def test_a_service_may_fail(
    mock_context: Mock,
    run: Mock,
    mock_service_error: Mock,
    error: object,
    kind: type[Exception],
    text: str,
) -> None:
    # core:MOCK-7
    mock_service_error("admin.price", "find", error)
    with pytest.raises(kind, match=text):
        run(mock_context().service.admin.price.find("egg"))


def test_a_failing_service_says_that_it_is_a_mock(client: Client, mock_service_error: Mock) -> None:
    # core:MOCK-7
    mock_service_error("admin.price", "unit")
    assert client.get("/price", headers={"Accept": "application/json"}).status == 500


UNKNOWN = [
    ("admin.price", "fnid", "has no method 'fnid'"),
    ("admin.prize", "find", "service.admin.prize does not exist"),
    ("admin", "find", "service.admin does not exist"),
    ("x.y", "find", "service.x.y does not exist"),
]


@pytest.mark.parametrize(("name", "method", "text"), UNKNOWN)
def test_an_unknown_method_cannot_be_mocked(
    mock_service: Mock, name: str, method: str, text: str
) -> None:
    # core:MOCK-7
    with pytest.raises(EggError, match=text):
        mock_service(name, method, 1)


def test_members_of_custom_loaders_are_mocked(
    app: Any, run: Mock, client: Client, mock_member: Mock
) -> None:
    # core:MOCK-12
    mock_member("repository.stock", "count", 0)
    mock_member("adapter.docker", "pull", lambda self, name: f"{name} of {self.app.name}")
    assert client.get("/price").json()[2] == 0
    assert run(app.adapter.docker.pull("x")) == "x of shop"


def test_a_session_is_replaced(client: Client, mock_session: Mock, mock_context: Mock) -> None:
    # core:MOCK-6
    mock_session({"user": "ada"})
    mock_session(None)
    assert client.get("/session").json() == {"user": "ada"}
    assert mock_context(fresh=True).session.save() is None


LOGIN = {
    "config/config_default.py": 'keys = "k"\n',
    "app/router.py": """
        def login(ctx):
            ctx.session["user"] = ctx.query["user"]
            return "in"

        def replace(ctx):
            ctx.session = {"user": "cora"}
            return "replaced"

        def logout(ctx):
            ctx.session = None
            return [ctx.session]

        def router(app):
            app.get("/", lambda ctx: dict(ctx.session))
            app.get("/login", login)
            app.get("/replace", replace)
            app.get("/logout", logout)
        """,
}


def test_a_mocked_session_is_changed_and_ended_by_requests(
    start_app: Mock, make_app: Mock, mocks_of: Mock
) -> None:
    """Afterwards each client has its own (core:MOCK-6)."""
    running = start_app(make_app(LOGIN))
    client = Client(running)
    mocks_of(running).session({"user": "ada"})
    mocks_of(running).session({"user": "bob"})
    assert client.get("/").json() == client.session == {"user": "bob"}
    assert client.get("/login", query={"user": "eve"}).text == "in"
    assert Client(running).get("/").json() == {"user": "eve"}
    client.get("/replace")
    assert client.get("/").json() == {"user": "cora"}
    assert client.get("/logout").json() == [None]
    assert client.get("/").json() == client.session == {}
    client.get("/login", query={"user": "dan"})
    assert client.get("/").json() == {"user": "dan"}
    assert Client(running).get("/").json() == {}


@pytest.mark.parametrize(
    ("values", "text"),
    [
        ({"user": object()}, "ctx.session['user']: object cannot be kept as JSON"),
        ({"_user": 1}, "ctx.session: the key '_user' is reserved"),
        ({5: 6}, "ctx.session: the key 5 is not text"),
    ],
)
def test_a_mocked_session_holds_what_a_session_can_hold(
    mock_session: Mock, values: dict[str, object], text: str
) -> None:
    with pytest.raises(EggError, match=re.escape(text)):
        mock_session(values)


def test_a_csrf_check_passes(client: Client, mock_csrf: Mock) -> None:
    # core:MOCK-6
    assert client.post("/pay").status == 403
    mock_csrf()
    assert client.post("/pay").text == "paid"


@pytest.mark.parametrize(("mock", "name"), [("session", "session"), ("csrf", "assert_csrf")])
def test_a_member_of_a_missing_plugin_cannot_be_mocked(
    start_app: Mock, make_app: Mock, mocks_of: Mock, mock: str, name: str
) -> None:
    mocks = mocks_of(
        start_app(make_app({"config/plugin.py": "session = False\nsecurity = False\n"}))
    )
    with pytest.raises(EggError, match=f"ctx.{name} does not exist in this app"):
        getattr(mocks, mock)(*[{}] * (mock == "session"))


def test_an_app_of_one_test_is_mocked_alone(
    client: Client, start_app: Mock, app_dir: Path, mocks_of: Mock
) -> None:
    # core:MOCK-7
    other = start_app(app_dir)
    mocks_of(other).service("admin.price", "find", 9)
    assert Client(other).get("/price").json()[0] == 9
    assert client.get("/price").json()[0] == 3


def test_cookies_are_sent(client: Client, mock_cookies: Mock, mock_context: Mock) -> None:
    """Only those that are given and not empty (core:MOCK-6)."""
    mock_cookies({"lang": "de", "empty": ""})
    sent = client.get("/echo", headers={"Cookie": "lang=en; size=3"}).json()["headers"]["cookie"]
    assert sent == "lang=de; size=3"
    ctx = mock_context(fresh=True)
    assert ctx.get("cookie") == "lang=de"
    read = [ctx.cookies.get("lang", signed=s, encrypt=e) for s, e in WAYS]
    assert read == ["de"] * 4
    assert ctx.cookies.get("empty", signed=False) is None


def test_a_websocket_sends_them_too(client: Client, mock_cookies: Mock, mock_headers: Mock) -> None:
    # core:MOCK-6
    mock_cookies({"lang": "de"})
    mock_headers({"X-A": "1"})
    with client.websocket("chat", headers={"x-a": "2", "Cookie": "a=b"}) as socket:
        socket.send("fields")
        assert socket.receive() == "A=B; LANG=DE 2"


def test_headers_are_sent(client: Client, mock_headers: Mock, mock_context: Mock) -> None:
    # core:MOCK-6
    mock_headers({"X-A": "1", "User-Agent": "mine"})
    sent = client.get("/echo", headers={"x-a": "2"}).json()["headers"]
    assert (sent["x-a"], sent["user-agent"]) == ("2", "mine")
    assert mock_context(fresh=True).get("x-a") == "1"


def test_the_environment_is_another_one(app: Any, mock_env: Mock) -> None:
    # core:MOCK-9
    mock_env("prod")
    assert (app.env, app.config.env, app.agent.env) == ("prod", "prod", "prod")


def test_mocks_can_be_taken_back_at_once(app: Any, client: Client, mocks: Any) -> None:
    # core:MOCK-2, MOCK-10
    mocks.service("admin.price", "find", 9)
    mocks.member("adapter.docker", "pull", 1)
    mocks.session({})
    mocks.cookies({"a": "b"})
    mocks.env("prod")
    mocks.restore()
    assert client.get("/price").json() == [3, "piece", 12]
    assert client.get("/session").json() == {"user": "guest"}
    assert "cookie" not in client.get("/echo").json()["headers"]
    assert (app.env, app.config.env) == ("unittest", "unittest")
