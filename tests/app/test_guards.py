"""`app.guard`, `app.fix_fields`: what an app does with every request and response."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

from eggd.app.serving.guards import joined
from eggd.errors import EggError
from tests.app.serving import Client, served

FILES = {
    "app.py": """
        from eggd import Boot, HttpError

        class ShopBoot(Boot):
            def config_did_load(self):
                self.app.fix_fields({"X-Frame-Options": "DENY", "X-Two": "2"})
                self.app.guard(self.first).guard(self.second)

            def first(self, ctx):
                ctx.append("X-Guard", "first")
                if ctx.path == "/refused":
                    raise HttpError(403, "refused")

            def second(self, ctx):
                if ctx.method != "POST":
                    return None
                async def later():
                    ctx.append("X-Guard", f"second {ctx.request.body}")
                    if ctx.path == "/later":
                        raise HttpError(403, "refused later")
                return later
    """,
    "app/router.py": """
        async def old(scope, receive, send):
            fields = [(b"x-frame-options", b"SAMEORIGIN")] if scope["path"] == "/old/own" else []
            await send({"type": "http.response.start", "status": 200, "headers": fields})
            await send({"type": "http.response.body", "body": b"old"})

        def own(ctx):
            ctx.set("X-Frame-Options", "ALLOWALL")
            ctx.exchange.fix(ctx.exchange.fixed.but({"X-Two": "two"}))
            return "own"

        def fail(ctx):
            raise LookupError("no such egg")

        async def pieces():
            yield b"a"

        def router(app):
            app.get("/", lambda ctx: "home")
            app.get("/own", own)
            app.get("/fail", fail)
            app.get("/stream", lambda ctx: pieces())
            app.post("/", lambda ctx: "posted")
            app.router.mount("/old", old)
    """,
    "config/config_default.py": "site_file = {'files': {'/robots.txt': b'a'}}\n",
}


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    with served(tmp_path_factory.mktemp("guards"), FILES) as client:
        yield client


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/", 200),
        ("/missing", 404),
        ("/fail", 500),
        ("/refused", 403),
        ("/robots.txt", 200),
        ("/old/", 200),
        ("/stream", 200),
    ],
)
def test_every_request_is_guarded_and_every_response_has_the_fields(
    client: Client, path: str, status: int
) -> None:
    answer = client.get(path)
    assert (answer.status, answer.headers.get_all("X-Guard")) == (status, ["first"])
    assert answer.headers.get_all("X-Frame-Options") == ["DENY"]
    assert answer.headers["X-Two"] == "2"


def test_a_malformed_request_is_answered_with_the_fields(client: Client) -> None:
    with socket.create_connection(("127.0.0.1", client.port), timeout=10) as raw:
        raw.sendall(b"GET / / HTTP/1.1\r\n\r\n")
        data = raw.recv(4096)
    assert data.startswith(b"HTTP/1.1 400")
    assert b"\r\nX-Frame-Options: DENY\r\n" in data


def test_a_function_of_a_guard_runs_once_the_body_is_parsed(client: Client) -> None:
    headers = {"Content-Type": "application/json"}
    answer = client.ask("POST", "/", b'{"a": 1}', headers)
    assert answer.headers.get_all("X-Guard") == ["first", "second {'a': 1}"]
    answer = client.ask("POST", "/later", b'{"a": 1}', headers)
    assert (answer.status, answer.headers.get_all("X-Guard", [])[-1]) == (403, "second {'a': 1}")


def test_a_handler_changes_its_own_fixed_fields_only(client: Client) -> None:
    answer = client.get("/own")
    assert answer.headers.get_all("X-Frame-Options") == ["DENY"]
    assert answer.headers.get_all("X-Two") == ["two"]
    assert client.get("/").headers["X-Two"] == "2"
    client.get("/own")
    log = (client.log_dir / "egg-web.log").read_text()
    assert log.count("X-Frame-Options of a handler has no effect") == 1


def test_the_value_of_a_mounted_application_wins(client: Client) -> None:
    assert client.get("/old/own").headers.get_all("X-Frame-Options") == ["SAMEORIGIN"]


@pytest.mark.parametrize("guard", [None, "guard", 1])
def test_a_guard_must_be_a_plain_function(guard: object) -> None:
    async def later(ctx: object) -> None: ...

    for each in (guard, later):
        with pytest.raises(EggError, match="is not a plain function"):
            joined(None, each)
