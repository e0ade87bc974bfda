"""`ctx.session` in the cookie and in a store, by what clients see (process:SES-1)."""

from __future__ import annotations

import base64
import json
import re
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from time import time
from typing import Any

import pytest

from tests.app.serving import Client, served
from tests.plugins.session.visitor import Visitor

ROUTER = """
    import inspect

    from eggd.plugins.session import without_session

    async def show(ctx):
        return ctx.session

    async def untouched(ctx):
        return "nothing"

    async def put(ctx):
        ctx.session.update(ctx.request.body)
        return "put"

    async def replace(ctx):
        ctx.session = ctx.request.body or None
        return [ctx.session]

    async def drop(ctx):
        ctx.session = None
        return [ctx.session]

    async def about(ctx):
        session = ctx.session
        return [session.is_new, session.populated, session.max_age]

    async def age(ctx):
        ctx.session.max_age = ctx.request.body["age"]
        return "aged"

    async def save(ctx):
        ctx.session.save()
        return "saved"

    async def regenerate(ctx):
        ctx.session.regenerate()
        return "anew"

    async def commit(ctx):
        ctx.session["a"] = 1
        await ctx.session.manually_commit()
        ctx.session["b"] = 2
        return "committed"

    async def fail(ctx):
        ctx.session["seen"] = True
        raise ValueError("a mistake of the handler")

    async def nested(ctx):
        ctx.session["list"].append(1)
        return "changed"

    async def bad(ctx):
        ctx.session[ctx.query["key"]] = {"set": {1}, "nan": float("nan")}.get(ctx.query["value"], 1)
        return "lost"

    async def attribute(ctx):
        ctx.session.user = 1

    async def assign(ctx):
        ctx.session = 7

    async def streamed(ctx):
        if "begin" in ctx.query:
            ctx.session["begin"] = 1
        async def chunks():
            yield b"first "
            ctx.session["late"] = ctx.query["late"]
            yield b"second"
        return chunks()

    @without_session
    async def without(ctx):
        return "none"

    @without_session
    async def without_but_used(ctx):
        return ctx.session

    def router(app):
        for name, handler in list(globals().items()):
            if inspect.iscoroutinefunction(handler):
                app.all(f"/{name}", handler)
"""


@contextmanager
def visited(folder: Path, config: str = "", more: str = "", **files: str) -> Iterator[Visitor]:
    """An app with this config of sessions (and `more`), and its first visitor."""
    text = f'async def _check(*args): ...\nkeys = "key1,key0"\nsession = {{{config}}}\n{more}'
    with served(folder, {"config/config_default.py": text, "app/router.py": ROUTER, **files}) as at:
        yield Visitor(at)


def logged(visitor: Visitor) -> str:
    return "".join(file.read_text() for file in sorted(visitor.client.log_dir.glob("*.log")))


MODES = ['"encrypt": True', '"encrypt": False', '"store": "memory"', '"store": "sqlite"']


@pytest.fixture(params=MODES, scope="module")
def client(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Client]:
    with visited(tmp_path_factory.mktemp("app"), request.param) as visitor:
        yield visitor.client


@pytest.fixture
def visitor(client: Client) -> Visitor:
    return Visitor(client)


def test_the_defaults_are_those_of_egg() -> None:
    """But for `log_value` (process:SES-1)."""
    from eggd.plugins.session.section import SessionConfig

    options = SessionConfig()
    assert (options.key, options.max_age, options.same_site) == ("EGG_SESS", 86400.0, "")
    on = [name for name in SessionConfig.__slots__ if getattr(options, name) is True]
    assert on == ["encrypt", "signed", "http_only", "overwrite", "auto_commit"]


def test_values_come_back_with_the_next_request(visitor: Visitor) -> None:
    values = {"user": 7, "name": "Zoë 🥚", "list": [1, {"a": None}], "x": 1.5}
    visitor.ask("/put", values)
    assert visitor.ask("/show") == values
    assert visitor.ask("/about") == [False, True, 86400.0]


def test_only_a_change_sends_a_cookie(visitor: Visitor) -> None:
    """Nothing is sent for a new empty session, and for one that is only read (process:SES-5)."""
    for path in ("/untouched", "/show", "/about"):
        visitor.ask(path)
        assert visitor.lines == []
    visitor.ask("/put", {"list": []})
    assert visitor.lines != []
    for path in ("/untouched", "/show", "/about"):
        visitor.ask(path)
        assert visitor.lines == []
    visitor.ask("/nested")
    assert visitor.ask("/show") == {"list": [1]}
    visitor.ask("/put", {"list": [1]})
    assert visitor.lines == []


