"""Bodies over a real socket (core:BODY-1..10)."""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from eggd.errors import ConfigError, RouteError
from tests.app.loading import loaded
from tests.app.serving import Answer, Client, served

JSON = "application/json"
FORM = "application/x-www-form-urlencoded"
FILES = {
    "config/config_default.py": """
        body_parser = {
            "enable_types": ["json", "form", "xml"],
            "extend_types": {"json": ["application/x-mine"]},
            "json_limit": "1kb",
            "ignore": ["/raw", lambda ctx: ctx.path == "/ignored"],
        }
        """,
    "app/extend/context.py": """
        class Context:
            @property
            def disable_body_parser(self):
                return self.get("x-raw") == "1"
        """,
    "app/router.py": """
        def router(app):
            for verb in (app.router.post, app.router.get, app.router.delete):
                verb("/echo", echo)
                verb("/ignored", echo)
                verb("/raw/:id", raw)
            app.router.put("/over", lambda ctx: [ctx.method, ctx.request.body])
            app.router.post("/over", lambda ctx: [ctx.method, ctx.request.body])
            app.router.post("/text", lambda ctx: [ctx.request.raw_body.decode()])

        def echo(ctx):
            ctx.body = ctx.request.body

        async def raw(ctx):
            return [ctx.request.body, (await ctx.request.read()).decode()]
        """,
}


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    with served(tmp_path_factory.mktemp("app"), FILES) as client:
        yield client


def post(client: Client, kind: str, body: bytes, path: str = "/echo", **headers: str) -> Answer:
    return client.ask("POST", path, body, {"Content-Type": kind, "Accept": JSON, **headers})


@pytest.mark.parametrize(
    ("kind", "body", "value"),
    [
        ("application/json-patch+json", b"[1]", [1]),
        ("application/vnd.api+json", b"[1]", [1]),
        ("application/csp-report", b"[1]", [1]),
        ("application/scim+json", b"[1]", [1]),
        ("application/x-mine", b"[1]", [1]),
        ("application/hal+json", b"[1]", {}),
        ("Application/JSON; charset=utf-8;", b"[1]", [1]),
        (JSON, b" ", {}),
        # A byte order mark is skipped.
        (JSON, b'\xef\xbb\xbf{"a":1}', {"a": 1}),
        (JSON, b"\xef\xbb\xbf", {}),
        (FORM, b"\xef\xbb\xbfa=1", {"a": "1"}),
        (FORM, b"a.b=1&c[]=2", {"a": {"b": "1"}, "c": ["2"]}),
        ("text/plain", b"a", {}),
    ],
)
def test_a_body_is_parsed_by_its_media_type(
    client: Client, kind: str, body: bytes, value: object
) -> None:
    # core:BODY-1, BODY-2, BODY-4, BODY-7
    assert json.loads(post(client, kind, body).body) == value


def test_xml_is_text_if_it_is_enabled(client: Client) -> None:
    # core:BODY-1
    assert post(client, "text/xml", "\ufeff<é/>".encode()).text == "<é/>"


@pytest.mark.parametrize(
    ("body", "status", "message"),
    [
        (b"{", 400, "Expecting property name enclosed in double quotes: line 1 column 2 (char 1)"),
        (b"3", 400, "invalid JSON, only supports object and array"),
        (b'{"__proto__":1}', 400, "the object contains a forbidden prototype property"),
        (b"[" + b" " * 1024 + b"]", 413, "request entity too large"),
    ],
)
def test_a_malformed_body_is_rejected(
    client: Client, body: bytes, status: int, message: str
) -> None:
    # core:BODY-3, BODY-4, BODY-5, BODY-9
    answer = post(client, JSON, body)
    assert answer.status == status
    assert json.loads(answer.body)["message"] == f"{message}, check body_parser config"


@pytest.mark.parametrize(
    ("coding", "body", "status", "text"),
    [
        ("gzip", gzip.compress(b'{"a":1}', mtime=0), 200, '{"a":1}'),
        ("X-GZIP", gzip.compress(b'{"a":1}', mtime=0), 200, '{"a":1}'),
        ("gzip", gzip.compress(b'\xef\xbb\xbf{"a":1}', mtime=0), 200, '{"a":1}'),
        ("deflate", zlib.compress(b'{"a":1}'), 200, '{"a":1}'),
        ("identity", b'{"a":1}', 200, '{"a":1}'),
        ("gzip", gzip.compress(b'{"a":1}', mtime=0)[:-4], 400, "unexpected end of file, check"),
        ("gzip", b"{}", 400, "incorrect header check, check"),
        ("gzip", gzip.compress(bytes(10_000), mtime=0), 413, "request entity too large, check"),
        ("br", b"{}", 415, "unsupported content encoding 'br', check"),
    ],
)
def test_a_compressed_body_is_inflated(
    client: Client, coding: str, body: bytes, status: int, text: str
) -> None:
    # core:BODY-3, BODY-6
    answer = post(client, JSON, body, **{"Content-Encoding": coding})
    assert (answer.status, text in answer.text) == (status, True)
    assert answer.headers["Accept-Encoding"] == ("gzip, deflate" if status == 415 else None)


def test_a_body_above_the_limit_is_rejected_before_it_is_read(client: Client) -> None:
    """The declared length is enough (core:BODY-3)."""
    answer = post(client, JSON, b"", **{"Content-Length": "2000", "Expect": "100-continue"})
    assert answer.status == 413


def test_the_raw_body_is_kept(client: Client) -> None:
    # core:BODY-8
    assert json.loads(post(client, JSON, b'{"a" :1}', "/text").body) == ['{"a" :1}']


