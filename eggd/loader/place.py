"""Finds a plugin (a folder, a package or an entry point), and reads its plugin.toml.

    [project.entry-points."eggd.plugins"]      # in the pyproject.toml of eggd-hat
    hat = "eggd_hat"

An installed plugin with such an entry point needs no `package`: `hat = True` finds it.
"""

from __future__ import annotations

import importlib.util
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from eggd.config.section import coerce
from eggd.errors import ConfigError, PluginError
from eggd.failure import describe
from eggd.loader.declared import DeclaredPlugin, Requirements
from eggd.spelling import suggestion
from eggd.version import __version__

GROUP = "eggd.plugins"
"""The entry points by which installed plugins give their names."""

METADATA = "plugin.toml"


@dataclass(frozen=True, slots=True, kw_only=True)
class PluginToml(Requirements):
    """The `plugin.toml` of a plugin's folder: its own facts (core:PLG-10)."""

    name: str = ""
    """Its name; the one under which apps declare it."""
    version: str = ""
    """Its version; that of its package when not given."""
    extends: list[str] = field(default_factory=list)
    """More files of `app/extend` that it reads, by `app.extension_modules`: `filter`."""
    strict: bool = True
    """Whether another name in config/plugin.py is worth a warning."""


@dataclass(frozen=True, slots=True)
class Place:
    """The folder and package of one plugin."""

    root: Path
    """Its folder, symbolic links resolved (core:PLG-22)."""
    package: str
    """Its importable package, "" for a plain folder."""


def locate(declared: DeclaredPlugin, known: Sequence[str] = ()) -> Place:
    """Returns the folder of the plugin. Raises PluginError with the places that were searched.

    The hint of an error names the nearest of the `known` plugins.
    """
    entry = declared.entry
    if entry.path:
        return Place(_folder(declared), "")
    if entry.package:
        _refuse_path(declared)
        return Place(_package_root(declared, entry.package), entry.package)
    package = installed(declared.name)
    if package is None:
        raise PluginError(
            f"{declared.where}: plugin {declared.name}: no installed package has this entry point"
            f" of {GROUP}",
            hint=_installed_like(declared.name)
            or suggestion(declared.name, known)
            or "install it, or set its package or path",
        )
    return Place(_package_root(declared, package), package)


def installed(name: str) -> str | None:
    """Returns the package whose entry point has that name, None without one.

    Raises PluginError if two packages claim it.
    """
    from importlib import metadata  # takes 15 ms

    modules = {point.module for point in metadata.entry_points(group=GROUP, name=name)}
    if len(modules) > 1:
        names = ", ".join(sorted(modules))
        raise PluginError(
            f"entry points {GROUP}: plugin {name} is in more than one package: {names}",
            hint="set the package of one of them in config/plugin.py",
        )
    return next(iter(modules), None)


def _installed_like(name: str) -> str:
    from importlib import metadata

    return suggestion(name, {point.name for point in metadata.entry_points(group=GROUP)})


def read_metadata(root: Path) -> PluginToml | None:
    """Returns the folder's plugin.toml, or None. Raises ConfigError for a bad one."""
    path = root / METADATA
    try:
        with path.open("rb") as file:
            values = tomllib.load(file)
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as exc:
        raise ConfigError(f"{path}: {exc}") from exc
    return coerce(PluginToml, values, (), lambda key: str(path))


def version(package: str) -> str:
    """Returns the version of the distribution that has the package, "" if unknown."""
    top = package.partition(".")[0]
    if top in ("", "eggd"):
        return __version__ if top else ""
    from importlib import metadata

    try:
        return metadata.version(top.replace("_", "-"))
    except metadata.PackageNotFoundError:
        points = metadata.entry_points(group=GROUP)
        named = (point.dist for point in points if point.module == package)
        return next((dist.version for dist in named if dist is not None), "")


def _folder(declared: DeclaredPlugin) -> Path:
    root = declared.folder / declared.entry.path
    if root.is_dir():
        return root.resolve()
    raise PluginError(
        f"{declared.where}: plugin {declared.name}: path {declared.entry.path!r}: the folder"
        f" {str(root)!r} does not exist",
        hint=f"a relative path starts at {declared.folder}",
    )


def _refuse_path(declared: DeclaredPlugin) -> None:
    package = declared.entry.package
    if package.startswith((".", "/")) or ":" in package:
        raise PluginError(
            f"{declared.where}: plugin {declared.name} invalid, use 'path' instead of package:"
            f" {package!r}"
        )
    if not all(part.isidentifier() for part in package.split(".")):
        raise PluginError(
            f"{declared.where}: plugin {declared.name}: package {package!r} is not an import name",
            hint=f"{package.replace('-', '_')}, perhaps: as in `import ...`",
        )


def _package_root(declared: DeclaredPlugin, package: str) -> Path:
    what = f"package {package!r} of plugin {declared.name}"
    try:
        spec = importlib.util.find_spec(package)
    except ModuleNotFoundError:
        spec = None
    except Exception as exc:  # a package around it that fails while it is imported
        raise PluginError(f"{declared.where}: cannot import {what}: {describe(exc)}") from exc
    if spec is None:
        raise PluginError(
            f"{declared.where}: cannot find {what}",
            hint="pip install it where the app runs, or set its path",
        )
    if not spec.submodule_search_locations:
        raise PluginError(f"{declared.where}: {what} is a single file", hint="make it a folder")
    return Path(next(iter(spec.submodule_search_locations))).resolve()
