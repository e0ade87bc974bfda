"""The declared plugins: `config/plugin.py` of frameworks and app, then EGG_PLUGINS.

    hat = {"package": "eggd_hat"}            # or {"path": "plugins/hat"}
    session = False                          # the short form of {"enable": False}

Plugins are not located here, but when they are needed (place.py).
"""

from __future__ import annotations

import json
import keyword
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from types import ModuleType

from eggd.config.lines import Lines
from eggd.config.section import coerce
from eggd.config.sources import AppInfo, kinds
from eggd.errors import ConfigError, PluginError
from eggd.importer import import_file
from eggd.loader.unit import LoadUnit

VARIABLE = "EGG_PLUGINS"
"""The environment variable that overrides the plugin files."""
OPTION = "options.plugins"


@dataclass(frozen=True, slots=True, kw_only=True)
class Requirements:
    """The keys that a plugin file and a plugin.toml share."""

    env: list[str] = field(default_factory=list)
    """The environments in which it is loaded; empty means every one."""
    dependencies: list[str] = field(default_factory=list)
    """Names of plugins that it requires."""
    optional_dependencies: list[str] = field(default_factory=list)
    """Names of plugins that load before it where they are enabled."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PluginEntry(Requirements):
    """The keys of one plugin in a plugin file (core:PLG-1)."""

    enable: bool = True
    """Whether it is loaded."""
    package: str = ""
    """The installed Python package that holds it."""
    path: str = ""
    """The folder that holds it, relative to the declaring load unit; excludes `package`."""


@dataclass(frozen=True, slots=True)
class Definition:
    """The keys that one file sets for one plugin."""

    name: str
    values: Mapping[str, object]
    origin: str
    folder: Path
    """The base of a relative `path`."""


@dataclass(frozen=True, slots=True)
class DeclaredPlugin:
    """A plugin as all files together define it."""

    name: str
    entry: PluginEntry
    origin: str
    """The file that defined it last (core:PLG-6)."""
    folder: Path
    """The base of a relative `path`: the folder of the load unit that set it."""

    @property
    def where(self) -> str:
        """The origin with the line, where it can be found."""
        return _located(self.name, self.origin)


def file_definitions(unit: LoadUnit, info: AppInfo) -> Iterator[Definition]:
    """Yields the plugins of a framework or app. Raises ConfigError, LoadError."""
    for path in _files(unit.root / "config", info):
        module = import_file(path, unit.name)
        entries = {
            key: value for key, value in vars(module).items() if _is_entry(key, value, module)
        }
        yield from _definitions(entries, str(path), unit.root)


def variable_definitions(environ: Mapping[str, str], folder: Path) -> Iterator[Definition]:
    """Yields the plugins of EGG_PLUGINS. Raises ConfigError if it is not a JSON object."""
    text = environ.get(VARIABLE, "")
    if not text:
        return
    try:
        entries = json.loads(text)
    except ValueError as exc:
        raise ConfigError(f"{VARIABLE}: is not valid JSON: {exc}", hint='{"redis": false}') from exc
    if not isinstance(entries, dict):
        raise ConfigError(
            f"{VARIABLE}: must be a JSON object, not {text!r}", hint='{"redis": false}'
        )
    yield from _definitions(entries, VARIABLE, folder)


def option_definitions(given: Mapping[str, object], folder: Path) -> Iterator[Definition]:
    """Yields the plugins that the process was started with; they override all others."""
    yield from _definitions(given, OPTION, folder)


def merged(definitions: Iterable[Definition], warnings: list[str]) -> dict[str, DeclaredPlugin]:
    """Returns the plugins by name, later keys over earlier; redefinitions go to `warnings`."""
    values: dict[str, dict[str, object]] = {}
    declared: dict[str, DeclaredPlugin] = {}
    for new in definitions:
        old = declared.get(new.name)
        if old is not None and new.values.get("package", "") == old.entry.package != "":
            warnings.append(
                f"plugin {new.name} of package {old.entry.package!r} is defined by {old.origin},"
                f" and again by {new.origin}"
            )
        folder = _merge(values.setdefault(new.name, {}), new, old)
        entry = PluginEntry(**values[new.name])  # type: ignore[arg-type]  # coerced when read
        declared[new.name] = DeclaredPlugin(new.name, entry, new.origin, folder)
    return declared


def _merge(into: dict[str, object], new: Definition, old: DeclaredPlugin | None) -> Path:
    """Merges field by field; an empty list never clobbers a non-empty one (core:PLG-3, PLG-4)."""
    moved = bool({"package", "path"} & set(new.values))
    if moved:
        into.pop("package", None)
        into.pop("path", None)
    into.update({key: value for key, value in new.values.items() if value != []})
    return new.folder if moved or old is None else old.folder


def _files(folder: Path, info: AppInfo) -> list[Path]:
    default, plain = folder / "plugin_default.py", folder / "plugin.py"
    if default.is_file() and plain.is_file():
        raise PluginError(f"{plain}: has no effect beside {default.name}", hint="keep one of them")
    names = [f"plugin_{kind}.py" for kind in kinds(info.env, info.scope)]
    return [path for path in (plain, *(folder / name for name in names)) if path.is_file()]


def _is_entry(key: str, value: object, module: ModuleType) -> bool:
    if key.startswith("_") or isinstance(value, ModuleType) or key == "annotations":
        return False
    return not callable(value) or getattr(value, "__module__", "") == module.__name__


def _definitions(entries: Mapping[str, object], origin: str, folder: Path) -> Iterator[Definition]:
    for name, given in entries.items():
        if not name.isidentifier() or name.startswith("_") or keyword.iskeyword(name):
            raise PluginError(
                f"{_located(name, origin)}: plugin {name!r}: is not a valid plugin name",
                hint="use letters, digits and _: its config has the same name",
            )
        yield Definition(name, _values(name, given, origin), origin, folder)


def _values(name: str, given: object, origin: str) -> Mapping[str, object]:
    if isinstance(given, bool):
        return {"enable": given}
    if not isinstance(given, Mapping):
        raise PluginError(
            f"{_located(name, origin)}: plugin {name} must be True, False or a dict, not {given!r}",
            hint="a name that begins with _ is ignored",
        )
    known = {str(key): _plain(value) for key, value in given.items() if value is not None}
    entry = coerce(PluginEntry, known, (name,), partial(Lines().locate, origin))
    if entry.package and entry.path:
        raise PluginError(
            f"{_located(name, origin)}: plugin {name} has both package and path",
            hint="remove one of them",
        )
    return {key: getattr(entry, key) for key in known} | {"enable": entry.enable}


def _located(name: str, origin: str) -> str:
    return Lines().locate(origin, (name,))


def _plain(value: object) -> object:
    return str(value) if isinstance(value, Path) else value
