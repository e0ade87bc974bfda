"""`Origins`: which file last set each key of the config (core:CFG-10).

A list that files added to with `append` has all of them: "config_default.py + config_prod.py".
"""

from __future__ import annotations

from collections.abc import Mapping

from eggd.config.lines import Lines
from eggd.config.section import Keys, Section, entries

DEFAULT = "eggd"
"""The origin of eggd's own defaults."""
BOTH = " + "


class Origins:
    """The file of every path of one config; a path without one has that of its parent."""

    def __init__(self) -> None:
        self._files: dict[Keys, str] = {}
        # The file that last set a part of a mapping, or an empty mapping.
        self._parts: dict[Keys, str] = {}
        self._lines = Lines()

    def of(self, path: Keys) -> str:
        """Returns the file that last set the path, "" if nothing did."""
        for length in range(len(path), 0, -1):
            file = self._files.get(path[:length])
            if file is not None:
                return file
        return ""

    def located(self, path: Keys) -> str:
        """Returns the same with the line, `file:3`, where it can be found."""
        return BOTH.join(self.at(file, path) for file in self.of(path).split(BOTH))

    def setter(self, path: Keys) -> str:
        """Returns the same of a key or of a section that a file sets in part; "" for defaults."""
        if self.of(path) not in ("", DEFAULT):
            return self.located(path)
        below = (self._files[each] for each in self._below(path))
        files = (self._parts.get(path, DEFAULT), *below)
        file = next((each for each in files if each != DEFAULT), "")
        return self.at(file, path) if file else ""

    def at(self, file: str, path: Keys) -> str:
        """Returns the file with the line at which it sets the path."""
        return self._lines.locate(file, path)

    def add(self, path: Keys, file: str) -> None:
        """Notes the file of a mapping that is merged into another; its keys have their own."""
        self._parts[path] = file
        if not self.of(path):
            self._files[path] = file

    def replace(self, path: Keys, file: str, *, mapping: bool) -> None:
        """Notes that a value is new; the origins in a mapping that it replaces are dropped."""
        for below in self._below(path) if mapping else ():
            del self._files[below]
        self._files[path] = file

    def join(self, path: Keys, file: str) -> None:
        """Notes that a file added to a list."""
        known = self.of(path)
        self._files[path] = file if known in ("", DEFAULT) else f"{known}{BOTH}{file}"

    def tree(self, values: Mapping[str, object]) -> dict[str, object]:
        """Returns the shape of `values` with the file in place of each leaf."""
        return self._tree(values, (), frozenset())

    def _tree(self, values: object, path: Keys, above: frozenset[int]) -> dict[str, object]:
        inside = above | {id(values)}
        files: dict[str, object] = {}
        for key, value in _entries(values).items():
            where = (*path, key)
            deeper = id(value) not in inside and _entries(value)
            files[key] = self._tree(value, where, inside) if deeper else self.of(where)
        return files

    def _below(self, path: Keys) -> list[Keys]:
        return [where for where in self._files if where[: len(path)] == path]


def _entries(value: object) -> dict[str, object]:
    """Returns what is in a mapping of the config; {} for a leaf."""
    if isinstance(value, dict | Section):
        return {str(key): entry for key, entry in entries(value)}
    return {}