def test_true_and_1_are_a_change(visitor: Visitor) -> None:
    visitor.ask("/put", {"a": 1})
    visitor.ask("/put", {"a": True})
    assert visitor.ask("/show")["a"] is True


def test_none_removes_the_session(visitor: Visitor) -> None:
    """The deleting cookie is sent even for a new session (process:SES-6)."""
    assert visitor.ask("/drop") == [None]
    assert visitor.lines[0].startswith("EGG_SESS=; path=/; expires=Thu, 01 Jan 1970 00:00:00 GMT")
    visitor.ask("/put", {"a": 1})
    assert visitor.ask("/drop") == [None]
    assert visitor.cookies == {}
    assert visitor.ask("/about")[0] is True


def test_assigning_replaces_the_data(visitor: Visitor) -> None:
    visitor.ask("/put", {"a": 1})
    assert visitor.ask("/replace", {"b": 2}) == [{"b": 2}]
    assert visitor.ask("/show") == {"b": 2}


def test_save_and_a_new_lifetime_always_send_a_cookie(visitor: Visitor) -> None:
    """The lifetime stays with the session and wins over the config (process:SES-11)."""
    visitor.ask("/save")
    assert "max-age=86400" in visitor.lines[0]
    visitor.ask("/age", {"age": 60})
    assert "max-age=60" in visitor.lines[0]
    assert visitor.ask("/about") == [False, False, 60.0]
    visitor.ask("/put", {"a": 1})
    assert "max-age=60" in visitor.lines[0]
    visitor.ask("/age", {"age": "session"})
    assert "max-age" not in visitor.lines[0]
    assert "expires" not in visitor.lines[0]
    assert visitor.ask("/about") == [False, True, "session"]


@pytest.mark.parametrize("age", [0, -1, "7 days", None, True, [], 10**9])
def test_a_wrong_lifetime_is_an_error(visitor: Visitor, age: object) -> None:
    visitor.ask("/age", {"age": age}, 500)
    assert "ctx.session.max_age cannot be" in logged(visitor)


def test_an_error_of_the_handler_saves_too(visitor: Visitor) -> None:
    """A failed request keeps its session (process:SES-7)."""
    visitor.ask("/fail", status=500)
    assert visitor.ask("/show") == {"seen": True}


def test_a_commit_by_hand_is_followed_by_that_of_later_changes(visitor: Visitor) -> None:
    visitor.ask("/commit")
    assert visitor.ask("/show") == {"a": 1, "b": 2}
    assert len([line for line in visitor.lines if "EGG_SESS=" in line]) == 0


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("key=_a&value=1", "ctx.session: the key '_a' is reserved"),
        ("key=isNew&value=1", "ctx.session: the key 'isNew' is reserved"),
        ("key=a&value=set", "ctx.session['a']: set cannot be kept as JSON (store a list)"),
        ("key=a&value=nan", "ctx.session['a']: nan cannot be kept as JSON (store a finite"),
    ],
)
def test_what_cannot_be_saved_is_an_error_that_names_it(
    visitor: Visitor, query: str, text: str
) -> None:
    """Egg drops such keys without a word (process:SES-4, known:KW-18)."""
    visitor.ask(f"/bad?{query}", status=500)
    assert visitor.lines == []
    assert text in logged(visitor)


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("/attribute", "its values are items: ctx.session['user']"),
        ("/assign", "ctx.session cannot be a int (assign a dict, or None)"),
    ],
)
def test_a_mistake_has_its_hint(visitor: Visitor, path: str, text: str) -> None:
    visitor.ask(path, status=500)
    assert text in logged(visitor)


VECTOR = {"visited": 1, "_expire": 1700000000000, "_maxAge": 86400000}
PLAIN = "eyJ2aXNpdGVkIjoxLCJfZXhwaXJlIjoxNzAwMDAwMDAwMDAwLCJfbWF4QWdlIjo4NjQwMDAwMH0="


