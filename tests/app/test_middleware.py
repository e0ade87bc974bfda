"""Middleware files, their options and their order; functions as middleware (core:MW-1..13)."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import SimpleNamespace

import pytest

from eggd.app.application import Application
from eggd.app.loading.path_condition import path_condition
from eggd.errors import ConfigError, EggError
from tests.app.loading import loaded, log
from tests.app.serving import Client, served

CONFIG = "config/config_default.py"
MARK = """
    def {name}(options, app):
        async def middleware(ctx, next):
            ctx.append("X-Seen", "{text}")
            await next()
        return middleware
    """


def mark(name: str, text: str = "") -> dict[str, str]:
    return {f"app/middleware/{name}.py": MARK.format(name=name, text=text or name)}


def plugin(files: Mapping[str, str]) -> dict[str, str]:
    """A plugin of the app, made of files."""
    return {
        "config/plugin.py": 'lib = {"enable": True, "path": "lib"}\n',
        "lib/plugin.toml": "name = 'lib'\n",
        **{f"lib/{name}": text for name, text in files.items()},
    }


ROUTER = """
    import asyncio

    told = asyncio.Queue()

    def router(app):
        app.use(behind)
        r = app.router
        r.get("/", lambda ctx: "home")
        r.get("/on", handing_on)
        r.get("/twice", twice, lambda ctx: "twice")
        r.get("/boom", lambda ctx: 1 / 0)
        r.get("/late", unawaited, slow)
        r.get("/told", lambda ctx: asyncio.wait_for(told.get(), 10))
        r.get("/raw", app.middleware.picky({"text": "of the route"}, app), lambda ctx: "raw")
        r.get("/picky/:id", lambda ctx: ctx.path)
        r.get("/plain", plain, lambda ctx: "plain")

    async def behind(ctx, next):
        ctx.append("X-Seen", "behind")
        await next()

    async def handing_on(ctx, next):
        await next()
        ctx.body = "on"

    async def twice(ctx, next):
        await next()
        await next()

    tasks = []

    async def unawaited(ctx, next):
        tasks.append(asyncio.ensure_future(next()))

    async def slow(ctx):
        await asyncio.sleep(0)
        ctx.body = "too late"
        told.put_nowait(f"sent: {ctx.header_sent}")

    def plain(ctx, next):
        ctx.append("X-Seen", "plain")
        return next()
    """
FILES = {
    **mark("outer"),
    **mark("off"),
    "app/middleware/guard.py": """
        def guard(options, app):
            async def middleware(ctx, next):
                try:
                    await next()
                    ctx.append("X-Seen", "after")
                except ZeroDivisionError:
                    ctx.status = 422
                    ctx.body = "guarded"
                finally:
                    ctx.append("X-Seen", "finally")
            return middleware
        """,
    "app/middleware/picky.py": """
        def picky(options, app):
            def middleware(ctx, next):
                ctx.append("X-Seen", f"picky {options['text']}")
                return next()
            return middleware
        """,
    "app/router.py": ROUTER,
    "app.py": """
        from eggd import Boot

        async def first(ctx, next):
            ctx.append("X-Seen", "first")
            await next()

        async def second(ctx, next):
            ctx.append("X-Seen", "second")
            await next()

        class AppBoot(Boot):
            def config_did_load(self):
                self.app.use(first)

            async def did_load(self):
                self.app.use(second)
        """,
    CONFIG: """
        async def function(ctx, next):
            ctx.append("X-Seen", "function")
            await next()

        middleware = ["outer", function, "off", "guard", "picky"]
        off = {"enable": False}
        picky = {"text": "of the config", "match": ["/picky/:id", "/Picky%2F"]}
        """,
}
HEAD = ["first", "second", "outer", "function"]


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    with served(tmp_path_factory.mktemp("middleware") / "app", FILES) as made:
        yield made


@pytest.mark.parametrize(
    ("path", "status", "text", "seen"),
    [
        # core:MW-2, MW-4: in the order of the config, what is disabled is not there
        ("/", 200, "home", ["after", "finally"]),
        # core:MW-7: `app.use` of the router file is behind the routes
        ("/on", 200, "on", ["behind", "after", "finally"]),
        ("/none", 404, "404", ["behind", "after", "finally"]),
        # core:MW-9: an exception goes out through everybody who waits
        ("/boom", 422, "guarded", ["finally"]),
        # core:MW-6: a factory for one route; its options are the route's
        ("/raw", 200, "raw", ["picky of the route", "after", "finally"]),
        # core:MW-5, MW-13: the raw path or the decoded one, in any case of letters
        ("/picky/1?a=b", 200, "/picky/1", ["picky of the config", "after", "finally"]),
        ("/picky/a%2Fb", 200, "/picky/a%2Fb", ["picky of the config", "after", "finally"]),
        ("/picky", 404, "404", ["behind", "after", "finally"]),
        ("/PICKY/1", 404, "404", ["picky of the config", "behind", "after", "finally"]),
        ("/%70icky/1", 404, "404", ["picky of the config", "behind", "after", "finally"]),
        ("/picky%2f1", 404, "404", ["picky of the config", "behind", "after", "finally"]),
        ("/%2570icky/1", 404, "404", ["behind", "after", "finally"]),
        ("/picky%2f", 404, "404", ["picky of the config", "behind", "after", "finally"]),
        ("/picky/", 404, "404", ["behind", "after", "finally"]),
        # core:X-16: a plain function
        ("/plain", 200, "plain", ["plain", "after", "finally"]),
    ],
)
def test_which_middleware_sees_a_request(
    client: Client, path: str, status: int, text: str, seen: list[str]
) -> None:
    answer = client.get(path)
    assert (answer.status, text in answer.text) == (status, True)
    assert answer.headers.get_all("X-Seen") == [*HEAD, *seen]


def test_next_twice_is_an_error_of_the_server(client: Client) -> None:
    # core:MW-8
    assert client.get("/twice").status == 500
    assert "next() called multiple times" in (client.log_dir / "common-error.log").read_text()


def test_middleware_that_does_not_await_next_answers_first(client: Client) -> None:
    """A later answer is dropped (core:MW-10)."""
    assert client.get("/late").status == 404
    assert client.get("/told").text == "sent: True"


@pytest.mark.parametrize("late", ["did_load", "will_ready"])
def test_a_function_that_a_hook_uses_is_around_mounts_too(tmp_path: Path, late: str) -> None:
    # core:MW-7
    files = {
        "app.py": f"""
            from eggd import Boot

            async def mark(ctx, next):
                ctx.set("X-Seen", "mark")
                await next()

            class AppBoot(Boot):
                async def {late}(self):
                    self.app.use(mark)
            """,
        "app/router.py": """
            async def guest(scope, receive, send):
                await send({"type": "http.response.start", "status": 200, "headers": []})
                await send({"type": "http.response.body", "body": b"guest"})

            def router(app):
                app.router.mount("/guest", guest)
                app.router.namespace("/n").mount("/guest", guest)
            """,
    }
    with served(tmp_path / "shop", files) as client:
        for path in ("/guest", "/n/guest/x"):
            answer = client.get(path)
            assert (answer.text, answer.headers["X-Seen"]) == ("guest", "mark")


WITNESS = {
    "app.py": """
        from eggd import Boot, HttpError

        class AppBoot(Boot):
            def config_did_load(self):
                async def witness(ctx, next):
                    try:
                        await next()
                    except HttpError as exc:
                        ctx.app.seen.append([ctx.method, ctx.path, exc.status])
                        raise
                    ctx.app.seen.append([ctx.method, ctx.path, ctx.status])
                    ctx.set("X-Witness", "here")

                self.app.seen = []
                self.app.use(witness)
        """,
    "app/router.py": """
        def router(app):
            app.get("/seen", lambda ctx: app.seen)
            app.post("/form", lambda ctx: ctx.request.body)
        """,
}
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def test_whatever_is_asked_goes_through_the_middleware(tmp_path: Path) -> None:
    """No library answers in the app's stead, and a malformed form is not an error (core:X-1)."""
    with served(tmp_path / "shop", WITNESS) as client:
        asked = [("PROPFIND", "/seen", 501), ("DELETE", "/form", 405), ("HEAD", "/none", 404)]
        for method, path, status in asked:
            assert client.ask(method, path).status == status
        assert client.ask("HEAD", "/seen").headers["X-Witness"] == "here"
        assert client.ask("POST", "/form", b"%zz&=&a=%ff", FORM).text == '{"%zz":"","a":"\ufffd"}'
        seen = [*map(list, asked), ["HEAD", "/seen", 200], ["POST", "/form", 200]]
        assert json.loads(client.get("/seen").body) == [*seen, ["GET", "/seen", 200]]


