"""Which app a test is about: the one whose folder it is in, unless it is said."""

from __future__ import annotations

import tomllib
from pathlib import Path

from eggd.errors import BootError
from eggd.smallfile import read_small

_SIGNS = (
    *("app.py", "agent.py", "app/router.py", "app/router", "app/controller", "app/command"),
    *("config/config_default.py", "config/plugin.py"),
)
"""What the folder of an app has one of, beside its pyproject.toml."""


def base_dir_of(test: Path, top: Path) -> Path:
    """Returns the nearest folder from `test` up to `top` that is an app's; raises BootError."""
    above = [folder for folder in (test, *test.parents) if folder.is_relative_to(top)]
    for folder in above:
        if is_app(folder):
            return folder
    plugin = next((folder for folder in above if _is_plugin(folder)), None)
    if plugin is not None:
        raise BootError(
            f"{plugin} is a plugin: its tests need an app that uses it",
            hint="override the fixture `app_dir`: return make_app(...)",
        )
    raise BootError(
        f"no app at or above {test}",
        hint="ini option eggd_base_dir, or override the fixture `app_dir`",
    )


def is_app(folder: Path) -> bool:
    """Whether a folder looks like an app's; a plugin's looks much like it, but says what it is."""
    found = any((folder / sign).exists() for sign in _SIGNS)
    return found and (folder / "pyproject.toml").is_file() and not _is_plugin(folder)


def _is_plugin(folder: Path) -> bool:
    if (folder / "plugin.toml").is_file():
        return True
    try:
        found = tomllib.loads(read_small(folder / "pyproject.toml").decode())
    except (OSError, ValueError, RecursionError):
        return False
    project = found.get("project")
    points = project.get("entry-points") if isinstance(project, dict) else None
    return isinstance(points, dict) and "eggd.plugins" in points
