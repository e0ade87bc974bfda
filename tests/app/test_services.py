"""Services and what they have of their context (core:SVC-1..8, BCC-1..5)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from eggd.app.application import Application
from eggd.app.context.anonymous import AnonymousRequest
from eggd.app.context.base_context import BaseContextClass
from eggd.errors import LoadError
from tests.app.loading import loaded, log, run
from tests.app.serving import Client, served

SERVICE = "from eggd import Service\n\n"
PLUGIN = {
    "config/plugin.py": 'lib = {"enable": True, "path": "lib"}\n',
    "lib/plugin.toml": "name = 'lib'\n",
    "lib/app/service/of_lib.py": SERVICE
    + """
class OfLib(Service):
    def text(self):
        return f"lib {self.path_name}"
""",
}
FILES = {
    **PLUGIN,
    "app/service/user-data/deep/first.py": SERVICE
    + """
class First(Service):
    def up(self, number):
        return self.service.second.down(number)

    def name(self):
        return "first"
""",
    "app/service/second.py": SERVICE
    + """
class Second(Service):
    def down(self, number):
        if number:
            return self.ctx.service.user_data.deep.first.up(number - 1)
        return self.service.user_data.deep.first.name()

    def say(self):
        self.logger.info("hello %s", "ada")
        self.logger.warning(ValueError("unchanged"))
""",
    "app/service/failing.py": SERVICE
    + """
class Failing(Service):
    def __init__(self, ctx):
        super().__init__(ctx)
        raise ValueError("no connection")
""",
    "app/service/made.py": SERVICE
    + """
def made(app):
    class Made(Service):
        def text(self):
            return f"made of {app.name} {self.path_name}"
    return Made
""",
    "app/service/pool.py": """
        def pool(app):
            return [app.name]
        """,
    "app/service/rates.py": """
        class Rates:
            def __init__(self):
                self.asked = 0

            def ask(self):
                self.asked += 1
                return self.asked

        rates = Rates()
        """,
    "app/service/waits.py": "async def waits(number):\n    return number + 1\n",
    "app/router.py": """
        def router(app):
            app.get("/first", lambda ctx: ctx.service.user_data.deep.first.up(3))
            app.get("/failing", lambda ctx: ctx.service.failing)
            app.get("/lib", lambda ctx: ctx.service.of_lib.text())
            app.get("/made", lambda ctx: ctx.service.made.text())
            app.get("/pool", lambda ctx: ctx.service.pool)
            app.get("/rates", lambda ctx: str(ctx.service.rates.ask()))
            app.get("/waits", lambda ctx: ctx.service.waits(1))
            app.get("/none", lambda ctx: ctx.service.secnd)
        """,
    "config/config_default.py": "logger = {'level': 'INFO'}\n",
}


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    with served(tmp_path_factory.mktemp("services") / "shop", FILES) as made:
        yield made


@pytest.mark.parametrize(
    ("path", "text"),
    [
        # core:SVC-4, SVC-7: each reaches the other, folders and dashes are names
        ("/first", "first"),
        # core:SVC-1: a plugin's
        ("/lib", "lib service.of_lib"),
        # core:SVC-2: what a function of app returns, class or object; an object; a value
        ("/made", "made of shop service.made"),
        ("/pool", '["shop"]'),
        ("/waits", "2"),
    ],
)
def test_a_service_is_a_class_or_another_export(client: Client, path: str, text: str) -> None:
    assert client.get(path).text == text


def test_an_object_is_shared_by_all_contexts(client: Client) -> None:
    # core:SVC-2
    first = int(client.get("/rates").text)
    assert client.get("/rates").text == str(first + 1)


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("/failing", "ValueError: no connection"),
        ("/none", "service.secnd does not exist (known: failing, made, of_lib, pool"),
    ],
)
def test_an_exception_of_a_service_is_the_error_of_its_request(
    client: Client, path: str, line: str
) -> None:
    """And no other's (core:SVC-6)."""
    assert client.get(path).status == 500
    assert line in (client.log_dir / "common-error.log").read_text()
    assert client.get("/first").status == 200


NO_CONTEXT = """
from eggd import Service

class A(Service):
    def __init__(self): ...
"""


@pytest.mark.parametrize(
    ("files", "message"),
    [
        # core:SVC-6: what cannot be imported is an error at start
        ({"app/service/a.py": "import nothing_like_it\n"}, r"a.py:1: ModuleNotFoundError"),
        ({"app/service/a.py": "def a(app):\n    1 / 0\n"}, r"a.py:2: a\(\) failed: ZeroDivision"),
        # core:SVC-2
        ({"app/service/a.py": "a = {'b': 1}\n"}, r"a.py: a service cannot be a dict"),
        (
            {"app/service/a.py": NO_CONTEXT},
            r"a.py: A.__init__ must take one argument, the context \(def __init__\(self, ctx\)",
        ),
        ({"app/service/a.py": "b = 1\n"}, r"a.py: must define exactly one subclass of Service"),
        # core:SVC-7
        (
            {"app/service/a.py": "a = 1\n", "app/service/a/b.py": "b = 1\n"},
            r"a/b.py: lies below .*a.py",
        ),
        # core:SVC-1
        (
            {**PLUGIN, "app/service/of_lib.py": "of_lib = 1\n"},
            r"shop/app/service/of_lib.py: cannot replace 'of_lib' of .*lib/app/service/of_lib.py",
        ),
    ],
)
def test_a_mistake_is_one_line_at_start(
    tmp_path: Path, files: dict[str, str], message: str
) -> None:
    with pytest.raises(LoadError, match=message):
        loaded(tmp_path / "shop", files)