def test_an_apps_file_replaces_a_plugins(tmp_path: Path) -> None:
    """The plugin puts it in the list by its boot hook (core:MW-3, MW-12)."""
    boot = """
        from eggd import Boot

        class LibBoot(Boot):
            def config_did_load(self):
                self.app.config.core_middleware.append("shared")
                self.app.config.core_middleware.append(function)

        async def function(ctx, next):
            ctx.append("X-Seen", "function of lib")
            await next()
        """
    files = {
        **plugin({**mark("shared", "lib"), **mark("own", "lib"), "app.py": boot}),
        **mark("shared", "app"),
        CONFIG: 'middleware = ["own"]\n',
        "app/router.py": "def router(app): app.get('/', lambda ctx: 'x')\n",
    }
    with served(tmp_path / "shop", files) as client:
        # core:MW-11: a hook may put a function in the list
        seen = ["app", "function of lib", "lib"]
        assert client.get("/").headers.get_all("X-Seen") == seen


ONE_ARGUMENT = """
def one(options, app):
    async def middleware(ctx): ...
    return middleware
"""


@pytest.mark.parametrize(
    ("files", "message"),
    [
        # core:MW-3
        (
            {CONFIG: 'middleware = ["outr"]\n', **mark("outer")},
            r"config_default.py:1: middleware 'outr' not found \(did you mean 'outer'\?\)",
        ),
        (
            {CONFIG: 'middleware = ["outer", "outer"]\n', **mark("outer")},
            r"config_default.py:1: middleware 'outer' is named twice",
        ),
        # core:MW-1
        (
            {CONFIG: 'middleware = ["one"]\n', "app/middleware/one.py": "def one(o, app): ...\n"},
            r"one.py: middleware one must be a function, not None",
        ),
        ({"app/middleware/one.py": "def other(o, app): ...\n"}, r"must define `def one\("),
        (
            {"app/middleware/one.py": "async def one(o, app): ...\n"},
            r"one.py: the factory one must not be async \(write def one\(options, app\)",
        ),
        (
            {CONFIG: 'middleware = ["one"]\n', "app/middleware/one.py": ONE_ARGUMENT},
            r"one.py: middleware one must take two arguments \(async def middleware\(ctx, next\)",
        ),
        (
            {CONFIG: 'middleware = ["one"]\n', "app/middleware/one.py": "def one(o, a): 1 / 0\n"},
            r"one.py:1: one\(\) failed: ZeroDivisionError",
        ),
        # core:MW-11
        ({CONFIG: "middleware = [3]\n"}, r"middleware\[0\] must be text or a function"),
        # core:MW-4: the factory is called all the same
        (
            {
                CONFIG: 'middleware = ["one"]\none = {"enable": False}\n',
                "app/middleware/one.py": "def one(o, a): 1 / 0\n",
            },
            r"one\(\) failed",
        ),
        # core:MW-5
        (
            {CONFIG: 'middleware = ["o"]\no = {"match": "/", "ignore": "/a"}\n', **mark("o")},
            r"config_default.py:2: o: match and ignore cannot both be set",
        ),
        (
            {CONFIG: 'middleware = ["o"]\no = {"match": 3}\n', **mark("o")},
            r"config_default.py:2: o.match must be text, a regex,",
        ),
        # core:MW-6
        (
            {**mark("gzip"), "app/router.py": "def router(app): app.middleware.gzp({}, app)\n"},
            r"app.middleware.gzp does not exist \(did you mean 'gzip'\?\)",
        ),
        # core:MW-7
        ({"app/router.py": "def router(app): app.use(3)\n"}, "middleware must be a function"),
    ],
)
def test_a_mistake_is_one_line_at_start(
    tmp_path: Path, files: dict[str, str], message: str
) -> None:
    with pytest.raises(EggError, match=message):
        loaded(tmp_path / "shop", files)


