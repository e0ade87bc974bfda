"""Deep merge that records which file set each key (core:CFG-5, CFG-10).

A mapping merges into a mapping key by key; anything else replaces, lists and None included.
What is merged is copied, so that no unit can change another's default by accident.
"""

from __future__ import annotations

from collections.abc import Mapping, MutableMapping

Tree = dict[str, object]
Origins = dict[tuple[str, ...], str]


def merge(into: Tree, values: Mapping[str, object], origins: Origins, file: str) -> None:
    """Merge `values` of `file` into the tree, noting the origin of each leaf."""
    _merge(into, values, origins, (), file)


def _merge(
    into: MutableMapping[str, object],
    values: Mapping[str, object],
    origins: Origins,
    path: tuple[str, ...],
    file: str,
) -> None:
    for key, value in values.items():
        where = (*path, str(key))
        here = into.get(key)
        if isinstance(value, dict) and isinstance(here, dict):
            origins.setdefault(where, file)
            _merge(here, value, origins, where, file)
            continue
        _forget(origins, where)
        origins[where] = file
        into[key] = _copied(value)
        if isinstance(value, dict):
            _note(value, origins, where, file)


def _note(values: Mapping[str, object], origins: Origins, path: tuple[str, ...], file: str) -> None:
    for key, value in values.items():
        where = (*path, str(key))
        origins[where] = file
        if isinstance(value, dict):
            _note(value, origins, where, file)


def _forget(origins: Origins, path: tuple[str, ...]) -> None:
    below = [where for where in origins if where[: len(path)] == path]
    for where in below:
        del origins[where]


def _copied(value: object) -> object:
    if isinstance(value, dict):
        return {key: _copied(entry) for key, entry in value.items()}
    if isinstance(value, list):
        return [_copied(entry) for entry in value]
    return value
