"""Events of an app: which listeners are called, and that a failing one has no effect
(core:APP-5)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from eggd.app.single import start
from eggd.errors import BootError, EggError, WebSocketClosedError
from eggd.testing.client import Client
from eggd.testing.make_app import make_app
from eggd.testing.running_app import RunningApp

Start = Callable[..., RunningApp]

BOOT = """
    import eggd

    class AppBoot(eggd.Boot):
        def config_did_load(self):
            self.app.heard = []
            self.app.on("error", self.error)

        def error(self, error, ctx):
            self.app.heard.append((str(error), getattr(ctx, "path", None)))
"""
ROUTER = """
    import eggd

    async def fail(ctx):
        raise ValueError("broken")

    async def refuse(ctx):
        raise eggd.HttpError(403, "not you")

    async def later(ctx):
        async def task(ctx):
            raise OSError("no disk")
        ctx.run_in_background(task)
        ctx.body = "ok"

    async def chat(ctx, socket):
        raise KeyError("chat")

    async def cut(ctx):
        async def chunks():
            yield b"a"
            raise ValueError("in the stream")
        ctx.body = chunks()

    def router(app):
        app.router.get("/ok", lambda ctx: "ok")
        app.router.get("/fail", fail)
        app.router.get("/refuse", refuse)
        app.router.get("/later", later)
        app.router.get("/cut", cut)
        app.router.ws("/chat", chat)
"""
FILES = {"app.py": BOOT, "app/router.py": ROUTER}


def heard_by(running: RunningApp) -> Any:
    """Returns the events that the app's listener received."""
    return vars(running.app)["heard"]


@pytest.mark.parametrize(
    ("path", "status", "heard"),
    [
        ("/ok", 200, []),
        ("/fail", 500, [("broken", "/fail")]),
        ("/refuse", 403, [("not you", "/refuse")]),
        ("/later", 200, [("no disk", "/later")]),
    ],
)
def test_errors_are_emitted_with_their_context(
    start_app: Start, make_app: Any, path: str, status: int, heard: list[object]
) -> None:
    # core:APP-5
    running = start_app(make_app(FILES))
    assert Client(running).get(path).status == status
    running.run(running.app.background.wait(5))
    assert heard_by(running) == heard


def test_errors_of_streams_and_sockets_are_emitted(start_app: Start, make_app: Any) -> None:
    running = start_app(make_app(FILES))
    client = Client(running)
    with pytest.raises(ConnectionError):
        client.get("/cut")
    with client.websocket("/chat") as socket:
        with pytest.raises(WebSocketClosedError):
            socket.receive()
    assert heard_by(running) == [("in the stream", "/cut"), ("'chat'", "/chat")]


@pytest.mark.parametrize("kind", ["sync", "async"])
def test_requests_and_responses_are_emitted(start_app: Start, make_app: Any, kind: str) -> None:
    """In order, for failures, too; only to listeners that are registered at that moment
    (core:APP-5)."""
    running = start_app(make_app(FILES))
    app, client = running.app, Client(running)
    seen: list[tuple[str, str, int]] = []

    def request(ctx: Any) -> None:
        seen.append(("request", ctx.path, app.current_context is ctx))

    def response(ctx: Any) -> None:
        seen.append(("response", ctx.path, ctx.status))

    async def waiting(ctx: Any) -> None:
        await asyncio.sleep(0)
        response(ctx)

    listener = response if kind == "sync" else waiting
    client.get("/ok")
    app.on("request", request)
    app.on("response", listener)
    client.get("/ok")
    client.get("/fail")
    client.get("/nothing")
    running.run(app.background.wait(5))
    app.off("request", request)
    app.off("response", listener)
    client.get("/ok")
    paths = [("/ok", 200), ("/fail", 500), ("/nothing", 404)]
    assert [each for each in seen if each[0] == "request"] == [
        ("request", path, True) for path, _ in paths
    ]
    assert [each for each in seen if each[0] == "response"] == [
        ("response", path, status) for path, status in paths
    ]


def test_requests_are_not_observed_without_listeners(start_app: Start, make_app: Any) -> None:
    running = start_app(make_app(FILES))
    dispatcher, app = running.dispatcher, running.app
    plain = dispatcher._run
    app.on("request", print)
    assert dispatcher._run != plain
    app.off("request", print)
    assert dispatcher._run == plain


def test_a_listener_of_responses_needs_no_further_coroutine(
    start_app: Start, make_app: Any
) -> None:
    """A request with an access log is served by the same coroutine as one without."""
    running = start_app(make_app(FILES))
    dispatcher, app = running.dispatcher, running.app
    plain = dispatcher._run
    assert dispatcher._ended is None
    app.on("response", print)
    assert dispatcher._run == plain
    assert dispatcher._ended is not None
    app.off("response", print)
    assert dispatcher._ended is None