@pytest.mark.parametrize("name", ["middleware", "core_middleware"])
def test_a_plugins_config_may_not_order_middleware(tmp_path: Path, name: str) -> None:
    # core:MW-12
    files = plugin({**mark("shared"), CONFIG: f'{name} = ["shared"]\n'})
    with pytest.raises(ConfigError, match=rf"lib/{CONFIG}:1: {name} cannot be set in"):
        loaded(tmp_path / "shop", files)


def test_the_order_is_logged_with_the_names_of_functions(tmp_path: Path) -> None:
    # core:MW-2, APP-13
    text = "def shout(ctx, next): ...\nmiddleware = ['outer', shout]\n"
    app: Application = loaded(tmp_path / "shop", {CONFIG: text, **mark("outer")})
    app.introduce()
    assert "[egg] App middleware: outer, shout" in log(app)
    app.loggers.close()


GUARDS: dict[str, dict[str, object]] = {
    "match-text": {"match": "/old/admin"},
    "match-star": {"match": "/*/admin/*"},
    "match-regex": {"match": re.compile("^/old/admin")},
    "match-function": {"match": lambda ctx: ctx.path.startswith("/old/admin")},
    "match-list": {"match": ["/none", "/old/admin"]},
    "ignore-text": {"ignore": "/old/public"},
    "ignore-regex": {"ignore": re.compile("^/old/public")},
    "ignore-function": {"ignore": lambda ctx: ctx.path.startswith("/old/public")},
}


