"""Mistakes of an app with sessions: found at the start where possible, and each is one line."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from eggd import ConfigError, EggError
from eggd.calling import check_function
from eggd.plugins.session.contents import check_values
from eggd.plugins.session.functions import check_store
from eggd.plugins.session.stores.memory import MemoryStore
from tests.app.serving import served
from tests.plugins.session.test_session import logged, visited
from tests.plugins.session.visitor import Visitor

LOOP: list[object] = []
LOOP.append(LOOP)


@pytest.mark.parametrize(
    ("values", "text"),
    [
        (
            {"d": datetime.now(UTC)},
            "ctx.session['d']: datetime cannot be kept as JSON (store text:",
        ),
        ({"d": {"a": [1, {2}]}}, "ctx.session['d']['a'][1]: set cannot be kept as JSON (store a"),
        ({"d": (b"x",)}, "ctx.session['d'][0]: bytes cannot be kept as JSON (store text, such as"),
        ({"d": Decimal(1)}, "ctx.session['d']: Decimal cannot be kept as JSON (store text: str"),
        ({"d": object()}, "ctx.session['d']: object cannot be kept as JSON (store text, a number,"),
        ({"d": float("inf")}, "ctx.session['d']: inf cannot be kept as JSON (store a finite"),
        ({"d": 10**4500}, "ctx.session['d']: a number of more than 4300 digits cannot be kept as"),
        ({"d": {(1, 2): 3}}, "a key of ctx.session['d'] is a tuple, which JSON cannot hold"),
        ({"d": LOOP}, "ctx.session['d'] contains itself, or is nested too deep for JSON"),
    ],
)
def test_a_value_that_json_cannot_hold_is_named(values: dict[str, object], text: str) -> None:
    """Its place, its type and what to store instead, without the value (process:SES-4)."""
    with pytest.raises(EggError, match=re.escape(text)):
        check_values(values)


ROUTER = """
    import asyncio
    import inspect
    from datetime import datetime

    async def set_item(ctx):
        ctx.session["d"] = datetime.now()

    async def update(ctx):
        ctx.session.update(d=object())

    async def setdefault(ctx):
        ctx.session.setdefault("d", object())

    async def merge(ctx):
        ctx.session |= {"_d": 1}

    async def assign(ctx):
        ctx.session = {5: 1}

    async def inner(ctx):
        ctx.session["d"] = {}
        ctx.session["d"]["x"] = object()

    async def read(ctx):
        return ctx.session["user"]

    async def delete(ctx):
        del ctx.session

    async def begin(ctx):
        ctx.session["n"] = 1
        return "begun"

    async def background(ctx):
        "Changes the session in a task, once the answer is complete."
        ctx.session.get("n")
        async def work():
            while not ctx.exchange.started:
                await asyncio.sleep(0)
            ctx.session["n"] = 2
        ctx.run_in_background(work)
        return "later"

    def router(app):
        for name, handler in list(globals().items()):
            if inspect.iscoroutinefunction(handler):
                app.all(f"/{name}", handler)