@pytest.mark.parametrize("kind", ["sync", "async"])
@pytest.mark.parametrize("event", ["error", "request", "response"])
def test_a_failing_listener_is_logged_and_does_not_stop_others(
    start_app: Start, make_app: Any, capfd: pytest.CaptureFixture[str], kind: str, event: Any
) -> None:
    running = start_app(make_app(FILES))
    app = running.app
    calls = 0

    def broken(*arguments: Any) -> None:
        nonlocal calls
        calls += 1
        raise ZeroDivisionError("my own")

    async def later(*arguments: Any) -> None:
        broken()

    app.on(event, broken if kind == "sync" else later)
    assert Client(running).get("/fail").status == 500
    running.run(app.background.wait(5))
    assert calls == 1
    assert f"of event '{event}' failed: ZeroDivisionError: my own" in capfd.readouterr().err
    assert heard_by(running) == [("broken", "/fail")]


def test_an_app_emits_errors_and_keeps_running(
    start_app: Start, make_app: Any, capfd: pytest.CaptureFixture[str]
) -> None:
    # process:CL-55
    running = start_app(make_app(FILES))
    running.app.emit("error", ValueError("said by hand"))
    assert heard_by(running) == [("said by hand", None)]
    assert Client(running).get("/ok").status == 200
    assert "ValueError: said by hand" in capfd.readouterr().err
    with pytest.raises(EggError, match="only 'error' can be emitted"):
        running.app.emit("request", ValueError())  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("name", "listener", "line"),
    [
        ("eror", print, "app.on: 'eror': unknown event (did you mean 'error'?)"),
        ("Request", print, "app.on: 'Request': unknown event (did you mean 'request'?)"),
        ("requests", print, "app.on: 'requests': unknown event (did you mean 'request'?)"),
        ("server", print, "app.on: 'server': unknown event (use the hook server_did_ready)"),
        ("startTimeout", print, "'startTimeout': unknown event (use the hook did_ready(error))"),
        ("cookieLimitExceed", print, "did you mean 'cookie_limit_exceed'?"),
        ("bang", print, "unknown event (events: error, request, response, cookie_limit_exceed, se"),
        ("error", None, "app.on: 'error': must be a function (error, ctx), not None"),
        ("error", lambda error: None, "must take (error, ctx): too many positional arguments"),
        ("request", lambda: None, "must take (ctx): too many positional arguments"),
        ("response", lambda ctx, more: None, "must take (ctx): missing a required argument"),
    ],
)
def test_a_wrong_event_or_listener_is_refused(
    start_app: Start, make_app: Any, name: Any, listener: Any, line: str
) -> None:
    app = start_app(make_app(FILES)).app
    with pytest.raises(EggError) as caught:
        app.on(name, listener)
    assert line in caught.value.line


def test_the_agent_emits_only_errors(start_app: Start, make_app: Any) -> None:
    """And lives on after one (core:ERR-14, process:ERR-14)."""
    agent: Any = start_app(make_app(FILES)).app.agent
    agent.on("error", print)
    agent.off("error", print)
    agent.emit("error", ValueError("of the agent"))
    assert "ValueError: of the agent" in (agent.loggers.dir / "common-error.log").read_text()
    with pytest.raises(EggError, match="the agent serves no requests"):
        agent.on("request", print)


@pytest.mark.parametrize("hook", ["did_ready", "server_did_ready", "before_close"])
def test_a_contained_hook_is_an_error_event(tmp_path: Path, hook: str) -> None:
    method = f"async def {hook}(self, error=None):\n            raise ValueError('broken')"
    files = {"app.py": f"{BOOT}\n        {method}\n"}

    async def main() -> Any:
        app: Any = await start(make_app(tmp_path / "shop", files), env="unittest")
        await app.close()
        return app.heard

    assert asyncio.run(main()) == [("broken", None)]


FAILING = """
    import eggd

    class {role}Boot(eggd.Boot):
        def config_did_load(self):
            self.app.on("error", lambda error, ctx: self.note("event", error))

        async def did_load(self):
            raise ValueError("no database")

        async def did_ready(self, error=None):
            self.note("hook", error)

        def note(self, by, error):
            with open(self.config.rundir + "/heard", "a") as file:
                print(by, type(error).__name__, error, file=file)
"""


@pytest.mark.parametrize(("role", "file"), [("App", "app.py"), ("Agent", "agent.py")])
def test_a_failed_start_is_passed_to_did_ready(tmp_path: Path, role: str, file: str) -> None:
    """The same applies to one process (core:LC-6)."""
    shop = make_app(tmp_path / "shop", {file: FAILING.format(role=role), "run/.keep": ""})
    with pytest.raises(BootError, match="no database"):
        asyncio.run(start(shop, env="unittest"))
    line = f"HookError {shop}/{file}:8: {role}Boot.did_load failed: ValueError: no database"
    assert (shop / "run/heard").read_text() == f"event {line}\nhook {line}\n"


def test_a_failed_start_of_a_test_is_passed_to_did_ready(start_app: Start, make_app: Any) -> None:
    """Also in the test kit (core:LC-6)."""
    heard: list[Any] = []
    text = FAILING.format(role="App").replace("self.note(", "self.app.sink.append(")
    text = text.replace('("event", error)', '(("event", str(error)))')
    text = text.replace('("hook", error)', '(("hook", str(error)))')

    def before(app: Any) -> None:
        app.sink = heard

    with pytest.raises(BootError):
        start_app(make_app({"app.py": text}), before_init=before)
    assert [each[0] for each in heard] == ["event", "hook"]
