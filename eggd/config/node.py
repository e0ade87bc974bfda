"""`Node` and `FrozenList`: mappings whose keys are attributes, and lists, until they are frozen.

    node.cache.size        the same as node["cache"]["size"]
    node.keys              the value of a key called "keys", not the method of dict

Keys are mirrored in the instance's `__dict__`: reading by attribute costs what it costs on any
object, and a key wins over a method of dict. Keys that begin with `_` are not mirrored.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NoReturn, SupportsIndex

from eggd.errors import ConfigError
from eggd.spelling import suggestion


class Node(dict[str, Any]):
    """A mapping of config whose keys are also attributes; read-only once frozen.

    Plain dicts that are put in become nodes. A copy (`copy`, `pickle`) is made of plain dicts.
    """

    __slots__ = ("__dict__", "_frozen")

    def __init__(self, values: Mapping[Any, object] | Iterable[tuple[Any, object]] = ()) -> None:
        super().__init__()
        object.__setattr__(self, "_frozen", False)
        given = values if isinstance(values, dict) else dict(values)
        for key, value in dict.items(given):
            self[key] = value

    def __getattr__(self, name: str) -> Any:
        hint = suggestion(name, map(str, self))
        raise AttributeError(ConfigError(f"config has no key {name!r} here", hint=hint).line)

    def __setattr__(self, name: str, value: object) -> None:
        self[name] = value

    def __delattr__(self, name: str) -> None:
        del self[name]

    def __setitem__(self, key: str, value: object) -> None:
        if self._frozen:
            raise frozen(key)
        self._put(key, Node(value) if type(value) is dict else value)

    def _put(self, key: str, value: object) -> None:
        super().__setitem__(key, value)
        if isinstance(key, str) and not key.startswith("_"):
            self.__dict__[key] = value

    def __delitem__(self, key: str) -> None:
        if self._frozen:
            raise frozen(key)
        super().__delitem__(key)
        self.__dict__.pop(key, None)

    def __ior__(self, values: Any) -> Node:  # type: ignore[override,misc]
        self.update(values)
        return self

    def __reduce_ex__(self, protocol: SupportsIndex) -> tuple[Any, ...]:
        return dict, (dict(self),)

    def update(self, *args: Any, **values: object) -> None:
        """Sets several keys, as `dict.update`. Raises ConfigError once frozen."""
        given: dict[str, object] = dict(*args, **values)
        for key, value in dict.items(given):
            self[key] = value

    def setdefault(self, key: str, default: Any = None) -> Any:
        """Returns the value of `key`, which is set to `default` first where it is missing."""
        if key not in self:
            self[key] = default
        return self[key]

    def pop(self, key: str, *default: Any) -> Any:
        """Removes `key` and returns its value, or `default`. Raises ConfigError once frozen."""
        if key not in self and default:
            return default[0]
        value = self[key]
        del self[key]
        return value

    def popitem(self) -> tuple[str, Any]:
        """Removes the last key and returns it with its value. Raises ConfigError once frozen."""
        key = next(reversed(self))
        return key, Node.pop(self, key)

    def clear(self) -> None:
        """Removes every key; raises ConfigError once frozen."""
        for key in list(self):
            del self[key]


class FrozenList(list[Any]):
    """A list of the frozen config: equal to any list, and read-only."""

    def _refuse(self, *args: object, **more: object) -> NoReturn:
        raise frozen("of a list")

    append = extend = insert = remove = pop = clear = reverse = _refuse
    sort = _refuse  # pyright: ignore[reportAssignmentType]
    __setitem__ = __delitem__ = __iadd__ = __imul__ = _refuse

    def __reduce_ex__(self, protocol: SupportsIndex) -> tuple[Any, ...]:
        return list, (list(self),)


def frozen(key: object) -> ConfigError:
    """Returns the error for a change that comes after the config hooks (core:CFG-9)."""
    what = f"config key {key!r}" if key != "of a list" else "a list of the config"
    return ConfigError(
        f"{what} cannot be changed any more",
        hint="change app.config in config_will_load or config_did_load",
    )


def freeze(value: object) -> object:
    """Returns the value made read-only: nodes in place, plain dicts as nodes, others as copies."""
    return _frozen(value, {})


def _frozen(value: object, done: dict[int, object]) -> object:
    if id(value) in done:
        return done[id(value)]
    if isinstance(value, dict):
        node = value if isinstance(value, Node) else Node(value)
        done[id(value)] = done[id(node)] = node
        if not node._frozen:
            object.__setattr__(node, "_frozen", True)
            for key, entry in list(dict.items(node)):
                node._put(key, _frozen(entry, done))
        return node
    if type(value) is list:
        copy = FrozenList()
        done[id(value)] = copy
        list.extend(copy, [_frozen(entry, done) for entry in value])
        return copy
    if type(value) is tuple:
        return tuple(_frozen(entry, done) for entry in value)
    return frozenset(value) if type(value) is set else value
