"""`ctx.before_send`: functions that complete an answer before its head is sent."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.app.serving import Client, served

FILES = {
    "app/router.py": """
        import asyncio

        def note(ctx, text):
            ctx.before_send(lambda: ctx.append("X-Note", text))

        async def plain(ctx):
            note(ctx, "one")
            async def two():
                await asyncio.sleep(0)
                ctx.append("X-Note", f"two {ctx.status} {ctx.body}")
                note(ctx, "three")
            ctx.before_send(two)
            return "done"

        def failing(ctx):
            note(ctx, "kept")
            raise LookupError("no such egg")

        def stream(ctx):
            note(ctx, "one")
            async def pieces():
                yield b"a"
                yield b"b"
            return pieces()

        def missing(ctx):
            note(ctx, "one")

        def refuse(ctx):
            ctx.throw(503, "the store is down", **{"Retry-After": "1"})

        def refused(ctx):
            ctx.before_send(lambda: refuse(ctx))
            note(ctx, "never")
            return "lost"

        def refused_twice(ctx):
            ctx.before_send(lambda: refuse(ctx))
            raise LookupError("no such egg")

        def own(ctx):
            note(ctx, "never")
            ctx.respond = False
            ctx.exchange.send(200, b"", b"own")

        def router(app):
            app.get("/plain", plain)
            app.get("/failing", failing)
            app.get("/stream", stream)
            app.get("/missing", missing)
            app.get("/refused", refused)
            app.get("/refused-twice", refused_twice)
            app.get("/own", own)
        """,
}


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    with served(tmp_path_factory.mktemp("app"), FILES) as client:
        yield client


@pytest.mark.parametrize(
    ("path", "status", "notes"),
    [
        ("/plain", 200, ["one", "two 200 done", "three"]),
        ("/failing", 500, ["kept"]),
        ("/stream", 200, ["one"]),
        ("/missing", 404, ["one"]),
        ("/refused", 503, []),
        ("/refused-twice", 500, []),
        ("/own", 200, []),
    ],
)
def test_functions_run_once_before_the_head(
    client: Client, path: str, status: int, notes: list[str]
) -> None:
    """Functions run after the handler, in order, for errors too; one that raises is answered."""
    for _ in range(2):
        answer = client.get(path)
        assert (answer.status, answer.headers.get_all("X-Note", [])) == (status, notes)


def test_an_error_of_a_function_is_answered_with_its_status_and_fields(client: Client) -> None:
    answer = client.get("/refused")
    assert (answer.status, answer.headers["Retry-After"]) == (503, "1")
    assert "lost" not in answer.text


def test_an_answer_that_the_app_started_is_a_warning(client: Client) -> None:
    assert client.get("/own").text == "own"
    logs = "".join(path.read_text() for path in client.log_dir.glob("*.log"))
    assert "has no effect: the answer to /own had begun" in logs
