"""What the plugin files say, merged: `config/plugin.py` of frameworks and app, then EGG_PLUGINS.

    redis = {"package": "eggd_redis"}        # or {"path": "plugins/redis"}
    session = False                          # the short form of {"enable": False}

Nothing is looked up here; whether a plugin is there is asked when it is needed (place.py).
"""

from __future__ import annotations

import json
import keyword
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType

from eggd.config.section import coerce
from eggd.config.sources import AppInfo, kinds
from eggd.errors import ConfigError, PluginError
from eggd.importer import import_file
from eggd.loader.unit import LoadUnit

VARIABLE = "EGG_PLUGINS"
OPTION = "options.plugins"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """The keys of one plugin in a plugin file (core:PLG-1)."""

    enable: bool = True
    """Whether it is loaded."""
    package: str = ""
    """The installed Python package that holds it."""
    path: str = ""
    """The folder that holds it, from the folder of the unit that says so; excludes `package`."""
    env: list[str] = field(default_factory=list)
    """The environments in which it is loaded; empty means every one."""
    dependencies: list[str] = field(default_factory=list)
    """Names of plugins that it cannot do without."""
    optional_dependencies: list[str] = field(default_factory=list)
    """Names of plugins that load before it where they are enabled."""


@dataclass(frozen=True, slots=True)
class Definition:
    """What one file says of one plugin: only the keys that it gives."""

    name: str
    values: Mapping[str, object]
    origin: str
    folder: Path
    """Where a relative `path` starts."""


@dataclass(frozen=True, slots=True)
class Declared:
    """A plugin as all files together define it."""

    name: str
    entry: Entry
    origin: str
    """The file that defined it last (core:PLG-6)."""
    folder: Path
    """Where a relative `path` starts: the folder of the unit that gave it."""


def file_definitions(unit: LoadUnit, info: AppInfo) -> Iterator[Definition]:
    """Yields the plugins of a framework or app. Raises ConfigError, LoadError."""
    for path in _files(unit.root / "config", info):
        module = import_file(path, unit.name)
        entries = {
            key: value for key, value in vars(module).items() if _is_entry(key, value, module)
        }
        yield from _definitions(entries, str(path), unit.root)


def variable_definitions(environ: Mapping[str, str], folder: Path) -> Iterator[Definition]:
    """Yields what EGG_PLUGINS defines. Raises ConfigError if it is no JSON object (core:PLG-21)."""
    text = environ.get(VARIABLE, "")
    if not text:
        return
    try:
        entries = json.loads(text)
    except ValueError as exc:
        raise ConfigError(f"{VARIABLE}: is no JSON: {exc}", hint='{"redis": false}') from exc
    if not isinstance(entries, dict):
        raise ConfigError(
            f"{VARIABLE}: must be a JSON object, not {text!r}", hint='{"redis": false}'
        )
    yield from _definitions(entries, VARIABLE, folder)


def option_definitions(given: Mapping[str, object], folder: Path) -> Iterator[Definition]:
    """Yields what the process itself was started with; it wins over all others (core:PLG-3)."""
    yield from _definitions(given, OPTION, folder)


def merged(definitions: Iterable[Definition], warnings: list[str]) -> dict[str, Declared]:
    """Returns the plugins by name, later keys over earlier; redefinitions go to `warnings`."""
    values: dict[str, dict[str, object]] = {}
    found: dict[str, Declared] = {}
    for new in definitions:
        old = found.get(new.name)
        if old is not None and new.values.get("package", "") == old.entry.package != "":
            warnings.append(
                f"plugin {new.name} of package {old.entry.package!r} is defined by {old.origin},"
                f" and once more by {new.origin}"
            )
        folder = _merge(values.setdefault(new.name, {}), new, old)
        entry = Entry(**values[new.name])  # type: ignore[arg-type]  # coerced when read
        found[new.name] = Declared(new.name, entry, new.origin, folder)
    return found


def _merge(into: dict[str, object], new: Definition, old: Declared | None) -> Path:
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
        raise PluginError(f"{plain}: is not read beside {default.name}", hint="keep one of them")
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
                f"{origin}: plugin {name!r}: is no name for a plugin",
                hint="it is the name of its config, too: letters, digits and _",
            )
        yield Definition(name, _values(name, given, origin), origin, folder)


def _values(name: str, given: object, origin: str) -> Mapping[str, object]:
    if isinstance(given, bool):
        return {"enable": given}
    if not isinstance(given, Mapping):
        raise PluginError(
            f"{origin}: plugin {name} must be True, False or a dict, not {given!r}",
            hint="a name that begins with _ is left alone",
        )
    known = {str(key): _plain(value) for key, value in given.items() if value is not None}
    entry = coerce(Entry, known, (name,), lambda path: origin)
    if entry.package and entry.path:
        raise PluginError(f"{origin}: plugin {name} has both package and path", hint="give one")
    return {key: getattr(entry, key) for key in known} | {"enable": entry.enable}


def _plain(value: object) -> object:
    return str(value) if isinstance(value, Path) else value
