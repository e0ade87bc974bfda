"""The seven hooks: order, failure, containment, reverse close (core:LC-2..10)."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from eggd.app.loading.lifecycle import Boot, Lifecycle
from eggd.errors import BootError, LoadError
from eggd.probe.check import check
from eggd.testing.imports import OwnImports
from eggd.testing.make_app import make_app
from tests.app.loading import loaded

INIT = """\
import eggd
class AppBoot(eggd.Boot):
    def __init__(self, app):
        super().__init__(app)
        options = {}
        self.url = options["url"]
"""


class Log:
    def __init__(self) -> None:
        self.lines: list[str] = []

    def error(self, msg: object, *args: object) -> None:
        self.lines.append(str(msg) % args if args else str(msg))

    warn = debug = error


def recorder(name: str, events: list[str], **hooks: Callable[..., Any]) -> Boot[Any]:
    def event(hook: str) -> Callable[..., Any]:
        def sync(self: Boot[Any], *args: object) -> Any:
            events.append(f"{name}.{hook}")
            return hooks[hook](*args) if hook in hooks else None

        return sync

    names = ("config_will_load", "config_did_load", "did_load", "will_ready", "did_ready")
    members = {hook: event(hook) for hook in (*names, "server_did_ready", "before_close")}
    boot: Boot[Any] = type("AppBoot", (Boot,), members)(None)
    return boot


def lifecycle(log: Log, *boots: Boot[Any]) -> Lifecycle:
    made = Lifecycle(lambda: log, lambda text: None)
    for number, boot in enumerate(boots):
        made.add(boot, Path(f"/unit{number}/app.py"))
    return made


async def whole(made: Lifecycle) -> None:
    made.config_hooks()
    await made.load_hooks()
    await made.did_ready()
    await made.server_did_ready()
    await made.server_did_ready()
    await made.close()


def test_hooks_run_in_order_and_close_in_reverse() -> None:
    # core:LC-2, LC-3, LC-7, LC-8
    events: list[str] = []
    asyncio.run(whole(lifecycle(Log(), recorder("a", events), recorder("b", events))))
    assert events == [
        *("a.config_will_load", "b.config_will_load"),
        *("a.config_did_load", "b.config_did_load"),
        *("a.did_load", "b.did_load", "a.will_ready", "b.will_ready"),
        *("a.did_ready", "b.did_ready", "a.server_did_ready", "b.server_did_ready"),
        *("b.before_close", "a.before_close"),
    ]


def test_a_suite_that_is_ready_early_waits_for_this_process() -> None:
    """A worker that is still starting hears the `egg-ready` of another one's join."""

    async def main() -> list[str]:
        events: list[str] = []
        made = lifecycle(Log(), recorder("a", events))
        early = asyncio.create_task(made.server_did_ready())
        await asyncio.sleep(0)
        await made.did_ready()
        await early
        return events

    assert asyncio.run(main()) == ["a.did_ready", "a.server_did_ready"]


def test_did_load_hooks_run_beside_each_other() -> None:
    """Each waits for the other's event; one after the other would never end (core:LC-5)."""

    async def main() -> None:
        first, second = asyncio.Event(), asyncio.Event()

        async def one() -> None:
            first.set()
            await second.wait()

        async def two() -> None:
            second.set()
            await first.wait()

        events: list[str] = []
        boots = (recorder("a", events, did_load=one), recorder("b", events, did_load=two))
        await asyncio.wait_for(lifecycle(Log(), *boots).load_hooks(), 5)

    asyncio.run(main())


@pytest.mark.parametrize("hook", ["did_load", "will_ready"])
def test_a_failing_start_hook_names_file_and_hook(hook: str) -> None:
    # core:LC-10

    async def broken() -> None:
        raise ValueError("no database")

    made = lifecycle(Log(), recorder("a", [], **{hook: broken}))
    with pytest.raises(BootError) as caught:
        asyncio.run(made.load_hooks())
    line = rf"{__file__}:\d+: AppBoot.{hook} failed: ValueError: no database"
    assert re.fullmatch(line, caught.value.line)


def test_an_async_config_hook_is_refused() -> None:
    """Such a hook would silently never be awaited (core:LC-3)."""

    class AppBoot(Boot[Any]):
        async def config_will_load(self) -> None:  # type: ignore[override]
            """Never awaited."""

    with pytest.raises(LoadError, match="config_will_load must be a plain function"):
        lifecycle(Log(), AppBoot(None))


