"""Misplaced and misspelt files are an error or a warning."""

from __future__ import annotations

from pathlib import Path

import pytest

from eggd.config import AppInfo
from eggd.errors import LoadError
from eggd.loader.layout import misnamed, refuse_misplaced
from eggd.loader.metadata import app_info
from eggd.loader.unit import Kind, LoadUnit
from eggd.testing.make_app import make_app


def unit(root: Path, kind: Kind, *names: str) -> LoadUnit:
    return LoadUnit("one", kind, make_app(root, dict.fromkeys(names, "")))


def info(root: Path, env: str = "prod") -> AppInfo:
    return app_info(root, {}, env=env)


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("plugin", "config/plugin.py"),
        ("plugin", "config/plugin_local.py"),
        ("plugin", "app/router.py"),
        ("framework", "app/router.py"),
        ("framework", "app/controller/home.py"),
    ],
)
def test_files_of_apps_are_refused_in_plugins(tmp_path: Path, kind: Kind, name: str) -> None:
    # core:DIR-2
    with pytest.raises(LoadError, match=f"is not loaded from a {kind} \\(one\\)"):
        refuse_misplaced([unit(tmp_path, kind, name)])


@pytest.mark.parametrize(
    ("kind", "name"), [("framework", "config/plugin.py"), ("app", "app/router.py")]
)
def test_where_it_belongs_it_is_fine(tmp_path: Path, kind: Kind, name: str) -> None:
    # core:DIR-2, FW-3
    refuse_misplaced([unit(tmp_path, kind, name)])


@pytest.mark.parametrize(
    ("names", "told"),
    [
        (
            ["app/controllers/home.py"],
            "app/controllers: is not loaded (did you mean 'controller'?)",
        ),
        (["app/routers.py"], "app/routers.py: is not loaded (did you mean 'router.py'?)"),
        (["app/config/config_default.py"], "app/config: is not loaded: the config is in"),
        (["app/router.py", "app/routers.py"], ""),
        (["app/router/admin.py"], ""),
        (["app/extends/context.py"], "app/extends: is not loaded (did you mean 'extend'?)"),
        (["app/middlewares/x.py"], "app/middlewares: is not loaded (did you mean 'middleware'?)"),
        (["app/Controller/x.py"], "app/Controller: is not loaded (did you mean 'controller'?)"),
        (["app/schedules/clean.py"], "app/schedules: is not loaded (did you mean 'schedule'?)"),
        (["config/plugins.py"], "config/plugins.py: is not loaded (did you mean 'plugin.py'?)"),
        (["config/plugin.py", "config/plugins.py"], ""),
        (["config/config_defualt.py"], "in env 'defualt' alone (did you mean 'config_default.py"),
        (
            ["config/config_production.py"],
            "in env 'production' alone (did you mean 'config_prod.py",
        ),
        (["config/plugin_prdo.py"], "in env 'prdo' alone (did you mean 'plugin_prod.py'?)"),
        (
            ["config/configDefault.py"],
            "configDefault.py: is not loaded (did you mean 'config_defau",
        ),
        (["config/config_lokal.py"], "in env 'lokal' alone (did you mean 'config_local.py'?)"),
        (["config/config_staging.py", "config/config_prod.py", "config/plugin_local.py"], ""),
        (["config/config_shop.py", "config/config_shop_prod.py"], ""),
        (["app/extend/context_prd.py"], "env 'prd' alone (did you mean 'context_prod.py'?)"),
        (["app/extend/context_prod.py", "app/extend/helper_staging.py"], ""),
        (["app/rooter.py"], "app/rooter.py: is not loaded (did you mean 'router.py'?)"),
        (["section.py"], "section.py: is not loaded: only plugins and frameworks declare sections"),
        (
            ["config/config_default.json"],
            "config_default.json: is not read (write it in Python: config_default.py)",
        ),
        (["config/config.prod.js"], "is not read (write it in Python: config_prod.py)"),
        (["config/plugin.yaml"], "is not read (write it in Python: plugin.py)"),
        (["config/config.json", "config/names.json"], ""),
        (["agents.py"], "agents.py: is not loaded (did you mean 'agent.py'?)"),
        (["apps.py", "app.py"], ""),
        (["configs/config_default.py"], "configs: is not loaded (did you mean 'config'?)"),
        (["router.py"], "router.py: is not loaded (did you mean 'app/router.py'?)"),
        (["router.py", "app/router/admin.py"], ""),
        (["lib/db.py", "README.md", "tests/test_a.py", "docs/a.md", "applets/a.py"], ""),
        (["app/controller/home.py", "app/model/user.py", "app/view/a.html"], ""),
        ([], ""),
    ],
)
def test_a_misspelt_name_is_reported(tmp_path: Path, names: list[str], told: str) -> None:
    """The complaint that wrong names are ignored silently (core:DIR-1)."""
    lines = misnamed([unit(tmp_path, "app", *names)], info(tmp_path))
    assert len(lines) == bool(told)
    assert told in "".join(lines)


@pytest.mark.parametrize(
    ("env", "names", "told"),
    [
        ("prd", ["config/config_prod.py"], "--env: env 'prd' has no config_prd.py (did you mean"),
        ("production", [], "(did you mean 'prod'?)"),
        ("prd", ["config/config_prd.py"], ""),
        ("staging", ["config/config_prod.py"], ""),
    ],
)
def test_a_misspelt_environment_without_a_file_is_reported(
    tmp_path: Path, env: str, names: list[str], told: str
) -> None:
    lines = misnamed([unit(tmp_path, "app", *names)], info(tmp_path, env))
    assert len(lines) == bool(told)
    assert told in "".join(lines)


@pytest.mark.parametrize(("table", "told"), [("egg", True), ("egd", True), ("poetry", False)])
def test_a_misspelt_table_of_the_project_is_reported(
    tmp_path: Path, table: str, told: bool
) -> None:
    text = f'[project]\nname = "shop"\n[tool.{table}]\nframework = "acme"\n'
    make_app(tmp_path, {"pyproject.toml": text})
    line = f"{tmp_path}/pyproject.toml: tool.{table}: is not read (did you mean 'tool.eggd'?)"
    assert misnamed([], info(tmp_path)) == [line][: int(told)]
