"""`Config`: the app's one tree of values, by attribute, each with the file that set it.

    app.config.session.max_age            by name
    app.config[SessionConfig].max_age     the same, typed for mypy
    app.config.origin("session.max_age")  -> "/srv/shop/config/config_prod.py"

It may be changed while hooks `config_will_load` and `config_did_load` run, and is frozen after
(core:CFG-9). Until then `config[SessionConfig]` is what the tree says at that moment; it is
checked when loaded and when frozen.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, overload

from eggd.config.merge import merge
from eggd.config.node import Node, freeze
from eggd.config.origins import DEFAULT, Origins
from eggd.config.section import coerce
from eggd.config.sources import Source
from eggd.errors import ConfigError
from eggd.masking.redact import safe_repr
from eggd.spelling import did_you_mean

S = TypeVar("S")

ROOT = ""
"""The section name of a dataclass whose fields are keys of the root itself."""


class Config(Node):
    """The root of the tree (core:CFG-*).

    `sections` are the declared, typed parts by name; `aliases` further names under which egg's
    plugins reach a key of the root (core:CFG-8), they are no keys themselves; `homes` the files
    that declare a section, where eggd itself does not.
    """

    __slots__ = ("_aliases", "_origins", "_sections", "_seen", "_typed")
    _aliases: dict[str, str]
    _origins: Origins
    _sections: dict[str, type]
    _seen: dict[tuple[str, ...], object]
    _typed: dict[type, object]

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
        keep(self, "_aliases", dict(aliases or {}))
        keep(self, "_origins", Origins())
        keep(self, "_typed", {})
        keep(self, "_seen", {})
        for name, cls in sections.items():
            values = _defaults(cls)
            home = (homes or {}).get(name, DEFAULT)
            self.add(Source(home, {name: values} if name else values))

    def add(self, source: Source) -> None:
        """Merges a source into the config. Raises ConfigError where a section is not a mapping."""
        values = dict(source.values)
        for key in values:
            self._refuse(str(key), source.file)
        for name in self._sections:
            if name in values and not isinstance(values[name], Mapping):
                given = safe_repr((name,), values[name])
                where = self._origins.at(source.file, (name,))
                raise ConfigError(f"{where}: {name} must be a mapping, not {given}")
        merge(self, values, self._origins, source.file)

    def origin(self, key: str) -> str:
        """Returns which file last set the dotted `key`; "eggd" for a default, "" if unknown."""
        return self._origins.of(tuple(key.split(".")))

    def located(self, key: str | tuple[str, ...]) -> str:
        """Returns the same with the line in the file, where it can be told.

        A key with dots in its name is given as the tuple of names that lead to it.
        """
        return self._origins.located(tuple(key.split(".")) if isinstance(key, str) else key)

    def origins(self) -> dict[str, Any]:
        """Returns a tree of the same shape with the file that set it for each leaf (CFG-10)."""
        return self._origins.tree(self)

    def declared(self) -> set[str]:
        """Returns the keys of the root that eggd, frameworks and plugins declare."""
        root = self._sections.get(ROOT)
        fields = {field.name for field in dataclasses.fields(root)} if root else set()
        return fields | set(self._sections) - {ROOT}

    def check(self) -> None:
        """Coerces every typed section. Raises ConfigError naming file, line, key and value."""
        for name, cls in self._sections.items():
            self._coerced(name, cls)

    def changed_by(self, name: str) -> None:
        """Notes `name` as the origin of what differs from the last call; the first only looks."""
        seen = _leaves(self)
        for path, value in seen.items():
            if self._seen and not _same(self._seen.get(path, _NOTHING), value):
                self._origins.replace(path, name, mapping=False)
        object.__setattr__(self, "_seen", seen)

    def freeze(self) -> None:
        """Checks, puts the typed sections in place and refuse every later change."""
        freeze(self)
        for name, cls in self._sections.items():
            typed = self._typed[cls] = self._coerced(name, cls)
            for key, value in ({name: typed} if name else _fields(typed)).items():
                self._put(key, value)
        self._seen.clear()

    def section(self, cls: type[S]) -> S:
        """Returns a typed section; until the config is frozen as the tree says now."""
        name = next((name for name, each in self._sections.items() if each is cls), None)
        if name is None:
            raise KeyError(f"config has no section {cls.__name__}")
        typed: Any = self._typed.get(cls) or self._coerced(name, cls)
        return typed  # type: ignore[no-any-return]

    def __missing__(self, key: Any) -> Any:
        if isinstance(key, type):
            return self._typed.get(key) or self.section(key)
        if key in self._aliases:
            return self[self._aliases[key]]
        raise KeyError(key)

    def __getattr__(self, name: str) -> Any:
        if name in self._aliases:
            return self[self._aliases[name]]
        return super().__getattr__(name)

    def __setitem__(self, key: str, value: object) -> None:
        super().__setitem__(self._aliases.get(key, key), value)

    def _refuse(self, key: str, file: str) -> None:
        if key in self._aliases:
            hint = did_you_mean(self._aliases[key])
            where = self._origins.at(file, (key,))
            raise ConfigError(f"{where}: {key}: no such key", hint=hint)
        if key in _METHODS:
            hint = f"app.config.{key} is a method, call the key otherwise"
            where = self._origins.at(file, (key,))
            raise ConfigError(f"{where}: {key}: cannot be a key of the root", hint=hint)

    def _coerced(self, name: str, cls: type) -> object:
        path = (name,) if name else ()
        values = dict.get(self, name) if name else self._root_values(cls)
        if not isinstance(values, Mapping):
            where = self._origins.located(path)
            raise ConfigError(
                f"{where}: {name} must be a mapping, not {safe_repr((name,), values)}"
            )
        return coerce(cls, values, path, self._origins.located)

    def _root_values(self, cls: type) -> dict[str, object]:
        names = {field.name for field in dataclasses.fields(cls)}
        return {key: value for key, value in dict.items(self) if key in names}


_NOTHING = object()
_METHODS = {"get", *(name for name in vars(Config) if not name.startswith("_"))}


def _same(one: object, other: object) -> bool:
    try:
        return one is other or bool(one == other)
    except Exception:  # an app's object, such as an array, need not be comparable
        return False


def _fields(typed: Any) -> dict[str, object]:
    return {field.name: getattr(typed, field.name) for field in dataclasses.fields(typed)}


def _defaults(cls: type) -> dict[str, object]:
    try:
        made = cls()
    except TypeError as exc:
        name = f"{cls.__module__}.{cls.__qualname__}"
        raise ConfigError(f"section {name}: every field needs a default: {exc}") from exc
    return {name: _plain(value) for name, value in _fields(made).items()}


def _plain(value: object) -> object:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {name: _plain(entry) for name, entry in _fields(value).items()}
    return value


def _leaves(values: Node, path: tuple[str, ...] = ()) -> dict[tuple[str, ...], object]:
    found: dict[tuple[str, ...], object] = {}
    for key, value in dict.items(values):
        where = (*path, str(key))
        if isinstance(value, Node) and value and len(where) < 32:
            found.update(_leaves(value, where))
        else:
            found[where] = list(value) if isinstance(value, list) else value
    return found
