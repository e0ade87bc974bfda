"""`ConfigDict` and `FrozenList`: the mappings and lists of the config.

options.cache.size     the same as options["cache"]["size"]
options.keys           the value of a key called "keys", not the method of dict
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NoReturn, SupportsIndex

from eggd.errors import ConfigError, FrozenConfigError
from eggd.spelling import suggestion


class ConfigDict(dict[str, Any]):
    """A mapping of the config whose keys are also attributes; read-only once frozen.

    Plain dicts that are put in become ConfigDicts. A copy (`copy`, `pickle`) is a plain dict.
    """

    # Keys are mirrored in `__dict__`: reading by attribute costs what it costs on any object, and
    # a key wins over a method of dict. Keys that begin with `_` are not mirrored.
    __slots__ = ("__dict__", "_frozen")

    def __init__(self, values: Mapping[Any, object] | Iterable[tuple[Any, object]] = ()) -> None:
        super().__init__()
        object.__setattr__(self, "_frozen", False)
        given = values if isinstance(values, dict) else dict(values)
        for key, value in dict.items(given):
            self[key] = value

    def __getattr__(self, name: str) -> Any:
        raise missing_key(name, self)

    def __setattr__(self, name: str, value: object) -> None:
        self[name] = value

    def __delattr__(self, name: str) -> None:
        del self[name]

    def __setitem__(self, key: str, value: object) -> None:
        if self._frozen:
            raise FrozenConfigError(f"config key {key!r}")
        self._put(key, ConfigDict(value) if type(value) is dict else value)

    def _put(self, key: str, value: object) -> None:
        super().__setitem__(key, value)
        if isinstance(key, str) and not key.startswith("_"):
            self.__dict__[key] = value

    def __delitem__(self, key: str) -> None:
        if self._frozen:
            raise FrozenConfigError(f"config key {key!r}")
        super().__delitem__(key)
        self.__dict__.pop(key, None)

    def __ior__(self, values: Any) -> ConfigDict:  # type: ignore[override,misc]
        self.update(values)
        return self

    def __reduce_ex__(self, protocol: SupportsIndex) -> tuple[object, ...]:
        return dict, (dict(self),)

    def update(self, *args: Any, **values: object) -> None:
        """Sets several keys, as `dict.update`. Raises ConfigError once frozen."""
        given: dict[str, object] = dict(*args, **values)
        for key, value in dict.items(given):
            self[key] = value

    def setdefault(self, key: str, default: object = None) -> Any:
        """Returns the value of `key`, which is set to `default` first where it is missing."""
        if key not in self:
            self[key] = default
        return self[key]

    def pop(self, key: str, *default: object) -> Any:
        """Removes `key` and returns its value, or `default`. Raises ConfigError once frozen."""
        if key not in self and default:
            return default[0]
        value = self[key]
        del self[key]
        return value

    def popitem(self) -> tuple[str, Any]:
        """Removes the last key and returns it with its value. Raises ConfigError once frozen."""
        key = next(reversed(self))
        return key, ConfigDict.pop(self, key)

    def clear(self) -> None:
        """Removes every key. Raises ConfigError once frozen."""
        for key in list(self):
            del self[key]


class FrozenList(list[Any]):
    """A list of the frozen config: equal to any list, and read-only."""

    def _refuse(self, *args: object, **more: object) -> NoReturn:
        raise FrozenConfigError("a list of the config")

    append = extend = insert = remove = pop = clear = reverse = _refuse
    sort = _refuse  # pyright: ignore[reportAssignmentType]
    __setitem__ = __delitem__ = __iadd__ = __imul__ = _refuse

    def __reduce_ex__(self, protocol: SupportsIndex) -> tuple[object, ...]:
        return list, (list(self),)


def missing_key(name: str, keys: Iterable[object]) -> AttributeError:
    """Returns the error for an attribute that is not a key, naming the nearest key."""
    hint = suggestion(name, map(str, keys))
    return AttributeError(ConfigError(f"config: {name}: unknown key", hint=hint).line)
