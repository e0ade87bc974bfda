"""Apps are started once, or with options, and closed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from eggd.errors import EggError
from eggd.testing.app_starter import AppStarter
from eggd.testing.client import Client
from eggd.testing.running_app import RunningApp

Start = Callable[..., RunningApp]
Make = Callable[..., Path]

PLUGIN = {
    "plugin.toml": 'name = "hat"',
    "app/extend/application.py": "class Application:\n    hat = 'red'\n",
}
FRAMEWORK = """
    from pathlib import Path
    import eggd

    class Application(eggd.Application):
        root = Path(__file__).parent
        motto = "eggs first"

    class Agent(eggd.Agent):
        root = Path(__file__).parent
    """


def test_an_app_is_started_once(app: Any, eggd_starter: AppStarter, app_dir: Path) -> None:
    # core:MOCK-1
    assert eggd_starter.running_app(app_dir).app is app


def test_a_folder_may_be_text_and_relative(
    app: Any, eggd_starter: AppStarter, app_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # core:MOCK-1
    monkeypatch.chdir(app_dir.parent)
    assert eggd_starter.running_app(app_dir.name).app is app


def test_a_closed_app_is_started_anew(eggd_starter: AppStarter, make_app: Make) -> None:
    # core:MOCK-14
    folder = make_app({})
    first = eggd_starter.running_app(folder)
    first.close()
    first.close()
    second = eggd_starter.running_app(folder)
    assert second.app is not first.app
    second.close()


def test_an_app_may_be_of_another_environment(
    app: Any, start_app: Start, app_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The cached one stays what it is; variables are read at the start (core:MOCK-1, MOCK-2)."""
    monkeypatch.setenv("EGG_HOME", "/srv/home")
    other = start_app(app_dir, env="prod")
    assert (other.app is app, other.app.env, app.env) == (False, "prod", "unittest")
    assert Client(other).get("/").text == "good day"
    assert str(other.app.info.root) == "/srv/home"


def test_the_variable_says_the_environment(
    start_app: Start, make_app: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    # core:MOCK-1, MOCK-2
    monkeypatch.setenv("EGG_SERVER_ENV", "ci")
    assert start_app(make_app({})).app.env == "ci"
    monkeypatch.delenv("EGG_SERVER_ENV")
    assert start_app(make_app({})).app.env == "unittest"


def test_an_app_may_have_more_plugins(start_app: Start, make_app: Make) -> None:
    # core:MOCK-1
    plugin = make_app(PLUGIN, "hat")
    started = start_app(make_app({}), plugins={"hat": {"path": str(plugin)}})
    assert started.app.hat == "red"  # type: ignore[attr-defined]


def test_an_app_may_rest_on_a_framework(
    start_app: Start, make_app: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    # core:MOCK-1
    monkeypatch.syspath_prepend(str(make_app({"nest/__init__.py": FRAMEWORK}, "lib")))
    started = start_app(make_app({}), framework="nest")
    assert started.app.motto == "eggs first"  # type: ignore[attr-defined]


def test_an_app_may_be_changed_before_it_loads(start_app: Start, app_dir: Path) -> None:
    """BeforeInit (core:MOCK-1)."""
    seen: list[Any] = []

    def before(app: Any) -> None:
        seen.append(len(app.service_classes))
        app.nest = "here"

    started = start_app(app_dir, before_init=before)
    assert (seen, started.app.nest) == ([0], "here")  # type: ignore[attr-defined]


def test_a_failed_start_raises_and_leaves_nothing(start_app: Start, make_app: Make) -> None:
    """A failure to get ready is the caller's (core:MOCK-1)."""
    with pytest.raises(EggError, match="ZeroDivisionError"):
        start_app(make_app({"app/router.py": "1 / 0"}))


@pytest.mark.parametrize("name", ["a", "b"])
def test_each_app_imports_its_own(start_app: Start, make_app: Make, name: str) -> None:
    """As in a process of its own: the same name means another file in another app."""
    router = """
        from lib.inner.words import WORD

        def router(app):
            app.router.get("/", lambda ctx: WORD)
        """
    files = {"app/router.py": router, "lib/inner/words.py": f"WORD = {name!r}"}
    assert Client(start_app(make_app(files, name))).get("/").text == name


def test_logs_are_not_in_the_app(running_app: RunningApp, app_dir: Path, tmp_path: Path) -> None:
    """Nothing to clean, and nothing shared between sessions side by side (core:MOCK-1)."""
    assert not (app_dir / "logs").exists()
    assert not (app_dir / "run").exists()
    assert running_app.app.loggers.dir.parent.parent.parent == tmp_path.parent


@pytest.mark.parametrize(("level", "line"), [("INFO", "App root"), ("NONE", "")])
def test_the_terminals_level_is_eggs(
    start_app: Start,
    make_app: Make,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    level: str,
    line: str,
) -> None:
    # core:MOCK-2
    monkeypatch.setenv("EGG_LOG", level)
    start_app(make_app({}))
    told = capfd.readouterr().err
    assert line in told
    assert bool(told) is bool(line)


def test_the_agent_is_in_the_same_process(app: Any, agent: Any) -> None:
    # core:MOCK-11
    assert (agent.type, agent.application, app.agent) == ("agent", app, agent)
