"""Scripts for pages of other sites: `app.jsonp` (core:JP-1..5)."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.app.serving import Answer, Client, served

ROUTER = """
import re
from eggd import HttpError

def data(ctx):
    ctx.body = {"text": "a\\u2028b\\u2029</script>", "jsonp": ctx.accept_jsonp}

def nothing(ctx):
    pass

def empty(ctx):
    ctx.status = 204

def text(ctx):
    return "<b>text"

def fail(ctx):
    raise HttpError(422, "not so")

def binary(ctx):
    return b"\\xff"

def seen(ctx):
    return {"jsonp": ctx.accept_jsonp}

def router(app):
    app.get("/data", app.jsonp(), data)
    app.get("/nothing", app.jsonp(), nothing)
    app.get("/empty", app.jsonp(), empty)
    app.get("/text", app.jsonp(), text)
    app.get("/fail", app.jsonp(), fail)
    app.get("/binary", app.jsonp(), binary)
    app.get("/plain", seen)
    app.get("/short", app.jsonp(callback="cb", limit=5), data)
    app.get("/named", app.jsonp(members=False), seen)
    app.get("/host", app.jsonp(white_list="good.com"), seen)
    app.get("/domain", app.jsonp(white_list=[".good.com", "[::1]"]), seen)
    app.get("/pattern", app.jsonp(white_list=re.compile(r"https://good\\.com/")), seen)
    app.get("/csrf", app.jsonp(csrf=True), seen)
    app.get("/both", app.jsonp(csrf=True, white_list="good.com"), seen)
