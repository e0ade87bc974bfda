"""What becomes of a request that failed, and who says it (core:CTX-11, META-1)."""

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
        import io
        import sys

        def router(app):
            app.router.get("/exit", lambda ctx: sys.exit("a library's word"))
            app.router.get("/behind", lambda ctx: ctx.run_in_background(sys.exit, "leaving"))
            app.router.get("/key", key)
            app.router.get("/zero", lambda ctx: 1 / 0)
            app.router.get("/usual", lambda ctx: ctx.throw(418, "short", retry_after="3"))
            app.router.get("/own", own)
            app.router.get("/stream", stream)
            app.router.get("/closed", closed)

        opened = []

        def key(ctx):
            ctx.set("X-Before", "1")
            raise KeyError("it")

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
def test_who_answers_for_an_error(client: Client, path: str, status: int, text: str) -> None:
    answer = client.get(path, Accept="application/json")
    assert (answer.status, answer.text) == (status, text)
    assert answer.headers["X-Before"] is None


def test_an_error_is_logged_whoever_answers(client: Client) -> None:
    """core:CTX-11: once; and so is what the responder raises."""
    logged = client.log_dir / "common-error.log"
    for path, text in (("/own", "ValueError: fault"), ("/zero", "ValueError: and again")):
        before = logged.read_text().count(text) if logged.exists() else 0
        client.get(path)
        assert logged.read_text().count(text) == before + 1


def test_no_request_ends_a_worker(client: Client) -> None:
    """core:X-5: nor does what runs behind it."""
    assert (client.get("/exit").status, client.get("/behind").status) == (500, 404)
    assert client.get("/usual").status == 418
    text = (client.log_dir / "common-error.log").read_text()
    assert "SystemExit: a library's word" in text


def test_an_answer_to_an_error_does_not_tell_its_time(client: Client) -> None:
    """core:META-1: but a page for what was not found does."""
    for path, told in (("/usual", False), ("/zero", False), ("/nowhere", True)):
        assert ("X-Readtime" in client.get(path).headers) is told


def test_a_stream_that_was_to_be_sent_is_closed(client: Client) -> None:
    """core:RES-16."""
    assert client.get("/closed").status == 404
    assert client.get("/closed").text == "True"
