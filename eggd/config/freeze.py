"""Makes the config read-only after the config hooks (core:CFG-9)."""

from __future__ import annotations

from eggd.config.mapping import ConfigDict, FrozenList
from eggd.config.section import Section, entries, put


def freeze(value: object) -> object:
    """Returns the value read-only: sections and ConfigDicts in place, other containers as copies.

    A plain dict becomes a ConfigDict.
    """
    return _frozen(value, {})


def _frozen(value: object, done: dict[int, object]) -> object:
    """Returns the frozen value; `done` holds those of containers by id: one may hold itself."""
    if id(value) in done:
        return done[id(value)]
    if isinstance(value, Section):
        done[id(value)] = value
        for key, entry in entries(value):
            put(value, key, _frozen(entry, done))
        value.lock()
        return value
    if isinstance(value, dict):
        return _mapping(value, done)
    if type(value) is list:
        copy = done[id(value)] = FrozenList()
        list.extend(copy, [_frozen(entry, done) for entry in value])
        return copy
    if type(value) is tuple:
        return tuple(_frozen(entry, done) for entry in value)
    return frozenset(value) if type(value) is set else value


def _mapping(value: dict[str, object], done: dict[int, object]) -> ConfigDict:
    mapping = value if isinstance(value, ConfigDict) else ConfigDict(value)
    done[id(value)] = done[id(mapping)] = mapping
    if not mapping._frozen:
        object.__setattr__(mapping, "_frozen", True)
        for key, entry in list(dict.items(mapping)):
            mapping._put(key, _frozen(entry, done))
    return mapping
