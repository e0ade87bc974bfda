"""What lies where nobody loads it is an error or a warning, never silence."""

from __future__ import annotations

from pathlib import Path

import pytest

from eggd.errors import LoadError
from eggd.loader.layout import misnamed, refuse_misplaced
from eggd.loader.unit import Kind, LoadUnit
from eggd.testing.make_app import make_app


def unit(root: Path, kind: Kind, *names: str) -> LoadUnit:
    return LoadUnit("one", kind, make_app(root, dict.fromkeys(names, "")))


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
def test_what_only_an_app_has_is_refused_elsewhere(tmp_path: Path, kind: Kind, name: str) -> None:
    """core:DIR-2."""
    with pytest.raises(LoadError, match=f"is not loaded from a {kind} \\(one\\)"):
        refuse_misplaced([unit(tmp_path, kind, name)])


@pytest.mark.parametrize(
    ("kind", "name"), [("framework", "config/plugin.py"), ("app", "app/router.py")]
)
def test_where_it_belongs_it_is_fine(tmp_path: Path, kind: Kind, name: str) -> None:
    """core:DIR-2, core:FW-3."""
    refuse_misplaced([unit(tmp_path, kind, name)])


@pytest.mark.parametrize(
    ("names", "told"),
    [
        (["app/controllers/home.py"], "app/controllers: is not loaded (did you mean controller?)"),
        (["app/routers.py"], "app/routers.py: is not loaded (did you mean router.py?)"),
        (["app/config/config_default.py"], "app/config: is not loaded: the config is in"),
        (["app/router.py", "app/routers.py"], ""),
        (["app/controller/home.py", "app/model/user.py", "app/view/a.html"], ""),
        ([], ""),
    ],
)
def test_a_name_that_is_nearly_right_is_told(tmp_path: Path, names: list[str], told: str) -> None:
    """core:DIR-1: the complaint that wrong names are ignored silently."""
    lines = misnamed([unit(tmp_path, "app", *names)])
    assert len(lines) == bool(told)
    assert told in "".join(lines)
