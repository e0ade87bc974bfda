"""Extended classes, helper, anonymous contexts, background tasks, the current context, services
in the agent: on a loaded app (core:EXT-*, HLP-1, ANON-*, BG-*, STO-*, APP-1)."""

from __future__ import annotations

import asyncio
import re
import threading
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from eggd.app.agent import Agent
from eggd.app.application import Application
from eggd.app.base import BaseApplication
from eggd.app.context.anonymous import AnonymousRequest
from eggd.app.context.background import task_name
from eggd.app.context.base_context import Controller, Service
from eggd.calling import arity
from eggd.errors import EggError
from tests.app.loading import loaded, log, run
from tests.app.serving import Client, served

EXTENDS = {
    "app/extend/application.py": """
        class Application:
            def shout(self, text): return text.upper() + self.name
        """,
    "app/extend/agent.py": "class Agent:\n    role = 'agent of the app'\n",
    "app/extend/request.py": """
        class Request:
            @property
            def is_api(self): return self.path.startswith("/api")
        """,
    "app/extend/response.py": """
        class Response:
            def created(self, body):
                self.status, self.body = 201, body
        """,
    "app/extend/context.py": """
        class Context:
            @property
            def user(self): return self.get("x-user") or "guest"
        """,
    "app/extend/context_unittest.py": "class Context:\n    in_tests = True\n",
    "app/extend/helper.py": """
        class Helper:
            def greet(self): return f"{self.service.greeting.text()} {self.ctx.user}"
        """,
    "app/service/greeting.py": """
        from eggd import Service

        class GreetingService(Service):
            def text(self):
                self.logger.info("asked")
                return self.config.greeting
        """,
    "app/controller/home.py": """
        def index(ctx):
            same = ctx.helper is ctx.helper
            return [ctx.helper.greet(), ctx.request.is_api, same, ctx.app.shout("x")]

        def made(ctx):
            ctx.response.created(ctx.helper.url_for("made", {"id": 7, "q": "a b"}))

        def lost(ctx):
            return ctx.helper.path_for("nowhere")

        async def current(ctx):
            import asyncio
            await asyncio.sleep(0)
            return [ctx.app.current_context is ctx, ctx.query["n"]]

        def background(ctx):
            ctx.run_in_background(ctx.app.work, "work")
            return "at once"
        """,
    "app/router.py": """
        def router(app):
            home = app.controller.home
            app.router.get("/api/home", home.index)
            app.router.get("made", "/made/:id", home.made)
            app.router.get("/lost", home.lost)
            app.router.get("/current", home.current)
            app.router.get("/background", home.background)
        """,
    "app.py": """
        import asyncio
        from eggd import Boot

        class AppBoot(Boot):
            def config_did_load(self):
                async def work(ctx):
                    await asyncio.sleep(0)
                    ctx.logger.info("worked for %s", ctx.user)
                    raise ValueError("no more")

                self.app.work = work
        """,
    "config/config_default.py": "greeting = 'hello'\nlogger = {'level': 'INFO'}\n",
}


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    with served(tmp_path_factory.mktemp("extends") / "shop", EXTENDS) as made:
        yield made