def test_the_cookie_has_the_bytes_of_egg(tmp_path: Path) -> None:
    """The vector of process:SES-3."""
    from eggd.plugins.session import codec

    assert codec.to_cookie(codec.dump(VECTOR)) == PLAIN
    with visited(tmp_path, '"encrypt": False') as visitor:
        before = time()
        visitor.ask("/put", {"visited": 1})
        stored = json.loads(base64.b64decode(visitor.cookies["EGG_SESS"]))
        assert list(stored) == ["visited", "_expire", "_maxAge"]
        assert stored["_maxAge"] == 86400000
        assert -1 <= stored["_expire"] - before * 1000 - 86400000 < 60_000
        assert re.fullmatch(
            r"EGG_SESS=[^;]+; path=/; max-age=86400; expires=[^;]+ GMT; httponly", visitor.lines[0]
        )


@pytest.mark.parametrize(
    "value",
    [
        "",
        "x",
        "====",
        "e30",
        "W10=",
        "bnVsbA==",
        "\u00ff",
        "e" * 4000,
        base64.b64encode(b"[" * 900).decode(),
    ],
)
def test_a_cookie_that_is_no_session_is_a_new_session(tmp_path: Path, value: str) -> None:
    """Such a cookie is not an error (process:SES-8)."""
    with visited(tmp_path, '"encrypt": False, "signed": False') as visitor:
        visitor.cookies["EGG_SESS"] = value.encode().decode("latin-1")
        assert visitor.ask("/show") == {}


def signed_cookie(values: dict[str, Any]) -> dict[str, str]:
    from eggd.wire.keygrip import Keygrip

    value = base64.b64encode(json.dumps(values).encode()).decode()
    return {"EGG_SESS": value, "EGG_SESS.sig": Keygrip(["key1"]).sign(f"EGG_SESS={value}")}


LISTEN = """
    from eggd import Boot

    class App(Boot):
        def did_load(self):
            for name in ("missed", "expired", "invalid"):
                self.app.on(f"session_{name}", self.listener(name))

        def listener(self, name):
            def told(id, value, ctx):
                self.app.logger.warning("heard of %s %r %r %s", name, id, value, ctx.path)
            return told
"""


def test_an_expired_session_is_new_and_told(tmp_path: Path) -> None:
    """The app hears of it, and the log (process:SES-9)."""
    files = {"app.py": LISTEN}
    with visited(tmp_path, '"encrypt": False', **files) as visitor:
        visitor.cookies = signed_cookie(VECTOR)
        assert visitor.ask("/about") == [True, False, 86400.0]
        assert "heard of expired '' {'visited': 1} /about" in logged(visitor)
        assert "[session] the session in the cookie has expired\n" in logged(visitor)


def test_an_invalid_session_is_new_and_told(tmp_path: Path) -> None:
    config = '"encrypt": False, "log_value": True, "valid": lambda ctx, data: data.get("user") != 7'
    with visited(tmp_path, config, **{"app.py": LISTEN}) as visitor:
        visitor.ask("/put", {"user": 7})
        assert visitor.ask("/about")[0] is True
        assert "heard of invalid" in logged(visitor)
        assert 'the session in the cookie is refused by session.valid: {"user":7}' in logged(
            visitor
        )


def test_a_session_that_its_store_does_not_have_gets_a_new_id(tmp_path: Path) -> None:
    """The id of the client is never adopted (process:SES-25)."""
    config = '"store": "memory", "encrypt": False, "signed": False, "prefix": "egg:"'
    with visited(tmp_path, config, **{"app.py": LISTEN}) as visitor:
        visitor.cookies["EGG_SESS"] = "chosen-by-an-attacker"
        visitor.ask("/put", {"a": 1})
        assert re.fullmatch(r"egg:[0-9a-f-]{36}", visitor.cookies["EGG_SESS"])
        assert "heard of missed 'chosen-by-an-attacker' None" in logged(visitor)
        assert "[session] session chosen-b... is not in the store" in logged(visitor)


@pytest.mark.parametrize("key", ["", "a\xa0", "*" * 257, "x" * 9000, "*", "%00", "../etc"])
def test_an_id_that_was_never_issued_is_never_adopted(tmp_path: Path, key: str) -> None:
    """Only text that can be an id reaches the store (known:KW-12)."""
    with visited(tmp_path, OPEN, **{"app.py": OWN_STORE.format(store="Store")}) as visitor:
        visitor.cookies["EGG_SESS"] = key
        visitor.ask("/put", {"a": 1})
        assert re.fullmatch("[0-9a-f-]{36}", visitor.cookies["EGG_SESS"])
        assert ("asked for" in logged(visitor)) is (0 < len(key) <= 256 and key.isprintable())


