"""Deep merge that records which file set each key (core:CFG-5, CFG-10).

Two dicts are merged key by key. Every other value, also None or a list, replaces the earlier one,
except for the values of `append` and `prepend`. Merged values are copied, so that no load unit
changes the defaults of another by accident: dicts and their subclasses become ConfigDicts; lists,
tuples and sets are copied; all other objects are shared.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from eggd.config.mapping import ConfigDict
from eggd.config.origins import Origins
from eggd.config.section import Keys
from eggd.errors import ConfigError

DEEPEST = 64
"""Most levels of mappings; a deeper one is taken for a mapping that contains itself."""


@dataclass(frozen=True, slots=True)
class Addition:
    """Items that are added to the list of earlier files instead of replacing it."""

    items: tuple[object, ...]
    first: bool

    def joined(self, here: object, where: Keys, file: str, origins: Origins) -> list[object]:
        """Returns the list `here` with the items added; raises ConfigError if it is not a list."""
        if not isinstance(here, list | tuple):
            raise ConfigError(
                f"{origins.at(file, where)}: {'.'.join(where)}: "
                f"{'prepend' if self.first else 'append'} is for lists",
                hint=f"earlier files set a {type(here).__name__}",
            )
        items = _copy(list(self.items), {})
        return [*items, *here] if self.first else [*here, *items]


def append(*items: object) -> Any:
    """Returns a config value that adds the items to the end of the list of earlier files."""
    return Addition(items, first=False)


def prepend(*items: object) -> Any:
    """Returns a config value that puts the items before the list of earlier files."""
    return Addition(items, first=True)


def merge(into: ConfigDict, values: Mapping[Any, object], origins: Origins, file: str) -> None:
    """Merges `values` of `file` into the tree and records the origin of each key."""
    _merge(into, values, origins, (), file)


def _merge(
    into: ConfigDict, values: Mapping[Any, object], origins: Origins, path: Keys, file: str
) -> None:
    if len(path) > DEEPEST:
        raise ConfigError(f"{file}: {path[0]}: contains itself and cannot be merged")
    for key, value in dict(values).items():
        where = (*path, str(key))
        here = dict.get(into, key)
        if isinstance(value, dict) and isinstance(here, ConfigDict):
            origins.add(where, file)
            _merge(here, value, origins, where, file)
        elif isinstance(value, Addition) and here is not None:
            into[key] = value.joined(here, where, file, origins)
            origins.join(where, file)
        else:
            into[key] = _copy(value, {})
            origins.replace(where, file, mapping=isinstance(here, ConfigDict))


def _copy(value: object, done: dict[int, object]) -> Any:
    """Copies containers; one that contains itself is copied once (core:DUMP-6)."""
    if id(value) in done:
        return done[id(value)]
    if isinstance(value, dict):
        node = done[id(value)] = ConfigDict()
        for key, entry in dict.items(value):
            node[key] = _copy(entry, done)
        return node
    if type(value) is list:
        copy: list[object] = []
        done[id(value)] = copy
        copy.extend(_copy(entry, done) for entry in value)
        return copy
    if isinstance(value, Addition):
        return _copy(list(value.items), done)
    return _other(value, done)


def _other(value: object, done: dict[int, object]) -> object:
    if type(value) is tuple:
        return tuple(_copy(entry, done) for entry in value)
    if type(value) is set:
        return set(value)
    return value