@pytest.mark.parametrize(
    ("name", "hook"),
    [
        ("didload", "did_load"),
        ("did_raedy", "did_ready"),
        ("didReady", "did_ready"),
        ("configWillLoad", "config_will_load"),
        ("server_did_redy", "server_did_ready"),
        ("before_closed", "before_close"),
    ],
)
def test_a_misspelt_hook_is_refused(name: str, hook: str) -> None:
    """Such a method is never called (core:LC-14)."""
    boot = type("AppBoot", (Boot,), {name: lambda self: None})
    line = rf"^/unit0/app.py: AppBoot.{name}: unknown hook \(did you mean '{hook}'\?\)"
    with pytest.raises(LoadError, match=line):
        lifecycle(Log(), boot(None))


def test_methods_of_a_boots_own_are_free() -> None:
    own = dict.fromkeys(("connect", "load", "ready", "close", "_did_raedy"), lambda self: None)
    lifecycle(Log(), type("AppBoot", (Boot,), own)(None))


def test_every_closing_hook_runs_though_others_fail_or_hang() -> None:
    """Each is contained and limited (core:LC-8, process:CL-84)."""
    log, events = Log(), []

    def broken() -> None:
        raise ValueError("no")

    async def hanging() -> None:
        await asyncio.Event().wait()

    async def main() -> None:
        made = lifecycle(log)
        made.close_timeout = 0.01
        made.before_close("first", lambda: events.append("first"))
        made.before_close("broken", broken)
        made.before_close("hanging", hanging)
        await asyncio.gather(made.close(), made.close())

    asyncio.run(main())
    assert events == ["first"]
    assert log.lines[0] == "hanging: not done after 0.01 s"
    assert log.lines[1] == "broken failed: ValueError: no"


def test_did_ready_receives_the_error_of_a_failed_start_and_its_own_is_contained() -> None:
    # core:LC-6, LC-10
    log, seen = Log(), []

    def did_ready(error: Exception) -> None:
        seen.append(error)
        raise RuntimeError("late")

    error = BootError("no")
    asyncio.run(lifecycle(log, recorder("a", [], did_ready=did_ready)).did_ready(error))
    assert seen == [error]
    assert log.lines[0] == "/unit0/app.py:did_ready failed: RuntimeError: late"


def test_before_close_is_registered_right_after_its_boots_config_did_load() -> None:
    """If the hook of a later boot fails, the earlier boots release their resources (core:LC-4)."""

    def broken() -> None:
        raise ValueError("no")

    events: list[str] = []
    boots = (recorder("a", events), recorder("b", events, config_did_load=broken))
    made = lifecycle(Log(), *boots)
    with pytest.raises(BootError, match=r"config_did_load failed: ValueError: no"):
        made.config_hooks()
    asyncio.run(made.close())
    assert events[-1] == "a.before_close"


def test_nothing_is_added_when_it_is_too_late() -> None:
    # core:LC-9

    async def main() -> Lifecycle:
        made = lifecycle(Log())
        made.config_hooks()
        await made.close()
        return made

    made = asyncio.run(main())
    with pytest.raises(LoadError, match="no boot can be added any more"):
        made.add(recorder("a", []), Path("/app.py"))
    with pytest.raises(BootError, match="comes too late: the app has been closed"):
        made.before_close("app.py", lambda: None)


def test_a_close_callback_must_be_a_function() -> None:
    # core:LC-9
    with pytest.raises(BootError, match="must be a function, not 'close'"):
        lifecycle(Log()).before_close("app.py", "close")  # type: ignore[arg-type]


class Waiting(Log):
    """Tells when it was warned."""

    def __init__(self) -> None:
        super().__init__()
        self.warned = asyncio.Event()

    def warn(self, msg: object, *args: object) -> None:
        self.error(msg, *args)
        self.warned.set()


def test_a_slow_task_is_named_and_start_goes_on() -> None:
    # core:LC-11, LC-12, process:LOG-71
    shown: list[str] = []

    async def main() -> list[str]:
        log = Waiting()
        made = Lifecycle(lambda: log, shown.append)
        made.slow_after = 0.01
        boots = [recorder("a", [], did_load=log.warned.wait), recorder("b", [])]
        for boot, name in zip(boots, "ab", strict=True):
            made.add(boot, Path(f"/{name}/app.py"))
        await made.load_hooks()
        return log.lines

    lines = asyncio.run(main())
    assert "0.01 seconds later /a/app.py:did_load was still unable to finish" in lines
    assert lines[0] == "end ready task /b/app.py:did_load, remain [/a/app.py:did_load]"
    assert shown[1:3] == [
        "waiting for /a/app.py:did_load, /b/app.py:did_load",
        "waiting for /a/app.py:did_load",
    ]


