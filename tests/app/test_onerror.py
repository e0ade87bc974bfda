"""The answers to requests that failed (core:CTX-11, META-1)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.app.serving import Client, served

FILES = {
    "app/extend/context.py": """
        class Context:
            async def onerror(self, error):
                if isinstance(error, LookupError):
                    self.status = 404
                    self.set("X-Sought", str(error))
                    self.body = {"sought": str(error)}
                elif isinstance(error, ArithmeticError):
                    raise ValueError("and again")
                else:
                    super().onerror(error)
        """,
    "app/router.py": """
        import asyncio
        import io
        import pathlib
        import sys
        from eggd import HttpError

        class Stop(BaseException):
            pass

        async def stop(ctx):
            raise Stop("at once")

        async def leave(ctx):
            await asyncio.sleep(0)
            raise GeneratorExit

        def router(app):
            app.router.get("/exit", lambda ctx: sys.exit("a library's word"))
            app.router.get("/stop", stop)
            app.router.get("/leave", leave)
            app.router.get("/behind", lambda ctx: ctx.run_in_background(sys.exit, "leaving"))
            app.router.get("/key", key)
            app.router.get("/zero", lambda ctx: 1 / 0)
            app.router.get("/usual", lambda ctx: ctx.throw(418, "short", retry_after="3"))
            app.router.get("/own", own)
            app.router.get("/fields", fields)
            app.router.get("/seen", seen)
            app.router.get("/status/:status", status)
            app.router.get("/word", lambda ctx: ctx.throw("word"))
            app.router.get("/cause", lambda ctx: ctx.throw(400, ValueError("why")))
            app.router.get("/stream", stream)
            app.router.get("/closed", closed)
            app.router.get("/detailed", detailed)
            app.router.get("/padding", padding)

        opened = []

        def key(ctx):
            ctx.set("X-Before", "1")
            raise KeyError("it")

        FIELDS = {
            "Access-Control-Allow-Origin": "*",
            "Content-Security-Policy": "default-src 'self'",
            "Set-Cookie": ["a=1", "b=2"],
            "X-Request-Id": "7",
            "Content-Type": "text/csv",
            "Content-Encoding": "gzip",
            "Content-Language": "de",
            "Content-Disposition": "attachment",
            "Content-Length": "3",
            "ETag": '"1"',
            "Last-Modified": "Sat, 21 Nov 2026 00:00:00 GMT",
            "Cache-Control": "public, max-age=9",
            "Expires": "Sat, 21 Nov 2026 00:00:00 GMT",
            "Accept-Ranges": "bytes",
            "Trailer": "Digest",
        }

        def fields(ctx):
            ctx.set(FIELDS)
            ctx.body = "a,b"
            kind = ctx.query.get("error")
            if kind == "throw":
                ctx.throw(401, "who?", x_request_id="8", **{"X-Request-Id": "9"})
            if kind == "file":
                ctx.body = pathlib.Path("/nowhere/at/all")
                return
            raise ValueError("fault")

        def seen(ctx):
            ctx.set("Vary", "Origin")
            ctx.onerror = lambda error: setattr(ctx, "body", f"sees {ctx.get_field('vary')}")
            raise ValueError("fault")

        def detailed(ctx):
            exposed = {"expose": True} if ctx.query.get("expose") else {}
            details = {"code": "invalid_param", "errors": [{"field": "name"}]}
            raise HttpError(int(ctx.query["status"]), "no", **details, **exposed)

        def padding(ctx):
            ctx.user_id = Unreadable()
            raise ValueError("original")

        class Unreadable:
            def __str__(self):
                raise RuntimeError("unreadable")

        def status(ctx):
            ctx.throw(int(ctx.params["status"]), "told")

        def own(ctx):
            ctx.onerror = lambda error: setattr(ctx, "body", f"own {error}")
            raise ValueError("fault")

        def stream(ctx):
            ctx.onerror = lambda error: setattr(ctx, "body", io.BytesIO(b"streamed"))
            raise ValueError("fault")

        def closed(ctx):
            if opened:
                return str(opened.pop().closed)
            ctx.body = io.BytesIO(b"never")
            opened.append(ctx.body)
            raise KeyError("file")
        """,
}


DETAILS = '{"code":"invalid_param","message":"no","errors":[{"field":"name"}]}'


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    with served(tmp_path_factory.mktemp("onerror") / "app", FILES) as made:
        yield made


@pytest.mark.parametrize(
    ("path", "status", "text"),
    [
        # core:CTX-11: by the app's own Context, which may leave it to eggd's
        ("/key", 404, '{"sought":"\'it\'"}'),
        ("/usual", 418, '{"message":"short"}'),
        # for one request alone
        ("/own", 500, "own fault"),
        ("/stream", 500, "streamed"),
        # one that fails itself
        ("/zero", 500, '{"message":"Internal Server Error"}'),
    ],
)
def test_the_nearest_responder_answers_an_error(
    client: Client, path: str, status: int, text: str
) -> None:
    answer = client.get(path, Accept="application/json")
    assert (answer.status, answer.text) == (status, text)
    assert answer.headers["X-Before"] == ("1" if path == "/key" else None)


def test_every_error_is_logged_once(client: Client) -> None:
    """An exception of the responder is logged, too (core:CTX-11)."""
    logged = client.log_dir / "common-error.log"
    for path, text in (("/own", "ValueError: fault"), ("/zero", "ValueError: and again")):
        before = logged.read_text().count(text) if logged.exists() else 0
        client.get(path)
        assert logged.read_text().count(text) == before + 1


def test_no_request_ends_a_worker(client: Client) -> None:
    """Nor does its background task (core:X-5)."""
    assert (client.get("/exit").status, client.get("/behind").status) == (500, 404)
    assert client.get("/usual").status == 418
    text = (client.log_dir / "common-error.log").read_text()
    assert "SystemExit: a library's word" in text


def test_an_error_that_is_not_an_exception_is_answered_or_ends_its_connection(
    client: Client,
) -> None:
    """As some libraries raise them for an end in time; GeneratorExit is Python's own."""
    assert client.get("/stop").status == 500
    assert "Stop: at once" in (client.log_dir / "common-error.log").read_text()
    with pytest.raises(ConnectionError):
        client.get("/leave")
    assert client.get("/usual").status == 418