@pytest.mark.parametrize(
    ("path", "headers"), [("/ignored", {}), ("/echo", {"X-Raw": "1"})], ids=["ignore", "disabled"]
)
def test_a_body_that_is_not_parsed_has_no_value(
    client: Client, path: str, headers: dict[str, str]
) -> None:
    """Its value is None, and None as the body of the response is 204 (core:BODY-8)."""
    assert post(client, JSON, b"{", path, **headers).status == 204


def test_a_body_that_is_not_parsed_can_be_read(client: Client) -> None:
    # core:BODY-1, BODY-8
    assert json.loads(post(client, JSON, b"{", "/raw/1").body) == [None, "{"]


@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_bodies_are_parsed_for_every_method(client: Client, method: str) -> None:
    # core:BODY-10
    assert client.ask(method, "/echo", b"[1]", {"Content-Type": JSON}).text == "[1]"


@pytest.mark.parametrize(
    ("section", "message"),
    [
        (
            {"extend_types": {"jsn": []}},
            r"default.py:1: body_parser.extend_types.jsn: unknown key",
        ),
        ({"enable_types": ["yaml"]}, r"enable_types\[0\] must be 'json'"),
        (
            {"match": "/a", "ignore": "/b"},
            "body_parser.match and body_parser.ignore cannot both be set",
        ),
        ({"on_proto_poisoning": "panic"}, "must be 'error', 'remove', or 'ignore'"),
    ],
)
def test_an_invalid_section_is_an_error_at_start(
    tmp_path: Any, section: dict[str, object], message: str
) -> None:
    # core:BODY-1, BODY-8
    with pytest.raises(ConfigError, match=message):
        loaded(tmp_path, {"config/config_default.py": f"body_parser = {section!r}\n"})


@pytest.mark.parametrize(
    ("kind", "body", "header", "answer"),
    [
        (FORM, b"_method=put", "", ["PUT", {"_method": "put"}]),
        (JSON, b'{"_method":"PUT"}', "DELETE", ["PUT", {"_method": "PUT"}]),
        (JSON, b'{"_method":""}', "put", ["PUT", {"_method": ""}]),
        (JSON, b"[1]", "put", ["PUT", [1]]),
        ("", b"", "Put", ["PUT", {}]),
        (FORM, b"a=1", "", ["POST", {"a": "1"}]),
    ],
)
def test_a_post_may_override_its_method(
    client: Client, kind: str, body: bytes, header: str, answer: object
) -> None:
    """The route of the other method runs (core:OVR-1, OVR-3)."""
    found = post(client, kind, body, "/over", **{"X-HTTP-Method-Override": header})
    assert json.loads(found.body) == answer


@pytest.mark.parametrize("method", [b"3", b"0", b"true", b'["PUT"]', b'"TEST"', b'"HEAD"'])
def test_an_unknown_overriding_method_is_rejected(client: Client, method: bytes) -> None:
    # core:OVR-2
    answer = post(client, JSON, b'{"_method":%b}' % method, "/over")
    assert (answer.status, "invalid overriding method" in answer.text) == (400, True)


def test_only_a_post_is_overridden(client: Client) -> None:
    # core:OVR-2
    answer = client.ask("GET", "/echo", b"[1]", {"X-HTTP-Method-Override": "PUT"})
    assert answer.status == 200


LIMITS = """
    async def size(ctx):
        return str(len(await ctx.request.read()))

    async def chunks(ctx):
        return str(sum([len(chunk) async for chunk in ctx.request.stream()]))

    def router(app):
        app.post("/usual", size)
        app.post("/large", size, body_limit="1mb")
        app.post("/stream", chunks, body_limit="1mb")
        app.post("/small", size, body_limit=10)
        app.resources("/posts", {"create": size}, body_limit=10)
"""


@pytest.mark.parametrize(
    ("path", "length", "status"),
    [
        ("/usual", 1000, 200),
        ("/usual", 1001, 413),
        ("/large", 1024 * 1024, 200),
        ("/large", 1024 * 1024 + 1, 413),
        ("/stream", 1024 * 1024, 200),
        ("/stream", 1024 * 1024 + 1, 413),
        ("/small", 10, 200),
        ("/small", 11, 413),
        ("/posts", 10, 200),
        ("/posts", 11, 413),
        ("/missing", 1001, 413),
    ],
)
@pytest.mark.parametrize("is_chunked", [False, True])
def test_a_route_has_a_limit_of_bodies(
    tmp_path: Path, path: str, length: int, status: int, is_chunked: bool
) -> None:
    """Larger or smaller than the server's, with a declared length and in chunks."""
    files = {
        "app/router.py": LIMITS,
        "config/config_default.py": "http = {'body_limit': 1000}\n",
    }
    if path == "/missing" and is_chunked:
        status = 404  # answered before the body arrives
    with served(tmp_path, files) as client:
        body = b"x" * length
        pieces = iter([body[: length // 2], body[length // 2 :]]) if is_chunked else body
        answer = client.ask("POST", path, pieces, {"Content-Type": "a/b"})
        assert answer.status in (status, 413 if path == "/missing" else status)
        if status == 200:
            assert answer.text == str(length)


def test_a_wrong_limit_of_bodies_is_an_error(tmp_path: Path) -> None:
    """One line, with the route."""
    files = {"app/router.py": "def router(app):\n    app.post('/a', print, body_limit='big')\n"}
    text = "post '/a': body_limit must be 0 or more bytes, or text such as '16kb', not 'big'"
    with pytest.raises(RouteError) as caught, served(tmp_path, files):
        pass
    assert text in caught.value.line