"""


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("/set_item", r"router\.py:6: ctx\.session\['d'\]: datetime cannot be kept as JSON \("),
        ("/update", r"router\.py:9: ctx\.session\['d'\]: object cannot be kept as JSON \("),
        ("/setdefault", r"router\.py:12: ctx\.session\['d'\]: object cannot be kept as JSON \("),
        ("/merge", r"router\.py:15: ctx\.session: the key '_d' is reserved \("),
        ("/assign", r"router\.py:18: ctx\.session: the key 5 is not text \(use str keys\)"),
        ("/inner", r"\['d'\]\['x'\]: object .*, in the session of GET /inner \(.*#inner\(\)\)"),
        ("/read", r"ctx\.session has no 'user' \(ctx\.session\.get\('user'\) returns None\)"),
        ("/delete", r"ctx\.session cannot be deleted \(assign None: ctx\.session = None\)"),
    ],
)
@pytest.mark.parametrize("config", ["", '"store": "memory"'])
def test_a_mistake_of_a_handler_is_one_line_with_its_place(
    tmp_path: Path, config: str, path: str, text: str
) -> None:
    with visited(tmp_path, config, **{"app/router.py": ROUTER}) as visitor:
        visitor.ask(path, status=500)
        assert visitor.lines == []
        assert re.search(text, logged(visitor))
        assert "json/encoder.py" not in logged(visitor)


def test_a_change_in_a_background_task_is_told_if_it_is_lost(tmp_path: Path) -> None:
    """The cookie is sent before such a task can change it."""
    with visited(tmp_path, "", **{"app/router.py": ROUTER}) as visitor:
        visitor.ask("/begin")
        assert visitor.ask("/background") == "later"
        while "a change after the answer to /background had begun is lost" not in logged(visitor):
            visitor.ask("/begin")


@pytest.mark.parametrize(
    ("name", "function", "parameters", "text"),
    [
        ("session.valid", lambda data: True, ("ctx", "data"), "too many positional arguments (def"),
        ("session.genid", lambda: "", ("ctx",), "session.genid: too many positional arguments ("),
        ("session.genid", lambda ctx, *, size: "", ("ctx",), "missing a required"),
        ("session.genid", "uuid", ("ctx",), "session.genid is not a function: str (define it: def"),
        ("session.genid", MemoryStore().get, ("ctx",), "session.genid is async"),
    ],
)
def test_a_wrong_function_of_the_config_is_an_error_of_the_start(
    name: str, function: object, parameters: tuple[str, ...], text: str
) -> None:
    with pytest.raises(ConfigError, match=re.escape(text)):
        check_function(name, function, *parameters)


@pytest.mark.parametrize(
    ("config", "text"),
    [
        ('"before_save": lambda session: None', "session.before_save: too many positional"),
        (
            '"valid": _check, "store": "memory"',
            "session.valid is async (define it: def valid(ctx, data))",
        ),
        ('"external_key": {"get": len, "put": len}', "session.external_key has no set (needs get"),
        (
            '"external_key": {"get": len, "set": len, "x": len}',
            "has an unknown 'x'",
        ),
        ('"external_key": {"get": len, "set": len}', "session.external_key.set: too many"),
        ('"context_store": dict', "class dict has no set, destroy (get(key), set("),
        ('"encrypt": False, "read_signed": True', "session.read_signed has no effect"),
    ],
)
def test_a_wrong_section_is_an_error_of_the_start(tmp_path: Path, config: str, text: str) -> None:
    with pytest.raises(Exception, match=re.escape(text)), visited(tmp_path, config):
        pass


@pytest.mark.parametrize("method", ["valid", "before_save"])
def test_an_awaitable_of_a_lambda_is_an_error(tmp_path: Path, method: str) -> None:
    """Only the first call shows it; its truth would accept every session."""
    config = f'"encrypt": False, "{method}": lambda *given: _check(*given)'
    with visited(tmp_path, config, **{"app/router.py": ROUTER}) as visitor:
        if method == "valid":
            visitor.cookies = signed({"n": 1})
        visitor.ask("/begin", status=500)
        assert f"session.{method} returned an awaitable (define it with def)" in logged(visitor)


STORE = """
class Own:
    {get}
    {set}
    {destroy}
"""
GOOD = {
    "get": "async def get(self, key): return None",
    "set": "async def set(self, key, entry, max_age): pass",
    "destroy": "async def destroy(self, key): pass",
}


def own(**methods: str) -> Any:
    """Returns a class of stores with these methods instead of the right ones."""
    names: dict[str, Any] = {}
    exec(STORE.format(**{**GOOD, **methods}), names)
    return names["Own"]


@pytest.mark.parametrize(
    ("methods", "text"),
    [
        ({"get": "pass"}, "the session store Own has no get (get(key), set(key, entry, max_age)"),
        ({"get": "get = 5"}, "the session store Own has no get"),
        (
            {"get": "def get(self, key): return None"},
            "the session store Own: get is not async (define it: async def get(self, key))",
        ),
        (
            {"set": "async def set(self, key, entry): pass"},
            "the session store Own: set: too many positional arguments (define it: async def set(",
        ),
        ({"destroy": "async def destroy(self, key, ctx): pass"}, "destroy: missing a required"),
    ],
)
def test_a_wrong_store_is_an_error_that_names_store_and_method(
    methods: dict[str, str], text: str
) -> None:
    """Before a request uses it, as an object and as a class of `context_store` (SES-20, SES-24)."""
    for store in (own(**methods)(), own(**methods)):
        with pytest.raises(EggError, match=re.escape(text)):
            check_store(store)


@pytest.mark.parametrize("store", [own()(), own(), MemoryStore()])
def test_a_right_store_passes(store: object) -> None:
    check_store(store)


TWO = """
    from eggd import Boot
    from eggd.plugins.session.stores.memory import MemoryStore

    class Own(MemoryStore):
        pass

    class App(Boot):
        def did_load(self):
            self.app.session_store = Own()
"""


def test_a_store_that_replaces_that_of_the_config_is_told(tmp_path: Path) -> None:
    """Both are named, except in unittest (process:SES-26)."""
    files = {
        "config/config_default.py": 'keys = "k"\nsession = {"store": "memory"}\n',
        "app.py": TWO,
        "app/router.py": ROUTER,
    }
    with served(tmp_path, files, env="local") as client:
        visitor = Visitor(client)
    text = "app.session_store: Own replaces MemoryStore (set session.store or app.session_store"
    assert text in logged(visitor)


def signed(values: dict[str, Any], key: str = "key1") -> dict[str, str]:
    """Returns the cookies of a session as Egg signs it."""
    from eggd.plugins.session import codec
    from eggd.wire.keygrip import Keygrip

    value = codec.to_cookie(codec.dump(values))
    return {"EGG_SESS": value, "EGG_SESS.sig": Keygrip([key]).sign(f"EGG_SESS={value}")}
