"""The app of a test is found by its folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from eggd.errors import BootError
from eggd.testing.base_dir import base_dir_of
from eggd.testing.make_app import make_app

SIGNS = ["app.py", "agent.py", "app/router.py", "app/controller/home.py", "config/plugin.py"]


@pytest.mark.parametrize("sign", SIGNS)
def test_the_app_around_a_test_is_found(tmp_path: Path, sign: str) -> None:
    # core:MOCK-1
    app = make_app(tmp_path / "shop", {sign: "", "tests/app/test_a.py": ""})
    assert base_dir_of(app / "tests" / "app", tmp_path) == app


def test_the_nearest_app_is_tested(tmp_path: Path) -> None:
    make_app(tmp_path, {"app.py": ""})
    inner = make_app(tmp_path / "inner", {"app.py": ""})
    assert base_dir_of(inner / "tests", tmp_path) == inner


PLUGINS = [
    {"plugin.toml": 'name = "visits"', "app.py": "", "config/config_default.py": ""},
    {"pyproject.toml": '[project.entry-points."eggd.plugins"]\nvisits = "eggd_visits"'},
]


@pytest.mark.parametrize("files", PLUGINS)
def test_a_plugin_is_not_an_app(tmp_path: Path, files: dict[str, str]) -> None:
    # core:MOCK-13
    plugin = make_app(tmp_path / "visits", files)
    with pytest.raises(BootError, match="is a plugin: its tests need an app that uses it") as info:
        base_dir_of(plugin / "tests", tmp_path)
    assert "app_dir" in info.value.hint


def test_a_plugin_inside_an_app_is_tested_with_it(tmp_path: Path) -> None:
    app = make_app(tmp_path / "shop", {"app.py": ""})
    plugin = make_app(app / "lib" / "visits", PLUGINS[0])
    assert base_dir_of(plugin / "tests", tmp_path) == app


def test_a_test_outside_of_any_app_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("not = [toml")
    with pytest.raises(BootError, match="no app at or above"):
        base_dir_of(tmp_path, tmp_path)