@pytest.mark.parametrize("guard", GUARDS)
@pytest.mark.parametrize(
    ("path", "guarded"),
    [
        (b"/old/admin/x", True),
        (b"/old/%61dmin/x", True),
        (b"/%6Fld/admin/x", True),
        (b"/old%2fadmin/x", True),
        (b"/old/admin/%ff", True),
        (b"/old/%61dmin/%ff\xff", True),
        (b"/old/admin/" + b"x" * 5000, True),
        (b"/old/./admin/x", True),
        (b"/old//admin/x", True),
        (b"//old/admin/x", True),
        (b"/old/%2e/admin/x", True),
        (b"/old/public/../admin/x", True),
        (b"/old/public/%2e%2e/admin/x", True),
        (b"/old/public/..%2fadmin/x", True),
        (b"/old/public/x", False),
        (b"/old/%70ublic/x", None),
    ],
)
def test_a_match_of_the_raw_or_the_decoded_path_is_guarded(
    guard: str, path: bytes, guarded: bool | None
) -> None:
    """`ignore` exempts a request only if both paths match (core:MW-13)."""
    condition = path_condition(GUARDS[guard].get("match"), GUARDS[guard].get("ignore"), "login")
    assert condition is not None
    expected = guard.startswith("ignore") if guarded is None else guarded
    ctx = Ctx(path)
    assert condition(ctx) is expected
    assert ctx.exchange.path == path


def test_a_path_that_is_too_long_to_be_tried_is_guarded_and_not_exempt() -> None:
    ctx = Ctx(b"/a" * 2000)
    for options in ({"match": "/*-*-x"}, {"ignore": "/*-*-x"}):
        condition = path_condition(options.get("match"), options.get("ignore"), "login")
        assert condition is not None
        assert condition(ctx) is True


class Ctx:
    """The part of a context that a condition reads."""

    def __init__(self, path: bytes) -> None:
        self.exchange = SimpleNamespace(path=path)

    @property
    def path(self) -> str:
        return self.exchange.path.decode("latin-1")  # type: ignore[no-any-return]