def test_requests_that_write_nothing_leave_no_record(tmp_path: Path) -> None:
    """Neither do a read and a logout of a new session (known:KW-13)."""
    with visited(tmp_path, OPEN, **{"app.py": OWN_STORE.format(store="Store")}) as visitor:
        for path in ("/show", "/untouched", "/about", "/drop") * 25:
            visitor.ask(path)
        assert "set [" not in logged(visitor)


@pytest.mark.parametrize("begin", ["?late=1", "?begin=1&late=1"])
def test_a_change_while_the_body_is_streamed_is_saved_or_told(visitor: Visitor, begin: str) -> None:
    """The change is saved if the client has the id by then; the answer is whole (known:KW-17)."""
    visitor.ask("/put", {"a": 1})
    late = f"{begin}{len(logged(visitor))}"
    assert visitor.ask(f"/streamed{late}") == "first second"
    value = late.rpartition("=")[2]
    while visitor.ask("/show").get("late") != value:
        if "after the answer to /streamed had begun is lost" in logged(visitor):
            break


def test_a_new_session_that_only_a_stream_uses_is_told(visitor: Visitor) -> None:
    visitor.ask("/streamed?late=1")
    while "after the answer to /streamed had begun is lost" not in logged(visitor):
        visitor.ask("/untouched")


@pytest.mark.parametrize(("value", "is_sent"), [("lax", True), ("strict", True), ("none", False)])
def test_same_site_is_sent_as_a_browser_accepts_it(
    tmp_path: Path, value: str, is_sent: bool
) -> None:
    """Over HTTP "none" is left out (process:SES-13, CKE-10)."""
    with visited(tmp_path, f'"same_site": "{value}"') as visitor:
        visitor.ask("/put", {"a": 1})
        assert (f"samesite={value}" in visitor.lines[0]) is is_sent


def test_a_deletion_has_the_attributes_of_the_cookie(tmp_path: Path) -> None:
    """Otherwise the browser would keep it (known:KW-19)."""
    config = '"encrypt": False, "path": "/a", "domain": "example.org", "same_site": "lax"'
    with visited(tmp_path, config) as visitor:
        visitor.ask("/drop")
        assert [line.partition("; ")[0] for line in visitor.lines] == ["EGG_SESS=", "EGG_SESS.sig="]
        for line in visitor.lines:
            assert "; path=/a; expires=Thu, 01 Jan 1970 00:00:00 GMT; domain=example.org" in line
            assert "; samesite=lax; httponly" in line


def test_regenerate_changes_the_id_and_ends_the_old_one(tmp_path: Path) -> None:
    """The content stays (process:SES-12)."""
    config = '"store": "memory", "encrypt": False, "signed": False'
    with visited(tmp_path, config) as visitor:
        visitor.ask("/put", {"a": 1})
        old = dict(visitor.cookies)
        visitor.ask("/regenerate")
        assert visitor.cookies != old
        assert visitor.ask("/show") == {"a": 1}
        visitor.cookies = old
        assert visitor.ask("/show") == {}


@pytest.mark.parametrize("store", ["", "memory"])
def test_a_route_without_session_does_not_load_it(tmp_path: Path, store: str) -> None:
    """Its handler fails for every visitor, whether or not he or she has a session."""
    with visited(tmp_path, f'"store": "{store}"') as visitor:
        visitor.ask("/without_but_used", status=500)
        visitor.ask("/put", {"a": 1})
        assert visitor.ask("/without") == "none"
        visitor.ask("/without_but_used", status=500)
        text = "ctx.session is used by GET /without_but_used ("
        assert logged(visitor).count(text) == 4  # each in two files
        assert "#without_but_used()), which is marked @without_session" in logged(visitor)