@pytest.fixture(params=[Application, Agent])
def app(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[BaseApplication]:
    made = loaded(tmp_path / "shop", EXTENDS, request.param)
    yield made
    made.loggers.close()


def test_members_of_extend_files_are_there_in_a_request(client: Client) -> None:
    # core:EXT-1, EXT-6, HLP-1, CTX-7, SVC-3
    answer = client.get("/api/home", **{"X-User": "ada"})
    assert answer.text == '["hello ada",true,true,"Xshop"]'


def test_a_class_knows_where_it_was_loaded_from(tmp_path: Path) -> None:
    # core:LD-8
    text = "from eggd import Controller\n\n\nclass LogController(Controller):\n    kind = 1\n"
    files = {**EXTENDS, "app/controller/admin/user-log.py": text}
    app: Application = loaded(tmp_path / "shop", files)
    service = app.service_classes["greeting"]
    [controller] = (cls for cls in Controller.__subclasses__() if hasattr(cls, "kind"))
    for cls, name, file in (
        (service, "service.greeting", "app/service/greeting.py"),
        (controller, "controller.admin.user_log", "app/controller/admin/user-log.py"),
    ):
        assert (cls.path_name, cls.full_path) == (name, app.base_dir / file)
    app.loggers.close()


def test_a_helper_makes_paths_and_urls(client: Client) -> None:
    """An unknown name is an error, not an empty link (core:HLP-1)."""
    answer = client.get("/made/1")
    assert answer.status == 201
    assert answer.text.startswith("http://127.0.0.1:")
    assert answer.text.endswith("/made/7?q=a%20b")
    assert client.get("/lost").status == 500
    assert "no route is called 'nowhere'" in (client.log_dir / "common-error.log").read_text()


def test_the_agent_is_extended_by_its_own_file(tmp_path: Path) -> None:
    """The agent has contexts, with services and helper, too (core:EXT-1, EXT-8)."""
    agent: Any = loaded(tmp_path / "shop", EXTENDS, Agent)
    assert (agent.role, hasattr(agent, "shout")) == ("agent of the app", False)
    ctx: Any = agent.create_anonymous_context()
    assert (ctx.user, ctx.in_tests, ctx.helper.greet()) == ("guest", True, "hello guest")
    with pytest.raises(EggError, match="no route is called 'made'"):
        ctx.helper.path_for("made")
    agent.loggers.close()


def test_ctx_uses_the_members_of_an_extended_response(tmp_path: Path) -> None:
    """A ctx delegates to `ctx.response`, an object of the app's own class (core:EXT-1, CTX-1)."""
    files = {
        "app/extend/response.py": """
            class Response:
                def get(self, name):
                    return super().get(name) or "nothing"

                @property
                def body(self):
                    return super().body

                @body.setter
                def body(self, body):
                    self.content, self.code = ("extended", body), 201
            """
    }
    app: Application = loaded(tmp_path / "shop", files)
    ctx = app.create_anonymous_context()
    ctx.body = "text"
    assert (ctx.body, ctx.status, ctx.get_field("x")) == (("extended", "text"), 201, "nothing")
    assert ctx.get("x") == ""
    app.loggers.close()


def test_an_anonymous_context_has_all_members(app: BaseApplication) -> None:
    # core:ANON-1, ANON-2
    ctx: Any = app.create_anonymous_context()
    found = (ctx.method, ctx.url, ctx.host, ctx.get("X-Forwarded-For"), ctx.query, ctx.request.ip)
    assert found == ("GET", "/", "127.0.0.1", "127.0.0.1", {}, "127.0.0.1")
    assert ctx.exchange.peer == ("127.0.0.1", 7001)
    assert ctx.service.greeting is ctx.service.greeting
    assert app.create_anonymous_context().service.greeting is not ctx.service.greeting
    ctx.body = "goes nowhere"


def test_an_anonymous_request_has_the_given_values(app: BaseApplication) -> None:
    """Headers and query are added, the rest replaced (core:ANON-1)."""
    ctx: Any = app.create_anonymous_context(
        AnonymousRequest(
            method="POST",
            url="/a?b=1",
            query={"c": ["x y", 2]},
            headers={"X-User": "ada", "Host": "shop.example"},
            peer=("10.0.0.9", 5),
        )
    )
    assert (ctx.method, ctx.path, ctx.user, ctx.host) == ("POST", "/a", "ada", "shop.example")
    assert ctx.queries == {"b": ["1"], "c": ["x y", "2"]}
    assert ctx.ip == "10.0.0.9"


@pytest.mark.parametrize(
    ("request_", "line"),
    [
        (AnonymousRequest(headers={"X": "a\r\nY: b"}), "may not contain line breaks"),
        (AnonymousRequest(url="/a\n"), "may not contain line breaks"),
        (AnonymousRequest(url="a b"), "is not a valid HTTP request"),
        (AnonymousRequest(url="/é€"), "is not a valid HTTP request"),
        (AnonymousRequest(method="GE T"), "is not a valid HTTP request"),
        (AnonymousRequest(headers={"Bad Name": "x"}), "is not a valid HTTP request"),
    ],
)
def test_an_invalid_anonymous_request_is_one_error(
    app: BaseApplication, request_: AnonymousRequest, line: str
) -> None:
    with pytest.raises(EggError, match=line):
        app.create_anonymous_context(request_)


def test_a_scope_is_the_current_context_and_ends(app: BaseApplication) -> None:
    """Nested scopes shadow, then restore (core:ANON-3, STO-1, STO-2)."""

    async def outer(ctx: Any) -> list[bool]:
        inner = await app.run_in_anonymous_context_scope(lambda ctx: app.current_context is ctx)
        return [inner, app.current_context is ctx, app.ctx_storage.get() is ctx]

    async def main(app: BaseApplication) -> list[bool]:
        found: list[bool] = await app.run_in_anonymous_context_scope(outer)
        return [*found, app.current_context is None]

    assert run(app, main) == [True] * 4


def test_the_log_of_code_below_a_request_carries_its_bracket(app: BaseApplication) -> None:
    # core:STO-3, BCC-2, LD-8, process:LOG-26

    async def main(app: BaseApplication) -> None:
        await app.run_in_anonymous_context_scope(lambda ctx: app.logger.info("inside"))
        app.logger.info("outside")
        ctx: Any = app.create_anonymous_context()
        ctx.service.greeting.text()

    run(app, main)
    lines = re.sub(r"[0-9a-f]{32}/\d+ms", "trace/0ms", log(app))
    assert " [-/127.0.0.1/trace/0ms GET /] inside\n" in lines
    assert " [-/127.0.0.1/trace/0ms GET /] [service.greeting] asked\n" in lines
    assert "] outside" not in lines


def test_requests_at_once_never_see_each_others_context(client: Client) -> None:
    # core:STO-1, STO-2, X-5
    texts: list[str] = []

    def ask(number: int) -> None:
        texts.append(client.get(f"/current?n={number}").text)

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(texts) == [f'[true,"{number}"]' for number in range(8)]


def test_a_response_does_not_wait_for_its_background_task(tmp_path: Path) -> None:
    """Its failure is logged once, with the request's bracket (core:BG-1, BG-2)."""
    with served(tmp_path / "shop", EXTENDS) as client:
        assert client.get("/background", **{"X-User": "ada"}).text == "at once"
    web = (client.log_dir / "shop-web.log").read_text()
    assert "GET /background] worked for ada" in web
    assert web.count("ValueError: no more") == 1
    assert "[egg:background] task:work fail (" in (client.log_dir / "egg-web.log").read_text()


def test_a_background_task_of_the_app_has_a_context_and_is_awaited_at_close(
    app: BaseApplication,
) -> None:
    """Closing waits for it, and for what it starts (BG C) (core:BG-1, BG-4, STO-1)."""
    done: list[object] = []

    async def second() -> None:
        done.append("second")

    async def first(ctx: Any) -> None:
        await asyncio.sleep(0)
        done.append(app.current_context is ctx)
        app.run_in_background(second)

    async def main(app: BaseApplication) -> None:
        app.run_in_background(first, request=AnonymousRequest(url="/night"))
        assert done == []

    run(app, main)
    assert done == [True, "second"]
    assert "GET /night] [egg:background] task:first success (" in log(app)


def test_a_background_task_that_takes_nothing_has_no_context(app: BaseApplication) -> None:
    """A task only keeps the context that it was started in (core:BG-4, STO-1)."""
    seen: list[object] = []

    def work() -> None:
        seen.append(app.current_context)
        raise ValueError("no more")

    async def main(app: BaseApplication) -> None:
        app.run_in_background(work, "night")
        ctx = app.create_anonymous_context()
        app.ctx_storage.set(ctx)
        app.run_in_background(work)
        seen.append(ctx)

    run(app, main)
    ctx, first, second = seen
    assert (first, second is ctx) == (None, True)
    text = log(app)
    assert "[egg:background] task:night fail (" in text
    assert "GET /] [egg:background] task:work fail (" in text


def test_a_background_task_that_does_not_end_is_cancelled_at_close(tmp_path: Path) -> None:
    files = {"config/config_default.py": "close_timeout = '10ms'\n"}
    app: Application = loaded(tmp_path / "shop", files)
    ends: list[BaseException] = []

    async def endless() -> None:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError as exc:
            ends.append(exc)
            raise

    async def main(app: Application) -> None:
        app.run_in_background(endless)
        await asyncio.sleep(0)

    run(app, main)
    assert len(ends) == 1


def test_app_and_agent_have_the_same_members_around_contexts(app: BaseApplication) -> None:
    # core:APP-1
    ctx = app.create_anonymous_context()
    made = (app.context_class, app.request_class, app.Helper)
    assert tuple(map(type, (ctx, ctx.request, ctx.helper))) == made
    assert type(app.create_context(ctx.exchange)) is app.context_class
    assert issubclass(app.service_classes["greeting"], Service)
    assert (app.ctx_storage.get(), app.current_context) == (None, None)


def named() -> None:
    """A function with a name."""


@pytest.mark.parametrize(
    ("function", "name"),
    [
        (named, "named"),
        (partial(named), "named"),
        (AnonymousRequest, "AnonymousRequest"),
        (AnonymousRequest().__repr__, "AnonymousRequest.__repr__"),
        (lambda: None, "test_contexts.py:"),
    ],
)
def test_a_task_is_named_after_its_function(function: Any, name: str) -> None:
    # core:BG-3
    found = task_name(function)
    assert found.startswith(name)
    assert found.removeprefix(name) == "" or found.removeprefix(name).isdigit()


@pytest.mark.parametrize(
    ("function", "wants"),
    [
        (lambda ctx: None, True),
        (lambda: None, False),
        (lambda tick=1: None, False),
        (lambda *args: None, False),
        (lambda *, key: None, False),
        ([].append, True),
        (dict, False),
        (type("", (), {"go": lambda self: None})().go, False),
    ],
)
def test_a_function_with_a_required_argument_gets_ctx(function: Any, wants: bool) -> None:
    assert bool(arity(function)) is wants
