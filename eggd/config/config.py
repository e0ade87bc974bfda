"""`Config`: the app's one tree of values, by attribute, each with the file that set it.

    app.config.session.max_age            by name
    app.config[SessionConfig].max_age     the same, typed for mypy
    app.config.origin("session.max_age")  -> "/srv/shop/config/config_prod.py"

It may be changed while hooks `config_will_load` and `config_did_load` run, and is frozen after
(core:CFG-9). Typed sections are checked each time: when loaded and when frozen.
"""

from __future__ import annotations

import dataclasses
import difflib
from collections.abc import Iterator, Mapping
from typing import Any, TypeVar

from eggd.config.merge import Origins, Tree, merge
from eggd.config.section import coerce
from eggd.config.sources import Source
from eggd.errors import ConfigError

S = TypeVar("S")

ROOT = ""
"""The section name of a dataclass whose fields are keys of the root itself."""


class Node(dict[str, Any]):
    """A mapping of config whose keys are also attributes; read-only once frozen."""

    _frozen = False

    def __getattr__(self, name: str) -> Any:
        try:
            return self[name]
        except KeyError:
            near = difflib.get_close_matches(name, self, n=1)
            hint = f"did you mean {near[0]}?" if near else ""
            text = ConfigError(f"config has no key {name!r} here", hint=hint).line
            raise AttributeError(text) from None

    def __setattr__(self, name: str, value: object) -> None:
        if name == "_frozen":
            super().__setattr__(name, value)
        else:
            self[name] = value

    def __setitem__(self, key: str, value: object) -> None:
        self._refuse_if_frozen(key)
        super().__setitem__(key, value)

    def __delitem__(self, key: str) -> None:
        self._refuse_if_frozen(key)
        super().__delitem__(key)

    def _refuse_if_frozen(self, key: str) -> None:
        if self._frozen:
            raise ConfigError(
                f"config key {key!r} cannot be changed any more",
                hint="change it in config_will_load or config_did_load",
            )


class Config(Node):
    """The root of the tree; `sections` are the declared, typed parts by name (core:CFG-*)."""

    def __init__(self, sections: Mapping[str, type]) -> None:
        super().__init__()
        object.__setattr__(self, "_sections", dict(sections))
        object.__setattr__(self, "_origins", {})
        object.__setattr__(self, "_typed", {})
        for name, cls in sections.items():
            self._add_defaults(name, cls)

    def add(self, source: Source) -> None:
        """Merge one source over what is there; raise ConfigError where a section is no mapping."""
        origins: Origins = self.__dict__["_origins"]
        for name in self.__dict__["_sections"]:
            given = source.values.get(name) if name else None
            if given is not None and not isinstance(given, Mapping):
                raise ConfigError(f"{source.file}: {name} must be a mapping, not {given!r}")
        tree: Tree = dict(self)
        merge(tree, source.values, origins, source.file)
        self.update({key: _as_node(value) for key, value in tree.items()})

    def origin(self, key: str) -> str:
        """Return which file last set the dotted `key`; "eggd" for a default, "" if unknown."""
        return self._origin(tuple(key.split(".")))

    def check(self) -> None:
        """Coerce every typed section; raise ConfigError naming file, key and value."""
        for name, cls in self.__dict__["_sections"].items():
            self.__dict__["_typed"][cls] = self._coerced(name, cls)

    def freeze(self) -> None:
        """Check, put the typed sections in place and refuse every later change."""
        self.check()
        for name, cls in self.__dict__["_sections"].items():
            typed = self.__dict__["_typed"][cls]
            self.update({name: typed} if name else _fields(typed))
        for value in self.values():
            _freeze(value)
        object.__setattr__(self, "_frozen", True)

    def section(self, cls: type[S]) -> S:
        """Return the typed section; it is checked first where that was not done yet."""
        if cls not in self.__dict__["_typed"]:
            self.check()
        typed: S = self.__dict__["_typed"][cls]
        return typed

    def __getitem__(self, key: Any) -> Any:
        return super().__getitem__(key) if isinstance(key, str) else self.section(key)

    def _add_defaults(self, name: str, cls: type) -> None:
        values = {
            field.name: _plain(getattr(cls(), field.name)) for field in dataclasses.fields(cls)
        }
        self.add(Source("eggd", {name: values} if name else values))

    def _coerced(self, name: str, cls: type) -> object:
        values = self[name] if name else self._root_values(cls)
        return coerce(cls, values, (name,) if name else (), self._origin)

    def _root_values(self, cls: type) -> dict[str, object]:
        names = {field.name for field in dataclasses.fields(cls)}
        return {key: value for key, value in self.items() if key in names}

    def _origin(self, path: tuple[str, ...]) -> str:
        for length in range(len(path), 0, -1):
            file: str | None = self.__dict__["_origins"].get(path[:length])
            if file is not None:
                return file
        return ""


def _fields(typed: Any) -> dict[str, object]:
    return {field.name: getattr(typed, field.name) for field in dataclasses.fields(typed)}


def _plain(value: object) -> object:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {f.name: _plain(getattr(value, f.name)) for f in dataclasses.fields(value)}
    return value


def _as_node(value: object) -> object:
    if isinstance(value, dict):
        return Node({key: _as_node(entry) for key, entry in value.items()})
    return value


def _freeze(value: object) -> None:
    for node in _nodes(value):
        object.__setattr__(node, "_frozen", True)


def _nodes(value: object) -> Iterator[Node]:
    if isinstance(value, Node):
        for entry in value.values():
            yield from _nodes(entry)
        yield value
