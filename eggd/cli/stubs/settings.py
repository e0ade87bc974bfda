"""The types of the config's keys: those that sections declare, and those of the values."""

from __future__ import annotations

import builtins
import dataclasses
import types
import typing
from collections.abc import Callable, Mapping
from pathlib import Path

from eggd.cli.stubs.names import UNKNOWN, Names, classes, merged

HEAD = '''\
class Config(dict[str, Any]):
    """The config of the application: keys as attributes; `config[Section]` is typed, too."""

    @overload  # type: ignore[override]
    def __getitem__(self, key: type[_S]) -> _S: ...
    @overload
    def __getitem__(self, key: str) -> Any: ...
    def origin(self, key: str) -> str: ...
    def located(self, key: str | tuple[str, ...]) -> str: ...
    def origins(self) -> dict[str, Any]: ...
    def section(self, cls: type[_S]) -> _S: ...
'''

_CONTAINERS = {list: "list", dict: "dict", tuple: "tuple", set: "set", frozenset: "frozenset"}


def section_names(section: type) -> Names:
    """Returns the fields of a section with their types."""
    hints = typing.get_type_hints(section)
    return {
        field.name: section_names(hint) if _is_section(hint := hints[field.name]) else text_of(hint)
        for field in dataclasses.fields(section)
    }


def value_names(values: Mapping[str, object]) -> Names:
    """Returns the keys of undeclared config with the types of their values."""
    return {str(key): _value(value) for key, value in values.items()}


def config_text(trees: list[Names]) -> str:
    """Returns the class `Config` for the keys of several environments."""
    names: Names = {}
    for tree in trees:
        names = merged(names, tree)
    *below, root = classes("Config", names, ["dict[str, Any]"])
    return "\n\n".join([*below, HEAD + root.partition("\n")[2]])


def text_of(hint: object) -> str:
    """Returns an annotation as text, UNKNOWN for one that a stub cannot name."""
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if hint is type(None):
        return "None"
    if origin in (typing.Union, types.UnionType):
        return " | ".join(dict.fromkeys(map(text_of, arguments)))
    if origin is typing.Literal:
        return f"Literal[{', '.join(map(repr, arguments))}]"
    if origin is not None and origin in _CONTAINERS:
        inside = ("..." if each is ... else text_of(each) for each in arguments)
        return f"{_CONTAINERS[origin]}[{', '.join(inside)}]"
    if origin is Callable:
        return "Callable[..., Any]"
    if isinstance(hint, type):
        return _class(hint)
    return UNKNOWN


def _class(cls: type) -> str:
    if cls in _CONTAINERS:
        return _bare(_CONTAINERS[cls])
    return cls.__name__ if cls is Path or vars(builtins).get(cls.__name__) is cls else UNKNOWN


def _bare(name: str) -> str:
    return {"dict": "dict[str, Any]", "tuple": "tuple[Any, ...]"}.get(name, f"{name}[Any]")


def _is_section(hint: object) -> typing.TypeGuard[type]:
    return isinstance(hint, type) and dataclasses.is_dataclass(hint)


def _value(value: object) -> str | Names:
    if isinstance(value, Mapping):
        return value_names(value) if value else "dict[str, Any]"
    if dataclasses.is_dataclass(value):
        return section_names(type(value))
    if isinstance(value, list) and value:
        kinds = {kind if isinstance(kind := _value(each), str) else UNKNOWN for each in value}
        return f"list[{kinds.pop() if len(kinds) == 1 else UNKNOWN}]"
    if isinstance(value, Path):
        return "Path"
    if callable(value):
        return "Callable[..., Any]"
    return UNKNOWN if value is None else _class(type(value))