def test_a_service_may_be_a_subclass_of_another_units(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # core:SVC-8
    child = "from lib.app.service.of_lib import OfLib\n\n\nclass Child(OfLib):\n    pass\n"
    root = tmp_path / "shop"
    monkeypatch.syspath_prepend(root)
    app: Application = loaded(root, {**PLUGIN, "app/service/child.py": child})
    ctx: Any = app.create_anonymous_context()
    assert (ctx.service.child.text(), ctx.service.of_lib.text()) == (
        "lib service.child",
        "lib service.of_lib",
    )
    app.loggers.close()


@pytest.fixture
def app(tmp_path: Path) -> Iterator[Application]:
    made: Application = loaded(tmp_path / "shop", FILES)
    yield made
    made.loggers.close()


def test_a_service_has_members_of_its_context(app: Application) -> None:
    """And one instance per context (core:SVC-3, SVC-5, BCC-1)."""
    ctx: Any = app.create_anonymous_context()
    first = ctx.service.user_data.deep.first
    assert first is ctx.service.second.service.user_data.deep.first
    assert (first.ctx, first.app, first.config) == (ctx, app, app.config)
    assert first.service is ctx.service
    assert first.path_name == "service.user_data.deep.first"
    assert first.full_path == app.base_dir / "app/service/user-data/deep/first.py"
    assert type(first) is app.service_classes["user_data"]["deep"]["first"]
    assert type(first) is app.service_classes.user_data.deep.first
    with pytest.raises(AttributeError, match=r"secnd: unknown service \(did you mean 'second'\?\)"):
        app.service_classes.secnd  # noqa: B018


def test_a_line_of_a_service_begins_with_its_place(app: Application) -> None:
    """An error's, too, of which egg does not tell where it is from (core:SVC-5, BCC-2)."""
    run(app, lambda app: app.run_in_anonymous_context_scope(lambda ctx: ctx.service.second.say()))
    text = log(app)
    assert "GET /] [service.second] hello ada\n" in text
    assert "GET /] [service.second] python.ValueError: unchanged\n" in text


def test_the_bracket_says_user_address_trace_time_and_request(app: Application) -> None:
    """An unknown user is a dash (core:BCC-3, process:LOG-20, LOG-21, LOG-26)."""
    ctx: Any = app.create_anonymous_context()
    ctx.logger.info("plain")
    ctx.user_id = "ada\n7"
    ctx.tracer = type("Tracer", (), {"trace_id": "t-1"})()
    ctx.logger.info("traced")
    app.logger.info("outside")
    lines = log(app).splitlines()
    stamp = r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} INFO \d+ "
    for bracket, message in (
        (r"\[-/127\.0\.0\.1/[0-9a-f]{32}/\d+ms GET /\] ", "plain"),
        (r"\[ada\\n7/127\.0\.0\.1/t-1/\d+ms GET /\] ", "traced"),
        ("", "outside"),
    ):
        assert [line for line in lines if re.fullmatch(stamp + bracket + message, line)]


def test_a_secret_of_the_query_is_not_in_the_bracket(app: Application) -> None:
    """The other parameters stay, and so does `ctx.original_url`."""
    ctx: Any = app.create_anonymous_context(AnonymousRequest(url="/reset?token=s3cr3t&page=2"))
    ctx.logger.info("plain")
    assert "GET /reset?token=***&page=2] plain\n" in log(app)
    assert ctx.original_url == "/reset?token=s3cr3t&page=2"


def test_the_logger_of_ctx_is_the_apps(app: Application) -> None:
    """One file, one bracket, whichever of the two is called in a request (core:BCC-4)."""

    def both(ctx: Any) -> None:
        ctx.logger.info("by ctx")
        app.logger.info("by app")

    run(app, lambda app: app.run_in_anonymous_context_scope(both))
    lines = [
        re.sub(r"^\S+ \S+|\d+ms", "", line) for line in log(app).splitlines() if " by " in line
    ]
    assert [line.replace("by ctx", "by app") for line in lines[:1]] == lines[1:]


def test_a_class_of_elsewhere_has_no_place_in_its_lines(app: Application) -> None:
    # core:BCC-1, BCC-5

    class Elsewhere(BaseContextClass):
        """Not loaded from a file of app/."""

    ctx: Any = app.create_anonymous_context()
    made = Elsewhere(ctx)
    assert (made.ctx, made.app, made.service) == (ctx, app, ctx.service)
    made.logger.info("hello")
    assert "GET /] hello\n" in log(app)