def test_a_boot_sees_what_it_boots() -> None:
    """`app` is the agent in agent.py (core:LC-14)."""

    class App:
        config, logger = {"a": 1}, Log()

    boot: Boot[Any] = Boot(App)
    assert [boot.app, boot.config, boot.logger] == [App, App.config, App.logger]


@pytest.mark.parametrize("error", [SystemExit(0), asyncio.CancelledError()])
def test_a_hook_that_leaves_by_the_back_door_has_failed(error: BaseException) -> None:
    """Or the process would end without a reason, or serve without the hook (core:LC-10)."""

    def leave(*args: object) -> None:
        raise error

    made = lifecycle(Log(), recorder("a", [], did_load=leave))
    with pytest.raises(BootError, match=f"AppBoot.did_load failed: {type(error).__name__}"):
        asyncio.run(made.load_hooks())
    log = Log()
    asyncio.run(lifecycle(log, recorder("a", [], did_ready=leave)).did_ready())
    assert log.lines[0].startswith(f"/unit0/app.py:did_ready failed: {type(error).__name__}")


@pytest.mark.parametrize(
    ("files", "place"),
    [
        ({"app.py": INIT}, "app.py:6: AppBoot.__init__ failed: KeyError: 'url'"),
        (
            {
                "app.py": "from lib.start import AppBoot as Start\nclass AppBoot(Start): ...\n",
                "lib/start.py": INIT,
            },
            "lib/start.py:6: AppBoot.__init__ failed: KeyError: 'url'",
        ),
    ],
)
def test_a_boot_that_cannot_be_made_names_file_and_line(
    tmp_path: Path, files: dict[str, str], place: str
) -> None:
    make_app(tmp_path / "shop", files)
    imports = OwnImports(tmp_path / "shop")
    with pytest.raises(BootError) as caught:
        loaded(tmp_path / "shop", {})
    imports.forget()
    assert caught.value.line == f"{tmp_path}/shop/{place}"


SHAPES = {
    "one argument too many": ("    async def did_load(self, x): ...", 4, "`self` alone", "(self)"),
    "a plain function, too": ("    def will_ready(self, x): ...", 4, "`self` alone", "(self)"),
    "a keyword it needs": ("    def did_load(self, *, x): ...", 4, "`self` alone", "(self)"),
    "no self": ("    def before_close(): ...", 4, "`self` alone", "(self)"),
    "config hook": ("    def config_did_load(self, config): ...", 4, "`self` alone", "(self)"),
    "without the error": ("    def did_ready(self): ...", 4, "and `error`", "(self, error)"),
    "a number": ("    did_load = 5", 4, "must be a function, not 5", "(self)"),
    "None": ("    x = 1\n    server_did_ready = None", 5, "not None", "(self)"),
    "set later": ("    def __init__(self, app):\n        self.did_load = 5", 5, "not 5", "(self)"),
}


@pytest.mark.parametrize(("body", "line", "said", "arguments"), SHAPES.values(), ids=SHAPES)
@pytest.mark.parametrize("file", ["app.py", "agent.py"])
def test_a_hook_that_cannot_be_called_is_an_error_at_load(
    tmp_path: Path, file: str, body: str, line: int, said: str, arguments: str
) -> None:
    """`eggd check` finds it, too, though it does not run the hook."""
    app = make_app(tmp_path, {file: f"import eggd\n\nclass Own(eggd.Boot):\n{body}\n"})
    with pytest.raises(LoadError) as caught:
        check(app, "", {})
    assert caught.value.message.startswith(f"{app}/{file}:{line}: Own.")
    assert said in caught.value.message
    assert caught.value.hint.endswith(arguments)


@pytest.mark.parametrize(
    "body",
    [
        "def did_ready(self, *args): ...",
        "def did_ready(self, failure=None, **more): ...",
        "@staticmethod\n    def did_load(): ...",
        "@classmethod\n    async def did_load(cls, times=1): ...",
        "did_load = lambda self: None",
    ],
)
def test_a_hook_that_can_be_called_is_taken(tmp_path: Path, body: str) -> None:
    app = make_app(tmp_path, {"app.py": f"import eggd\nclass Own(eggd.Boot):\n    {body}\n"})
    assert check(app, "", {}).warnings == []