def test_an_answer_to_an_error_has_no_readtime(client: Client) -> None:
    """Unlike the page for an unmatched path (core:META-1)."""
    for path, told in (("/usual", False), ("/zero", False), ("/nowhere", True)):
        assert ("X-Readtime" in client.get(path).headers) is told


def test_a_stream_that_is_not_sent_is_closed(client: Client) -> None:
    # core:RES-16
    assert client.get("/closed").status == 404
    assert client.get("/closed").text == "True"


@pytest.mark.parametrize(
    ("error", "status", "number"), [("throw", 401, "9"), ("file", 404, "7"), ("raise", 500, "7")]
)
def test_only_the_fields_of_the_body_are_dropped(
    client: Client, error: str, status: int, number: str
) -> None:
    """Fields of the error replace them (core:ERR-1)."""
    answer = client.get(f"/fields?error={error}", Accept="application/json")
    assert answer.status == status
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert answer.headers["Content-Security-Policy"] == "default-src 'self'"
    assert answer.headers.get_all("Set-Cookie") == ["a=1", "b=2"]
    assert answer.headers["X-Request-Id"] == number
    assert answer.headers["Vary"] == "Accept-Encoding"
    assert answer.headers["Content-Type"] == "application/json; charset=utf-8"
    dropped = "Content-Encoding Content-Language Content-Disposition ETag Last-Modified"
    for name in (*dropped.split(), "Cache-Control", "Expires", "Accept-Ranges", "Trailer"):
        assert name not in answer.headers


def test_a_responder_sees_the_fields(client: Client) -> None:
    # core:ERR-1
    assert client.get("/seen").text == "sees Origin"


@pytest.mark.parametrize("status", [0, 99, 200, 302, 399, 600, 999, 1000])
def test_an_http_error_with_another_status_is_logged_and_answered_500(
    client: Client, status: int
) -> None:
    # core:ERR-1
    answer = client.get(f"/status/{status}", Accept="application/json")
    assert (answer.status, answer.text) == (500, '{"message":"Internal Server Error"}')
    text = (client.log_dir / "common-error.log").read_text()
    assert f"HttpError({status}, 'told'): not an error status" in text


def test_a_status_that_is_text_is_logged(client: Client) -> None:
    """As any wrong status: `ctx.throw("word")` lacks it."""
    assert client.get("/word").status == 500
    text = (client.log_dir / "common-error.log").read_text()
    assert "HttpError('word', 'word'): not an error status (use 400 to 599" in text


def test_an_exception_as_a_message_is_its_text(client: Client) -> None:
    answer = client.get("/cause", Accept="application/json")
    assert (answer.status, answer.text) == (400, '{"message":"why"}')


@pytest.mark.parametrize("status", [400, 499, 500, 599])
def test_an_error_status_is_answered(client: Client, status: int) -> None:
    assert client.get(f"/status/{status}").status == status


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("status=422", DETAILS),
        ("status=503", '{"code":"invalid_param","message":"Service Unavailable"}'),
        ("status=500&expose=1", DETAILS),
    ],
)
def test_the_details_of_an_http_error(client: Client, query: str, text: str) -> None:
    """The details of a server error are for the operator (core:ERR-6)."""
    assert client.get(f"/detailed?{query}", Accept="application/json").text == text


def test_a_clients_fault_is_one_warning(client: Client) -> None:
    """The line names status, message and place (core:ERR-12)."""
    client.get("/status/418?this")
    lines = [
        line
        for line in (client.log_dir / "app-web.log").read_text().splitlines()
        if "/status/418?this" in line
    ]
    assert len(lines) == 1
    assert " WARN " in lines[0]
    assert "418 HttpError: told (" in lines[0]
    assert "/app/router.py:" in lines[0]


def test_an_error_is_logged_although_the_bracket_of_its_request_fails(client: Client) -> None:
    # core:ERR-12
    assert client.get("/padding").status == 500
    text = (client.log_dir / "common-error.log").read_text()
    assert "ValueError: original" in text
    assert "RuntimeError: unreadable" in text