@pytest.mark.parametrize("store", ["", "memory"])
@pytest.mark.parametrize(
    ("option", "path"), [("rolling", "/show"), ("rolling", "/untouched"), ("renew", "/untouched")]
)
def test_a_rolling_session_is_renewed_by_every_request(
    tmp_path: Path, option: str, path: str, store: str
) -> None:
    """Egg's in the cookie only if the handler reads it (process:SES-14)."""
    config = f'"{option}": True, "store": "{store}", "encrypt": False'
    with visited(tmp_path, config) as visitor:
        visitor.ask(path)
        assert visitor.lines == []
        visitor.ask("/put", {"a": 1})
        visitor.ask(path)
        assert bool(visitor.lines) is (option == "rolling")
        if option == "renew" and not store:
            now = round(time() * 1000)
            visitor.cookies = signed_cookie({"a": 1, "_expire": now + 40_000, "_maxAge": 86400000})
            visitor.ask(path)
            assert "max-age=86400" in visitor.lines[0]


def test_without_auto_commit_only_a_commit_by_hand_saves(tmp_path: Path) -> None:
    with visited(tmp_path, '"auto_commit": False') as visitor:
        visitor.ask("/put", {"z": 1})
        assert visitor.lines == []
        visitor.ask("/commit")
        assert visitor.ask("/show") == {"a": 1}


def test_before_save_sees_and_changes_what_is_saved(tmp_path: Path) -> None:
    """A session that is only read is not saved (process:SES-10)."""
    config = '"before_save": lambda ctx, session: session.update(by=ctx.path)'
    with visited(tmp_path, config) as visitor:
        visitor.ask("/show")
        assert visitor.lines == []
        visitor.ask("/put", {"a": 1})
        assert visitor.ask("/show") == {"a": 1, "by": "/put"}


def test_the_id_may_travel_in_a_header(tmp_path: Path) -> None:
    """Then no cookie is set (process:SES-23)."""
    config = (
        '"store": "memory", "genid": lambda ctx: "id-of-" + ctx.path[1:], "external_key": {'
        '"get": lambda ctx: ctx.get("x-session"),'
        '"set": lambda ctx, id: ctx.set("X-Session", id or "-")}'
    )
    with visited(tmp_path, config) as visitor:
        answer = visitor.client.ask(
            "POST", "/put", b'{"a":1}', {"Content-Type": "application/json"}
        )
        assert answer.headers["X-Session"] == "id-of-put"
        assert answer.headers["Set-Cookie"] is None
        assert visitor.ask("/show", headers={"X-Session": "id-of-put"}) == {"a": 1}
        assert visitor.client.get("/drop", **{"X-Session": "id-of-put"}).headers["X-Session"] == "-"
        assert visitor.ask("/show", headers={"X-Session": "id-of-put"}) == {}


OWN_STORE = """
    from eggd import Boot

    class Store:
        def __init__(self, owner):
            self.owner, self.entries = owner, {{}}
            owner.logger.warning("a store of %s", type(owner).__mro__[1].__name__)

        async def get(self, key):
            self.owner.logger.warning("asked for %r", key)
            if key == "down":
                raise self.down("no connection")
            return self.entries.get(key)

        async def set(self, key, entry, max_age):
            self.owner.logger.warning("set %s %s", sorted(entry), max_age)
            self.entries[key] = entry

        async def destroy(self, key):
            self.entries.pop(key, None)

    class App(Boot):
        def did_load(self):
            from eggd.plugins.session import StoreDownError
            Store.down = StoreDownError
            self.app.session_store = {store}
"""
OPEN = '"encrypt": False, "signed": False'


def test_an_app_sets_its_own_store(tmp_path: Path) -> None:
    """A class is called with app; an entry outlives its session (process:SES-20, SES-21)."""
    with visited(tmp_path, OPEN, **{"app.py": OWN_STORE.format(store="Store")}) as visitor:
        visitor.ask("/put", {"a": 1})
        assert visitor.ask("/show") == {"a": 1}
        assert "set ['_expire', '_maxAge', 'a'] 86410.0" in logged(visitor)
        visitor.ask("/age", {"age": "session"})
        assert "set ['_session', 'a'] None" in logged(visitor)


