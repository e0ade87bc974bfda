"""`Config`: the one tree of values of an app, each with the file that set it.

    app.config.session.max_age            by name, or app.config["session"]["max_age"]
    app.config[SessionConfig].max_age     the same, typed for mypy
    app.config.origin("session.max_age")  -> "/srv/shop/config/config_prod.py"

The files are merged as they are; `check` then makes a `Section` of each declared section. The hooks
`config_will_load` and `config_did_load` may change the config, then it is frozen (core:CFG-9).
"""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import MISSING, fields, is_dataclass
from typing import TYPE_CHECKING, Any, TypeVar, overload

from eggd.config.freeze import freeze
from eggd.config.mapping import ConfigDict
from eggd.config.merge import merge
from eggd.config.origins import DEFAULT, Origins
from eggd.config.section import (
    Keys,
    Section,
    SectionError,
    Values,
    checked,
    checked_key,
    entries,
    hints_of,
    new_section,
    path_of,
    places,
)
from eggd.config.sources import Source
from eggd.errors import ConfigError, EggError
from eggd.failure import describe
from eggd.masking.redact import safe_repr
from eggd.spelling import did_you_mean

S = TypeVar("S")

_KEY = re.compile(r"\w+(?:\.[\w-]+|\[\d+\])*(?=[:, ])", re.ASCII)

ROOT = ""
"""The section name of a dataclass whose fields are keys of the root itself."""

DEEPEST = 32
"""Levels in which changes by hooks are noticed: a mapping may hold itself."""


