"""A handler and every middleware run in an ordinary task, from their first line on (core:X-5).

Each probe runs in the handler and in each middleware, before and after the request first
suspends, and in three ways: alone, pipelined behind an unfinished request, and while a request of
another connection waits.
"""

from __future__ import annotations

import http.client
import socket
from collections.abc import Callable, Iterator
from urllib.parse import urlencode

import pytest

from tests.app.serving import LOOPS, Client, served

PROBES = """
import asyncio
import contextlib
import contextvars

import anyio

var = contextvars.ContextVar("var", default="unset")
never = asyncio.Event


async def current_task():
    task = asyncio.current_task()
    assert isinstance(task, asyncio.Task)
    assert task in asyncio.all_tasks()
    assert anyio.get_current_task().id == id(task)
    await asyncio.sleep(0)
    assert asyncio.current_task() is task


async def timeout():
    async with asyncio.timeout(60) as far:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(0) as near:
                await never().wait()
                raise AssertionError("no timeout")
    assert (near.expired(), far.expired()) == (True, False)
    try:
        await asyncio.wait_for(never().wait(), 0)
    except TimeoutError:
        return
    raise AssertionError("no timeout")


async def task_group():
    async with asyncio.TaskGroup() as group:
        both = [group.create_task(asyncio.sleep(0, number)) for number in range(2)]
    assert [task.result() for task in both] == [0, 1]
    try:
        async with asyncio.TaskGroup() as group:
            other = group.create_task(never().wait())
            group.create_task(failing())
            await never().wait()
    except* ValueError:
        assert other.cancelled()
        assert asyncio.current_task().cancelling() == 0
    else:
        raise AssertionError("no error")


async def failing():
    raise ValueError("of a child")


async def move_on_after():
    with anyio.move_on_after(60) as far, anyio.move_on_after(0) as near:
        await anyio.sleep_forever()
    assert (near.cancelled_caught, far.cancelled_caught) == (True, False)
    async with anyio.create_task_group() as group:
        group.start_soon(anyio.sleep_forever)
        group.cancel_scope.cancel()
    await anyio.to_thread.run_sync(lambda: None)


async def context_variables():
    assert var.get() == "unset"
    token = var.set("own")
    assert await asyncio.create_task(value()) == "own"
    assert await asyncio.to_thread(var.get) == "own"
    await asyncio.sleep(0)
    assert var.get() == "own"
    var.reset(token)


async def value():
    return var.get()


async def cancellation():
    task = asyncio.current_task()
    task.cancel("by itself")
    try:
        await asyncio.sleep(0)
    except asyncio.CancelledError as exc:
        assert exc.args == ("by itself",)
        assert task.uncancel() == 0
    else:
        raise AssertionError("not cancelled")
    child = asyncio.create_task(never().wait())
    await asyncio.sleep(0)
    child.cancel()
    assert isinstance((await asyncio.gather(child, return_exceptions=True))[0],
                      asyncio.CancelledError)


ALL = {each.__name__: each for each in
       (current_task, timeout, task_group, move_on_after, context_variables, cancellation)}


async def probe(ctx, place):
    task = ctx.state.setdefault("task", asyncio.current_task())
    assert asyncio.current_task() is task
    if ctx.query.get("place") == place:
        if ctx.query["when"] == "after":
            await asyncio.sleep(0)
        await ALL[ctx.query["name"]]()
        assert asyncio.current_task() is task
        ctx.set("X-Probed", ctx.query["name"])
"""
MIDDLEWARE = """
    from lib.probes import probe

    def {name}(options, app):
        async def middleware(ctx, next):
            await probe(ctx, "{name}, before next")
            await next()
            await probe(ctx, "{name}, after next")
        return middleware
    """