@pytest.mark.parametrize(
    ("path", "body", "calls"),
    [
        ("/untouched", None, ["get"]),
        ("/show", None, ["get"]),
        ("/about", None, ["get"]),
        ("/put", {"a": 2}, ["get"]),
        ("/put", {"a": 3}, ["get", "set"]),
        ("/replace", {"a": 3, "b": 4}, ["get", "set"]),
        ("/fail", None, ["get", "set"]),
        ("/drop", None, ["get", "destroy"]),
        ("/without", None, []),
    ],
)
def test_a_request_costs_one_read_and_at_most_one_write(
    tmp_path: Path, path: str, body: object, calls: list[str]
) -> None:
    """Round trips to the store are counted: 1 read, 0 or 1 write (process:SES-22)."""
    with visited(tmp_path, OPEN, **{"app.py": COUNTED}) as visitor:
        visitor.ask(path, body, 500 if path == "/fail" else 200)
        assert "get" not in trips(visitor)  # a request without a cookie has no session to read
        visitor.cookies.clear()
        visitor.ask("/put", {"a": 2})
        before = trips(visitor)
        visitor.ask(path, body, 500 if path == "/fail" else 200)
        assert trips(visitor)[len(before) :] == calls


def trips(visitor: Visitor) -> list[str]:
    return re.findall(r"trip (\w+)", logged(visitor))


COUNTED = """
    from eggd import Boot
    from eggd.plugins.session.stores.memory import MemoryStore

    class Counted(MemoryStore):
        def __init__(self, app):
            super().__init__()
            self.note = app.logger.warning

        async def get(self, key):
            self.note("trip get")
            return await super().get(key)

        async def set(self, key, entry, max_age):
            self.note("trip set")
            await super().set(key, entry, max_age)

        async def destroy(self, key):
            self.note("trip destroy")
            await super().destroy(key)

    class App(Boot):
        def did_load(self):
            self.app.session_store = Counted
"""


def test_a_store_that_is_down_is_503_where_the_session_is_needed(tmp_path: Path) -> None:
    with visited(tmp_path, OPEN, **{"app.py": OWN_STORE.format(store="Store")}) as visitor:
        visitor.cookies["EGG_SESS"] = "down"
        text = visitor.ask("/show", status=503)
        assert "the session store cannot be reached" in text
        assert visitor.ask("/without") == "none"
        visitor.cookies.clear()
        assert visitor.ask("/show") == {}
        assert "Traceback" not in logged(visitor)


def test_a_store_of_each_request(tmp_path: Path) -> None:
    """Each request makes its own (process:SES-24)."""
    config = """"store": "", "context_store": Store}
class Keep:
    entries = {}
class Store:
    def __init__(self, ctx): self.ctx = ctx
    async def get(self, key): return Keep.entries.get(key)
    async def set(self, key, entry, max_age): Keep.entries[key] = {**entry, "path": self.ctx.path}
    async def destroy(self, key): Keep.entries.pop(key, None)
session = {"context_store": Store"""
    config = config.split("}\n", 1)[1]
    text = 'keys = "k"\n' + config + "}\n"
    files = {"config/config_default.py": text, "app/router.py": ROUTER}
    with served(tmp_path, files) as client:
        visitor = Visitor(client)
        visitor.ask("/put", {"a": 1})
        assert visitor.ask("/show") == {"a": 1, "path": "/put"}


@pytest.mark.parametrize(
    ("config", "text"),
    [
        ('"max_age": 86400000', "not 86400000 (durations are in seconds; Egg's are"),
        ('"max_age": 0', "session.max_age must be 0.001 to 34560000"),
        ('"valid": _check', "session.valid is async (define it: def valid(ctx, data))"),
        ('"external_key": {"get": print, "set": print}', "has no effect without a store"),
        ('"max_agee": 1', "session.max_agee: unknown key (did you mean 'max_age'?)"),
        ('"external_key": {"get": print}', "session.external_key has no set (needs get, set)"),
        ('"store": "redis", "redis": {"url": "redis://x"}', "session.redis must be the name"),
        ('"store": "redis"', "needs the plugin redis (redis = True in config/plugin.py)"),
        ('"store": "mongo"', "session.store"),
    ],
)
def test_a_wrong_config_is_one_line(tmp_path: Path, config: str, text: str) -> None:
    with pytest.raises(Exception, match=re.escape(text)), visited(tmp_path, config):
        pass


ON = {"config/plugin.py": "redis = True\nsecurity = False\n"}


def on_redis(url: str, **options: object) -> tuple[str, str]:
    """Returns the config of sessions on a server, and that of the plugin redis."""
    return (
        '"store": "redis"',
        f"redis = {{'clients': {{'session': {{'url': {url!r}, **{options}}}}}}}",
    )