class Config(ConfigDict):
    """The root of the tree (core:CFG-*).

    `sections` are the declared sections by name; `aliases` further names under which plugins of
    Egg reach a key of the root (core:CFG-8), which are not keys themselves; `homes` the files that
    declare a section, where eggd itself does not.
    """

    __slots__ = (
        "_aliases",
        "_frozen_sections",
        "_is_typed",
        "_names",
        "_origins",
        "_plugins",
        "_sections",
        "_seen",
    )
    _aliases: dict[str, str]
    _is_typed: bool
    """Whether `check` has made the declared sections: from then on a value is checked when set."""
    _names: dict[type, str]
    """The name of each declared section by its class."""
    _frozen_sections: dict[type, object]
    """The sections by class once the config is frozen: requests read them."""
    _origins: Origins
    _plugins: frozenset[str]
    """The sections of plugins and frameworks."""
    _sections: dict[str, type]
    _seen: dict[Keys, object]
    """The leaves at the last call of `changed_by`."""

    if TYPE_CHECKING:  # what `__missing__` below makes true

        @overload
        def __getitem__(self, key: type[S]) -> S: ...
        @overload
        def __getitem__(self, key: str) -> Any: ...
        def __getitem__(self, key: Any) -> Any: ...

    def __init__(
        self,
        sections: Mapping[str, type],
        aliases: Mapping[str, str] | None = None,
        homes: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__()
        keep = object.__setattr__
        keep(self, "_sections", dict(sections))
        keep(self, "_names", {cls: name for name, cls in sections.items()})
        keep(self, "_aliases", dict(aliases or {}))
        keep(self, "_origins", Origins())
        keep(self, "_is_typed", False)
        keep(self, "_frozen_sections", {})
        keep(self, "_seen", {})
        own = [name for name, cls in sections.items() if cls.__module__.startswith(_PLUGINS)]
        keep(self, "_plugins", frozenset((*own, *(homes or ()))))
        for name, cls in sections.items():
            values = _defaults(cls)
            home = (homes or {}).get(name, DEFAULT)
            self.add(Source(home, {name: values} if name else values))

    def add(self, source: Source) -> None:
        """Merges a source; to be called before `check`. Raises ConfigError for a wrong root key."""
        values = dict(source.values)
        for key in values:
            self._refuse(str(key), source.file)
        for name in self._sections:
            if name in values and not isinstance(values[name], Mapping):
                given = safe_repr((name,), values[name])
                where = self._origins.at(source.file, (name,))
                is_switch = isinstance(values[name], bool) and name in self._plugins
                hint = f"write {name} = {given} in config/plugin.py" if is_switch else ""
                raise ConfigError(f"{where}: {name} must be a mapping, not {given}", hint=hint)
        merge(self, values, self._origins, source.file)

    def origin(self, key: str) -> str:
        """Returns which file last set the dotted `key`; "eggd" for a default, "" if unknown."""
        return self._origins.of(path_of(key))

    def is_set(self, key: str) -> bool:
        """Returns whether a file or hook sets the dotted `key`, or a part of that section.

        An empty section counts, too.
        """
        return self._origins.setter(path_of(key)) != ""

    def located(self, key: str | tuple[str, ...]) -> str:
        """Returns the same with the line in the file, where it can be found.

        A key with dots in its name is given as the tuple of names that lead to it.
        """
        return self._origins.located(path_of(key))

    def locate(self, error: ConfigError) -> ConfigError:
        """Returns an error that begins with the files and lines that set the keys of `error`.

        A key may be a section. If no file sets them, it begins with the app's folder.
        """
        place = self.place_of(error) or self.base_dir
        return ConfigError(f"{place}: {error.message}", hint=error.hint)

    def place_of(self, error: EggError) -> str:
        """Returns the files and lines that set the keys of an error, else those of their sections.

        It is "" if no file sets a part of the section, either.
        The message of an error without `keys` may begin with its key: `security.csrf.ignore: ...`.
        """
        keys: Sequence[str | Keys] = error.keys if isinstance(error, ConfigError) else ()
        named = _KEY.match(error.message)
        keys = [*keys, *([named[0]] if named and not keys else ())]
        setter, root = self._origins.setter, {_root_of(key) for key in keys}
        return places(keys, setter) or places(root - {ROOT}, setter)

    def origins(self) -> dict[str, Any]:
        """Returns a tree of the same shape with the file that set it for each leaf (CFG-10)."""
        return self._origins.tree(self)

    def declared(self) -> set[str]:
        """Returns the keys of the root that eggd, frameworks and plugins declare."""
        return set(self._root_hints()) | set(self._sections) - {ROOT}

    def check(self) -> None:
        """Makes a `Section` of each declared section, or checks those that hooks have changed.

        Raises ConfigError naming file, line, key and value.
        """
        for name, cls in self._sections.items():
            typed = self._as_section(name, cls)
            for key, value in {name: typed}.items() if name else entries(typed):
                self._put(key, value)
        object.__setattr__(self, "_is_typed", True)

    def changed_by(self, name: str) -> None:
        """Notes `name` as the origin of the keys that differ from those of the last call."""
        seen: dict[Keys, object] = {}
        _leaves(self, (), seen)
        for path, value in seen.items():
            if self._seen and not _same(self._seen.get(path, _NOTHING), value):
                self._origins.replace(path, name, mapping=False)
        object.__setattr__(self, "_seen", seen)

    def freeze(self) -> None:
        """Checks every section and refuses each later change."""
        self.check()
        freeze(self)
        for cls in self._names:
            self._frozen_sections[cls] = freeze(self._section(cls))
        self._seen.clear()

    def __missing__(self, key: Any) -> Any:
        if isinstance(key, type):
            section = self._frozen_sections.get(key)
            return self._section(key) if section is None else section
        if key in self._aliases:
            return self[self._aliases[key]]
        raise KeyError(key)

    def __getattr__(self, name: str) -> Any:
        if name in self._aliases:
            return self[self._aliases[name]]
        return super().__getattr__(name)

    def __setitem__(self, key: str, value: object) -> None:
        key = self._aliases.get(key, key)
        if self._is_typed and key in self._sections:
            value = checked(self._sections[key], value, (key,))
        elif self._is_typed and key in self._root_hints():
            value = checked_key(self._sections[ROOT], key, value, ())
        super().__setitem__(key, value)

    def _refuse(self, key: str, file: str) -> None:
        if key in self._aliases:
            hint = did_you_mean(self._aliases[key])
            where = self._origins.at(file, (key,))
            raise ConfigError(f"{where}: {key}: unknown key", hint=hint)
        if key in _METHODS:
            hint = f"rename the key: app.config.{key} is a method"
            where = self._origins.at(file, (key,))
            raise ConfigError(f"{where}: {key}: cannot be a key of the root", hint=hint)

    def _section(self, cls: type) -> object:
        name = self._names.get(cls)
        if name is None:
            raise KeyError(f"config has no section {cls.__name__}")
        if name and self._is_typed:
            return self[name]
        return self._as_section(name, cls)

    def _as_section(self, name: str, cls: type) -> Section:
        """Returns the section of that name made of its values now."""
        try:
            if name:
                section: Section = checked(cls, dict.get(self, name), (name,))
                return section
            hints = self._root_hints()
            values = {key: value for key, value in dict.items(self) if key in hints}
            return new_section(cls, values, ())
        except SectionError as exc:
            raise exc.located(self._origins.setter) from None

    def _root_hints(self) -> Mapping[str, object]:
        root = self._sections.get(ROOT)
        return hints_of(root) if root else {}


def _root_of(key: str | Keys) -> str:
    """Returns the name of the section of a key, "" for a key of the root."""
    path = path_of(key)
    return path[0] if len(path) > 1 else ROOT


_PLUGINS = "eggd.plugins."
_NOTHING = object()
_INNER = (ConfigDict, Section)
_METHODS = {"get", *(name for name in vars(Config) if not name.startswith("_"))}


def _same(one: object, other: object) -> bool:
    try:
        return one is other or bool(one == other)
    except Exception:  # an app's object, such as an array, need not be comparable
        return False


def _defaults(cls: type) -> dict[str, object]:
    try:
        section = cls()
    except TypeError as exc:
        file = getattr(sys.modules.get(cls.__module__), "__file__", None) or cls.__module__
        names = ", ".join(_without_default(cls))
        what = f"field {names} needs a default" if names else describe(exc)
        raise ConfigError(f"{file}: {cls.__qualname__}: {what}") from exc
    return {key: _plain(getattr(section, key)) for key in hints_of(cls)}


def _without_default(cls: type) -> list[str]:
    return [
        each.name
        for each in fields(cls)
        if each.init and each.default is MISSING and each.default_factory is MISSING
    ]


def _plain(value: object) -> object:
    if is_dataclass(value) and not isinstance(value, type):
        return {key: _plain(getattr(value, key)) for key in hints_of(type(value))}
    return value


def _leaves(values: Values, path: Keys, leaves: dict[Keys, object]) -> None:
    """Adds the values that are not mappings to `leaves`; lists as copies."""
    for key, value in entries(values):
        where = (*path, str(key))
        if isinstance(value, _INNER) and value and len(where) < DEEPEST:
            _leaves(value, where, leaves)
        else:
            leaves[where] = list(value) if isinstance(value, list) else value