FILES = {
    "lib/probes.py": PROBES,
    "app/middleware/of_app.py": MIDDLEWARE.format(name="of_app"),
    "app/middleware/of_route.py": MIDDLEWARE.format(name="of_route"),
    "config/config_default.py": "middleware = ['of_app']\n",
    "app/router.py": """
        import asyncio
        from lib.probes import probe, var

        holding = asyncio.Queue()
        released = asyncio.Queue()

        def router(app):
            of_route = app.middleware.of_route({}, app)
            app.get("/probe", of_route, handler)
            app.get("/before", before)
            app.post("/read", read)
            app.get("/hold", hold)
            app.get("/holding", lambda ctx: asyncio.wait_for(holding.get(), 10))
            app.get("/release", lambda ctx: released.put_nowait("go"))
            app.get("/late", guarded, waiting)
            app.get("/cancelled", cancelled)
            app.get("/var", lambda ctx: var.get())

        async def handler(ctx):
            await probe(ctx, "handler")
            return "ok"

        async def before(ctx):
            var.set("of another request")
            for _ in range(3):
                await asyncio.sleep(0)
            return "before"

        async def read(ctx):
            var.set("of another request")
            return str(len(await ctx.request.read()))

        async def hold(ctx):
            var.set("of another request")
            holding.put_nowait("held")
            return await asyncio.wait_for(released.get(), 10)

        async def guarded(ctx, next):
            try:
                async with asyncio.timeout(0):
                    await next()
            except TimeoutError:
                ctx.status = 503
                ctx.body = ctx.state["seen"]

        async def waiting(ctx):
            try:
                if ctx.query.get("when") == "after":
                    await asyncio.to_thread(print, end="")
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                ctx.state["seen"] = "cancelled"
                raise

        async def cancelled(ctx):
            asyncio.current_task().cancel()
            await asyncio.sleep(0)
        """,
}
NAMES = [
    *("current_task", "timeout", "task_group"),
    *("move_on_after", "context_variables", "cancellation"),
]
PLACES = [
    *("of_app, before next", "of_app, after next"),
    *("of_route, before next", "of_route, after next"),
    "handler",
]


@pytest.fixture(scope="module", params=LOOPS, ids=["uvloop", "asyncio"])
def client(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Client]:
    root = tmp_path_factory.mktemp("tasks") / "shop"
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(root)
        with served(root, FILES, request.param) as made:
            yield made


def alone(client: Client, path: str) -> bytes:
    return raw(client, [path])


def pipelined(client: Client, path: str) -> bytes:
    """Returns the answers to pipelined requests; each starts when the previous one has ended."""
    return raw(client, ["/before", path, "/before", path])


def beside(client: Client, path: str) -> bytes:
    """Returns the answer while the handler of another request waits."""
    with socket.create_connection(("127.0.0.1", client.port), timeout=10) as other:
        other.sendall(b"GET /hold HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        assert client.get("/holding").text == "held"
        answer = raw(client, [path])
        client.get("/release")
        assert received(other).endswith(b"go")
    return answer


def raw(client: Client, paths: list[str]) -> bytes:
    """Returns the bytes of the responses to requests sent at once on one connection."""
    head = "GET %s HTTP/1.1\r\nHost: a\r\n%s\r\n"
    last = len(paths) - 1
    text = "".join(
        head % (path, "Connection: close\r\n" if number == last else "")
        for number, path in enumerate(paths)
    )
    with socket.create_connection(("127.0.0.1", client.port), timeout=10) as connection:
        connection.sendall(text.encode())
        return received(connection)


def received(connection: socket.socket) -> bytes:
    return b"".join(iter(lambda: connection.recv(65536), b""))


@pytest.mark.parametrize("way", [alone, pipelined, beside])
@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("name", NAMES)
def test_a_request_is_an_ordinary_task(
    client: Client, name: str, place: str, when: str, way: Callable[[Client, str], bytes]
) -> None:
    """Each probe passes at each place, in each of the three ways (core:X-5, STO-1)."""
    path = "/probe?" + urlencode({"name": name, "place": place, "when": when})
    answer = way(client, path)
    asked = 2 if way is pipelined else 1
    assert answer.count(b"X-Probed: %b\r\n" % name.encode()) == asked, answer
    assert answer.count(b" 200 OK\r\n") == (4 if way is pipelined else 1)


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_timeout_around_next_cancels_the_handler(client: Client, when: str) -> None:
    """The handler gets CancelledError, and the middleware answers 503 (core:X-5)."""
    answer = client.get(f"/late?when={when}")
    assert (answer.status, answer.text) == (503, "cancelled")


def test_a_handler_that_was_cancelled_answers_nothing(client: Client) -> None:
    """The connection is closed, and the worker serves on (core:X-5)."""
    with pytest.raises((http.client.RemoteDisconnected, ConnectionResetError)):
        client.get("/cancelled")
    assert client.get("/var").text == "unset"


def test_the_next_request_of_a_connection_does_not_inherit_variables(client: Client) -> None:
    """Not even if the task of the previous request resumed reading (core:X-5, STO-2)."""
    connection = http.client.HTTPConnection("127.0.0.1", client.port, timeout=10)
    for _ in range(2):
        connection.request("POST", "/read", bytes(1_000_000))
        assert connection.getresponse().read() == b"1000000"
        connection.request("GET", "/var")
        assert connection.getresponse().read() == b"unset"
    connection.close()
