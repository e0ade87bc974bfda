"""`PluginTable`: which plugins are on, where they are, in which order they load (core:PLG-*)."""

from __future__ import annotations

import importlib.util
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from eggd.config.sources import AppInfo
from eggd.errors import PluginError
from eggd.loader.unit import LoadUnit


@dataclass(frozen=True, slots=True, kw_only=True)
class Plugin:
    """One plugin as it was finally defined."""

    name: str
    """Its name, the key in config/plugin.py."""
    enable: bool = True
    """Whether it is loaded."""
    package: str = ""
    """The Python package that holds it, "" where `path` does."""
    root: Path | None = None
    """Its folder, None where it is disabled and nothing needed to find it."""
    origin: str = ""
    """The file that last defined it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PluginTable:
    """What the plugin files come to."""

    order: Sequence[Plugin] = ()
    """The enabled ones, dependencies first."""
    all: Mapping[str, Plugin] = field(default_factory=dict)
    """Every one by name, the disabled ones included."""

    @property
    def units(self) -> list[LoadUnit]:
        """The enabled ones as load units."""
        return [
            LoadUnit(plugin.name, "plugin", plugin.root, plugin.package)
            for plugin in self.order
            if plugin.root is not None
        ]


def load_plugins(
    units: Sequence[LoadUnit], info: AppInfo, environ: Mapping[str, str]
) -> PluginTable:
    """Return the table of what the plugin files of `units` (frameworks, then the app) say."""
    found: dict[str, Plugin] = {}
    for unit in units:
        module = unit.load("config/plugin.py")
        for name, entry in vars(module).items() if module else ():
            if isinstance(entry, dict) and "package" in entry:
                package = entry["package"]
                found[name] = Plugin(name=name, package=package, root=_package_root(package))
    return PluginTable(order=list(found.values()), all=found)


def _package_root(package: str) -> Path:
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise PluginError(f"can not find plugin package {package!r}")
    return Path(next(iter(spec.submodule_search_locations)))
