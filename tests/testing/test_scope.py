"""The end of a test: requests and tasks have ended, changes are undone."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from eggd.testing.client import Client
from eggd.testing.cookie_jar import CookieJar
from eggd.testing.running_app import RunningApp
from eggd.testing.scope import Scope
from tests.http.fake import until

SHORT = """
    import asyncio

    async def never(ctx):
        await asyncio.Event().wait()

    async def child(ctx):
        await asyncio.Event().wait()

    async def parent(ctx):
        ctx.run_in_background(child)

    async def unseen(ctx):
        async def fails():
            raise ValueError("never awaited")
        asyncio.ensure_future(fails())
        await asyncio.sleep(0)

    def router(app):
        app.router.get("/never", never)
        app.router.get("/parent", lambda ctx: ctx.run_in_background(parent))
        app.router.get("/unseen", unseen)
"""


@pytest.fixture
def scope(start_app: Callable[..., Any], make_app: Callable[..., Any]) -> Scope:
    config = "close_timeout = 0.2\n"
    return Scope(start_app(make_app({"app/router.py": SHORT, "config/config_default.py": config})))


LEAKS = [
    ("/never", ["still served: GET /never"]),
    ("/parent", ["background task of application does not end: child"]),
    ("/unseen", ["not handled: Task exception was never retrieved: ValueError('never awaited')"]),
]


async def given_up(running_app: RunningApp) -> None:
    """Sends a request, and disconnects while it is served."""
    asking = asyncio.ensure_future(running_app.converse("GET", "/never", {}, CookieJar()))
    await until(lambda: running_app.serving)
    asking.cancel()


@pytest.mark.parametrize(("path", "left"), LEAKS)
def test_requests_and_tasks_that_remain_are_named_and_ended(
    scope: Scope, path: str, left: list[str]
) -> None:
    # core:MOCK-13
    if path == "/never":
        scope.running.run(given_up(scope.running))
    else:
        Client(scope.running).get(path)
    assert scope.end() == left
    assert scope.end() == []


def test_background_tasks_are_waited_for(
    client: Client,
    background_tasks_finished: Callable[[], None],
    expect_log: Callable[..., None],
) -> None:
    """Also for those that they start (core:MOCK-10)."""
    client.get("/later")
    background_tasks_finished()
    expect_log("second is done")


def test_outside_of_a_test_there_is_no_context(app: Any, eggd_scope: Scope) -> None:
    # core:MOCK-13
    assert app.current_context is eggd_scope.ctx
    eggd_scope.end()
    assert app.current_context is None


seen: list[object] = []


@pytest.mark.parametrize("turn", [1, 2])
def test_each_test_has_a_context_of_its_own(app: Any, turn: int) -> None:
    # core:MOCK-13
    assert app.current_context not in seen
    seen.append(app.current_context)


def test_a_request_has_its_own_context(client: Client, app: Any) -> None:
    assert client.get("/user/7").status == 200
    assert app.current_context.url == "/"
