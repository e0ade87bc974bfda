"""Finds the app of a test: by default the app whose folder contains the test."""

from __future__ import annotations

import tomllib
from pathlib import Path

from eggd.errors import DirectoryError
from eggd.smallfile import read_small

_SIGNS = (
    *("app.py", "agent.py", "app/router.py", "app/router", "app/controller", "app/command"),
    *("config/config_default.py", "config/plugin.py"),
)
"""The folder of an app has one of these, and a pyproject.toml."""


def base_dir_of(test: Path, top: Path) -> Path:
    """Returns the first folder of an app from `test` up to `top`; raises DirectoryError."""
    above = [folder for folder in (test, *test.parents) if folder.is_relative_to(top)]
    for folder in above:
        if is_app(folder):
            return folder
    plugin = next((folder for folder in above if _is_plugin(folder)), None)
    if plugin is not None:
        raise DirectoryError(
            f"{plugin} is a plugin: its tests need an app that uses it",
            hint="override the fixture `app_dir`: return make_app(...)",
        )
    raise DirectoryError(
        f"no app at or above {test}",
        hint="set the ini option eggd_base_dir, or override the fixture `app_dir`",
    )


def is_app(folder: Path) -> bool:
    """Returns whether a folder looks like an app; a plugin has the same files and a mark."""
    has_sign = any((folder / sign).exists() for sign in _SIGNS)
    return has_sign and (folder / "pyproject.toml").is_file() and not _is_plugin(folder)


def _is_plugin(folder: Path) -> bool:
    if (folder / "plugin.toml").is_file():
        return True
    try:
        table = tomllib.loads(read_small(folder / "pyproject.toml").decode())
    except (OSError, ValueError, RecursionError):
        return False
    project = table.get("project")
    points = project.get("entry-points") if isinstance(project, dict) else None
    return isinstance(points, dict) and "eggd.plugins" in points