def test_redis_without_its_library_names_the_package(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "redis.asyncio", None)
    with pytest.raises(Exception, match="apt install python3-redis"):
        with visited(tmp_path, *on_redis("redis://x"), **ON):
            pass


def test_an_unknown_client_of_redis_is_an_error(tmp_path: Path) -> None:
    config, more = on_redis("redis://x", required=False)
    line = r"config_default.py:3: session.redis: 'sesion': unknown client \(did you mean 'session'"
    with pytest.raises(Exception, match=line):
        with visited(tmp_path, f'{config}, "redis": "sesion"', more, **ON):
            pass


def test_config_without_keys_fails_only_where_sessions_are_configured(tmp_path: Path) -> None:
    with pytest.raises(Exception, match=r"config\.keys is not set"):
        with served(tmp_path / "a", {"config/config_default.py": 'session = {"renew": True}\n'}):
            pass
    files = {"app/router.py": ROUTER}
    with served(tmp_path / "b", files) as client:
        assert client.get("/untouched").status == 200
        assert client.get("/show").status == 200


def test_http_only_off_is_a_warning(tmp_path: Path) -> None:
    """Egg warns, too (process:SES-2)."""
    with visited(tmp_path, '"http_only": False') as visitor:
        assert "session.http_only is off" in logged(visitor)
        visitor.ask("/put", {"a": 1})
        assert "httponly" not in visitor.lines[0]


@pytest.mark.parametrize("name", ["__Host-S", "__Secure-S"])
def test_a_cookie_whose_name_needs_https_is_secure(tmp_path: Path, name: str) -> None:
    """Over HTTP the browser drops it, and the request succeeds (RFC 6265bis section 4.1.3)."""
    with visited(tmp_path, f'"key": "{name}"') as visitor:
        assert f"session.key '{name}' needs HTTPS" in logged(visitor)
        visitor.ask("/put", {"a": 1})
        [line] = visitor.lines
        assert line.startswith(f"{name}=")
        assert "; path=/;" in line
        assert "; secure" in line


@contextmanager
def reissued(folder: Path, keys: str, encryption: str, store: str = "") -> Iterator[Visitor]:
    config = f'keys = "{keys}"\nsession = {{"store": "{store}"}}\n'
    config += f'session["sqlite"] = {{"path": "{folder}/sessions.sqlite"}}\n'
    config += f'cookies = {{"encryption": "{encryption}"}}\n'
    files = {"config/config_default.py": config, "app/router.py": ROUTER}
    with served(folder / keys.replace(",", "-") / encryption / "shop", files) as client:
        yield Visitor(client)


def stored(folder: Path) -> list[Any]:
    """Returns the entries of the SQLite file in the folder."""
    file = folder / "sessions.sqlite"
    if not file.exists():
        return []
    with closing(sqlite3.connect(file)) as database:
        return database.execute("SELECT * FROM session").fetchall()


@pytest.mark.parametrize("store", ["", "sqlite"])
@pytest.mark.parametrize(
    ("before", "after"),
    [
        (("a", "egg"), ("a", "upgrade")),
        (("a", "egg"), ("b,a", "egg")),
        (("a", "aead"), ("b,a", "aead")),
    ],
)
def test_a_session_is_reissued_once(
    tmp_path: Path, store: str, before: tuple[str, str], after: tuple[str, str]
) -> None:
    """One of Egg's format with `encryption = "upgrade"`, or of an older key, by a mere read."""
    with reissued(tmp_path, *before, store) as old:
        old.ask("/put", {"user": 7})
    with reissued(tmp_path, *after, store) as visitor:
        visitor.cookies = dict(old.cookies)
        entries = stored(tmp_path)
        visitor.ask("/untouched")
        if not store:
            assert visitor.lines == []  # it was not read
        assert visitor.ask("/show") == {"user": 7}
        assert visitor.cookies["EGG_SESS"] != old.cookies["EGG_SESS"]
        assert visitor.cookies["EGG_SESS"].startswith("e1.") is (after[1] != "egg")
        assert visitor.ask("/show") == {"user": 7}
        assert visitor.lines == []
        assert stored(tmp_path) == entries  # a request that only reads must not undo a change
    with reissued(tmp_path, after[0].split(",")[0], after[1].replace("upgrade", "aead")) as newest:
        if not store:
            newest.cookies = dict(visitor.cookies)
            assert newest.ask("/show") == {"user": 7}
