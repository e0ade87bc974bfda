"""Plugins, frameworks and app as one: the order in which they load, and which of them wins."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from eggd.app.application import Application
from eggd.app.assemble import load_units
from eggd.app.loading.host import Host
from eggd.errors import EggError
from eggd.loader.metadata import app_info
from eggd.log import setup_console
from eggd.testing.make_app import make_app
from tests.app.serving import application, served

WHO = "def who(options, app):\n    async def middleware(ctx, next): ctx.body = '{0}'\n"
WHO += "    return middleware\n"

PLUGIN = {
    "lib/one/plugin.toml": 'name = "one"',
    "lib/one/app/middleware/who.py": WHO.format("plugin"),
    "lib/one/app/service/place.py": "from eggd import Service\nclass Place(Service): at = 'plugin'",
    "lib/one/config/config_default.py": "size = 'plugin'\nplugin = 1",
    "config/plugin.py": 'one = {"path": "lib/one"}',
}

FRAMEWORK = {
    "{name}/__init__.py": """
        from pathlib import Path
        import eggd
        class Application(eggd.Application):
            root = Path(__file__).parent
        class Agent(eggd.Agent):
            root = Path(__file__).parent
        """,
    "{name}/app/middleware/who.py": WHO.format("framework"),
    "{name}/app/extend/context.py": "class Context:\n    level = 'framework'",
    "{name}/config/config_default.py": "size = 'framework'\nframework = 1",
}


@pytest.fixture
def framework(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Makes a framework that can be imported, and returns its name."""
    name = f"g_{tmp_path.name}"
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    make_app(tmp_path, {path.format(name=name): text for path, text in FRAMEWORK.items()})
    return name


def shop(framework: str, **files: str) -> dict[str, str]:
    tool = f'[project]\nname = "shop"\n[tool.eggd]\nframework = "{framework}"\n'
    return {**PLUGIN, "pyproject.toml": tool, **files}


def test_plugins_then_frameworks_then_the_app(tmp_path: Path, framework: str) -> None:
    # core:DIR-2, DIR-3
    app = application(make_app(tmp_path / "shop", shop(framework)))
    units = [(unit.kind, unit.name) for unit in app.units]
    assert units[-3:] == [("framework", "eggd"), ("framework", framework), ("app", "shop")]
    assert {kind for kind, _ in units[:-3]} == {"plugin"}
    assert app.plugins.order[-1].name == "one"


def test_the_units_are_found_once(tmp_path: Path, framework: str) -> None:
    """The plugin files are those of frameworks and app; then the list stands (core:DIR-5)."""
    host = application(make_app(tmp_path / "shop", shop(framework))).host
    units = load_units(Application, host)
    assert [unit.name for unit in units.all[-2:]] == ["eggd", "shop"]
    assert units.all == [*units.plugins.units, *units.frameworks, units.app]


@pytest.mark.parametrize(
    ("files", "winner"),
    [
        ({}, "framework"),
        ({"app/middleware/who.py": WHO.format("app")}, "app"),
    ],
)
def test_the_later_unit_wins(
    tmp_path: Path, framework: str, files: dict[str, str], winner: str
) -> None:
    # core:DIR-3, FW-1, FW-3
    config = {"config/config_default.py": "middleware = ['who']"}
    with served(tmp_path / "shop", shop(framework, **config, **files)) as client:
        assert client.get("/").text == winner


def test_everything_of_an_app_but_routes_loads_from_every_unit(
    tmp_path: Path, framework: str
) -> None:
    # core:DIR-1, DIR-2, FW-3
    router = "def router(app): app.router.get('/', lambda c: [c.level, c.service.place.at])"
    files = shop(framework, **{"app/router.py": router})
    with served(tmp_path / "shop", files) as client:
        assert client.get("/").text == '["framework","plugin"]'


def test_the_config_of_every_unit_merges(tmp_path: Path, framework: str) -> None:
    # core:DIR-3, FW-1
    app = application(make_app(tmp_path / "shop", shop(framework)))
    app.load_config()
    assert (app.config.size, app.config.plugin, app.config.framework) == ("framework", 1, 1)


def test_a_plugin_that_is_off_is_not_loaded(tmp_path: Path) -> None:
    """The app's file of a disabled plugin (egg:lib/core/loader/load_app)."""
    off = {"config/plugin.py": 'one = {"path": "lib/one", "enable": False}'}
    app = application(make_app(tmp_path, {**PLUGIN, **off, "lib/one/app.py": "1 / 0"}))
    app.load_config()
    app.load_files()
    assert "one" not in app.plugins.enabled


def test_the_loaded_units_are_logged_at_the_start(tmp_path: Path) -> None:
    # core:PLG-10, PLG-14
    two = {"lib/two/app.py": "", "config/plugin_unittest.py": 'two = {"path": "lib/two"}'}
    app = application(make_app(tmp_path, {**PLUGIN, **two}))
    app.load_config()
    app.report()
    app.loggers.close()
    log = (tmp_path / "logs/egg-web.log").read_text()
    assert " WARN " in log
    assert f"plugin two: plugin.toml is missing in {tmp_path}/lib/two" in log


def test_the_process_may_say_which_plugins(tmp_path: Path) -> None:
    """The start option (core:PLG-3)."""
    root = make_app(tmp_path, PLUGIN)
    console = setup_console("NONE", "test")
    console.close()
    host = Host(
        info=app_info(root, {}, env="unittest"),
        environ={},
        rundir=root / "run",
        log_dir=root / "logs",
        console=console,
        plugins={"one": False, "watcher": False},
    )
    enabled = list(load_units(Application, host).plugins.enabled)
    assert enabled == [
        *("logrotator", "schedule", "cluster_client", "onerror", "session", "security"),
        *("jsonp", "multipart", "static", "view", "i18n", "validate"),
    ]


@pytest.mark.parametrize(
    ("files", "line"),
    [
        ({"lib/one/app/router.py": ""}, "lib/one/app/router.py: is not loaded from a plugin (one)"),
        ({"config/plugin.py": 'http = {"path": "lib/one"}'}, "section 'http' is already declared"),
        ({"pyproject.toml": '[project]\nname="a"\n[tool]\neggd = 1'}, "tool.eggd must be a table"),
    ],
)
def test_a_mismatch_is_one_line(tmp_path: Path, files: dict[str, str], line: str) -> None:
    # core:DIR-2, FW-2
    section = "from dataclasses import dataclass\n@dataclass\nclass OneConfig:\n    a: int = 1\n"
    root = make_app(tmp_path, {**PLUGIN, "lib/one/section.py": section, **files})
    with pytest.raises(EggError) as caught:
        application(root)
    assert line in caught.value.line
