"""What lies where nobody loads it is said at the start (core:DIR-1, core:DIR-2)."""

from __future__ import annotations

import difflib
from collections.abc import Sequence

from eggd.errors import LoadError
from eggd.loader.unit import LoadUnit

IN_APP = (
    "command",
    "controller",
    "extend",
    "middleware",
    "public",
    "router.py",
    "schedule",
    "service",
    "view",
)
"""What the folder `app` of a unit may hold; anything else there is the unit's own."""

_ONLY_THE_APP = ("app/router.py", "app/controller")


def refuse_misplaced(units: Sequence[LoadUnit]) -> None:
    """Raise LoadError for a plugin's or framework's file that is only loaded from the app."""
    for unit in units:
        if unit.kind == "app":
            continue
        found = [unit.root / name for name in _ONLY_THE_APP if (unit.root / name).exists()]
        if unit.kind == "plugin":
            found += sorted((unit.root / "config").glob("plugin*.py"))
        if found:
            raise LoadError(
                f"{found[0]}: is not loaded from a {unit.kind} ({unit.name})",
                hint="only an app has routes and controllers, only frameworks and apps switch"
                " plugins; plugin.toml names what a plugin needs",
            )


def misnamed(units: Sequence[LoadUnit]) -> list[str]:
    """Return a line for each file or folder that is probably called wrongly."""
    lines = []
    for unit in units:
        folder = unit.root / "app"
        names = sorted(entry.name for entry in folder.iterdir()) if folder.is_dir() else []
        if "config" in names:
            lines.append(f"{folder / 'config'}: is not loaded: the config is in {unit.root}/config")
        for name in names:
            near = difflib.get_close_matches(name, IN_APP, n=1, cutoff=0.8)
            beside = name.endswith(".py") and near and near[0] in names
            if near and name not in IN_APP and not beside:
                lines.append(f"{folder / name}: is not loaded (did you mean {near[0]}?)")
    return lines