"""
KEYS = {
    "config/config_default.py": "keys = 'some text that is long enough for a key'\n",
    "config/plugin.py": "jsonp = True\nsecurity = True\n",
}


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    folder = tmp_path_factory.mktemp("jsonp") / "shop"
    with served(folder, {**KEYS, "app/router.py": ROUTER}) as client:
        yield client


def called(answer: Answer, name: str) -> object:
    """Returns the data of a script that calls `name`, after checks of its form."""
    head = f"/**/ typeof {name} === 'function' && {name}("
    assert answer.text.startswith(head), answer.text
    assert answer.text.endswith(");")
    assert answer.headers["Content-Type"] == "application/javascript; charset=utf-8"
    assert answer.headers.get_all("X-Content-Type-Options") == ["nosniff"]
    return json.loads(answer.text.removeprefix(head).removesuffix(");"))


@pytest.mark.parametrize("parameter", ["callback", "_callback"])
def test_a_callback_makes_a_script_of_the_data(client: Client, parameter: str) -> None:
    """Line ends of old JavaScript are escaped (core:JP-2, JP-3, JP-5)."""
    answer = client.get(f"/data?{parameter}=app.loaded")
    assert called(answer, "app.loaded") == {"text": "a\u2028b\u2029</script>", "jsonp": True}
    assert {"\u2028", "\u2029"}.isdisjoint(answer.text)


@pytest.mark.parametrize("query", ["", "?callback=", "?other=fn", "?callback=()"])
def test_without_a_callback_the_body_is_as_on_other_routes(client: Client, query: str) -> None:
    # core:JP-2
    answer = client.get(f"/data{query}")
    assert json.loads(answer.text)["jsonp"] is False
    assert answer.headers["Content-Type"] == "application/json; charset=utf-8"
    assert client.get(f"/text{query}").headers["Content-Type"] == "text/html; charset=utf-8"


def test_bodies_that_are_not_objects(client: Client) -> None:
    """A missing body is null, text is a text; 204 has no body (core:JP-2)."""
    nothing = client.get("/nothing?callback=fn")
    assert (nothing.status, called(nothing, "fn")) == (200, None)
    assert called(client.get("/text?callback=fn"), "fn") == "<b>text"
    assert (client.get("/empty?callback=fn").status, client.get("/empty?callback=fn").body) == (
        204,
        b"",
    )
    assert client.get("/binary?callback=fn").status == 500


NAMES = [
    ("fn", "fn"),
    ("a$_1.b[0]", "a$_1.b[0]"),
    ("alert(1)//", "alert1"),
    ("fn;evil()", "fnevil"),
    ("<script>", "script"),
    ("f\u00fcn\u2028\r\n", "fn"),
    ("x" * 60, "x" * 50),
    ("()" * 400 + "fn", "fn"),
    ("()" * 600 + "fn", ""),
]


@pytest.mark.parametrize(("given", "name"), NAMES)
def test_foreign_characters_are_removed_from_the_name(
    client: Client, given: str, name: str
) -> None:
    """The first of several callbacks counts; a name is cut to the limit (core:JP-3)."""
    answer = client.get(f"/data?_callback={quote(given)}&_callback=second&callback=third")
    if name:
        called(answer, name)
    else:
        assert json.loads(answer.text)["jsonp"] is False


def test_options_of_a_route_replace_those_of_the_config(client: Client) -> None:
    # core:JP-1
    called(client.get("/short?cb=abcdefg"), "abcde")
    assert client.get("/short?callback=fn").text.startswith("{")


def test_a_route_may_allow_plain_names_only(client: Client) -> None:
    """A member could be a method of the page, called by another site (known:KW-76)."""
    click = "opener.document.body.firstElementChild.click"
    for name in (click, "a[0]", "0a", "a."):
        assert client.get(f"/named?callback={name}").status == 403
    called(client.get("/named?callback=jQuery1_2"), "jQuery1_2")


REFERERS = [
    ("/host", "http://good.com/a?b", True),
    ("/host", "https://GOOD.com:8080", True),
    ("/host", "http://www.good.com/", False),
    ("/host", "", False),
    ("/host", "good.com", False),
    ("/host", "http://evil.com/?http://good.com/", False),
    ("/host", "http://good.com@evil.com/", False),
    ("/host", "http://evil.com\\@good.com/", False),
    ("/host", "http://good.com.evil.com/", False),
    ("/host", "http://evilgood.com/", False),
    ("/host", "javascript://good.com/", False),
    ("/host", "http://good.com/" + "a" * 8200, False),
    ("/domain", "http://good.com/", True),
    ("/domain", "http://a.b.good.com/", True),
    ("/domain", "http://evilgood.com/", False),
    ("/domain", "http://[::1]:80/", True),
    ("/pattern", "https://good.com/a", True),
    ("/pattern", "http://good.com/a", False),
    ("/pattern", "http://evil.com/?https://good.com/", False),
    ("/pattern", "https://good.com@evil.com/", False),
]


@pytest.mark.parametrize(("path", "referer", "allowed"), REFERERS)
def test_the_host_of_the_referer_decides(
    client: Client, path: str, referer: str, allowed: bool
) -> None:
    """The host is compared, not the text; a missing Referer fails (core:JP-4, known:KW-76)."""
    fields = {"Referer": referer} if referer else {}
    for query in ("", "?callback=fn"):
        answer = client.get(path + query, **fields)
        assert answer.status == (200 if allowed else 403)


def test_a_token_or_the_referer_suffices(client: Client) -> None:
    """The token is that of the plugin security, in the query (core:JP-4)."""
    cookie = client.get("/plain").headers["Set-Cookie"].partition(";")[0]
    token = cookie.partition("=")[2]
    with_token = f"?callback=fn&_csrf={token}"
    for path in ("/csrf", "/both"):
        assert client.get(path + with_token, Cookie=cookie).status == 200
        assert client.get(path + "?callback=fn", Cookie=cookie).status == 403
        assert client.get(path + with_token).status == 403
    assert client.get("/both?callback=fn", Referer="http://good.com/").status == 200
    assert client.get("/csrf?callback=fn", Referer="http://good.com/").status == 403


def test_other_routes_do_not_read_a_callback(client: Client) -> None:
    # core:JP-5
    assert client.get("/plain?callback=fn").text == '{"jsonp":false}'


def test_an_error_is_a_script_too(client: Client) -> None:
    """Also the one of a page that may not load the data (core:JP-5, known:KW-76)."""
    failed = client.get("/fail?callback=fn")
    assert (failed.status, called(failed, "fn")) == (422, {"message": "not so"})
    refused = client.get("/host?callback=fn", Referer="http://evil.com/")
    text = "this page may not load the data: Referer or CSRF token is wrong"
    assert (refused.status, called(refused, "fn")) == (403, {"message": text})


def test_node_runs_the_script(client: Client) -> None:
    """The function is called if the page has it; a missing one is not an error."""
    source = client.get("/data?callback=app.loaded").text
    program = f"{source}\nvar app = {{loaded: d => console.log(JSON.stringify(d))}};\n{source}"
    missing = client.get("/data?callback=missing").text
    done = subprocess.run(
        ["node", "-e", f"{missing}\nvar app = {{}};\n{program}"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(done.stdout)["jsonp"] is True


def test_without_security_the_field_is_set_all_the_same(tmp_path: Path) -> None:
    with served(tmp_path / "shop", {"app/router.py": ROUTER}) as client:
        assert called(client.get("/text?callback=fn"), "fn") == "<b>text"
