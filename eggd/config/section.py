"""A declared section of the config: a frozen dataclass whose fields are the whole schema.

A subsystem declares its section in a module beside its code:

    @dataclass(frozen=True, slots=True, kw_only=True)
    class HttpConfig:
        '''Limits and times of the HTTP server.'''
        keep_alive_timeout: Seconds = 5.0
        '''Seconds an idle connection is kept.'''

In the config it is an instance of that class which is also a mapping: `options.x` and
`options["x"]` are the same. Until the config is frozen a key may be set; its value is checked then.
This module knows no option by name.
"""

from __future__ import annotations

import collections.abc
import dataclasses
import functools
import types
import typing
from collections.abc import Callable, Iterable, Iterator, Mapping, MutableMapping, Sequence
from typing import Annotated, Any, TypeVar

from eggd.config.mapping import ConfigDict, missing_key
from eggd.config.measures import BadValueError
from eggd.config.scalars import annotated, literal, scalar
from eggd.errors import ConfigError, FrozenConfigError
from eggd.masking.redact import safe_repr
from eggd.spelling import suggestion_or_list

T = TypeVar("T")
Keys = tuple[str, ...]
"""The names that lead to a key, from the root."""
Origin = Callable[[Keys], str]
"""Returns where a key was last set; it is called for an error only."""

PYPROJECT = ("tool",)
"""The path of the tables of a pyproject.toml."""

LONGEST = 100
"""Characters of a name that an error shows."""

put = object.__setattr__
"""Sets a field of a section without a check."""


def path_of(key: str | Keys) -> Keys:
    """Returns the names that lead to a dotted key; an index is a name: `limits[0]` has two."""
    return tuple(key.replace("[", ".[").split(".")) if isinstance(key, str) else key


def dotted(path: Keys) -> str:
    """Returns the key for an error: `ratelimit.limits[0].match`, counted as Python counts.

    A name of the path that is too long to be one is cut.
    """
    names = (name if len(name) <= LONGEST else f"{name[:LONGEST]}..." for name in path)
    return ".".join(names).replace(".[", "[")


class SectionError(ConfigError):
    """A wrong key or value of a section, before it is known where it was set."""

    def __init__(self, message: str, at: Sequence[str | Keys], *, hint: str = "") -> None:
        super().__init__(message, hint=hint)
        self.at = at

    def located(self, origin: Origin) -> ConfigError:
        """Returns the error with the places where its keys were set."""
        place = places(self.at, origin) or "eggd"
        return ConfigError(f"{place}: {self.message}", hint=self.hint)


def places(keys: Iterable[str | Keys], origin: Origin) -> str:
    """Returns where files set the dotted keys; "" for keys that have their defaults."""
    return ", ".join(sorted({origin(path_of(key)) for key in keys} - {"eggd", ""}))


class Section:
    """The members that `section_class` adds; a field wins over a method of the mapping."""

    __slots__ = ()
    _at: Keys | None
    """Its place in the config while it may be changed, None once it is frozen."""
    _declared: type
    """The dataclass that declares it."""

    # Not a base class: `isinstance(x, Section)` would be ten times as slow.
    get, keys, items, values = Mapping.get, Mapping.keys, Mapping.items, Mapping.values
    __contains__ = Mapping.__contains__
    pop, setdefault, update = MutableMapping.pop, MutableMapping.setdefault, MutableMapping.update

    def __getitem__(self, key: str) -> Any:
        if key in hints_of(self._declared):
            return getattr(self, key)
        raise KeyError(key)

    def __setitem__(self, key: str, value: object) -> None:
        setattr(self, key, value)

    def __delitem__(self, key: str) -> None:
        raise ConfigError(f"{key}: a declared key cannot be removed", hint="set another value")

    def __iter__(self) -> Iterator[str]:
        return iter(hints_of(self._declared))

    def __len__(self) -> int:
        return len(hints_of(self._declared))

    def __getattr__(self, name: str) -> Any:
        raise missing_key(name, self)

    def __reduce_ex__(self, protocol: object) -> tuple[object, ...]:
        return dict, (dict(entries(self)),)

    def lock(self) -> None:
        """Refuses every later change."""
        put(self, "_at", None)


MutableMapping.register(Section)  # pyright: ignore[reportAttributeAccessIssue]
Values = Mapping[str, object] | Section


@functools.cache
def section_class(cls: type[T]) -> type[T]:
    """Returns the subclass of a dataclass whose instances are sections of the config."""

    def set_field(self: Section, name: str, value: object) -> None:
        if not hasattr(self, "_at"):  # under construction, or made by dataclasses.replace
            cls.__setattr__(self, name, value)  # pyright: ignore[reportArgumentType]
        elif self._at is None:
            raise FrozenConfigError(f"config key {name!r}")
        else:
            put(self, name, checked_key(cls, name, value, self._at))

    def equal(self: Section, other: object) -> bool:
        if isinstance(other, Mapping):
            return dict(entries(self)) == dict(entries(other))
        return isinstance(other, cls) and all(getattr(other, k) == self[k] for k in self)

    members = {
        "__slots__": ("_at",),
        "_declared": cls,
        "__module__": cls.__module__,
        "__qualname__": cls.__qualname__,
        "__setattr__": set_field,
        "__delattr__": Section.__delitem__,
        "__eq__": equal,
    }
    return types.new_class(cls.__name__, (cls, Section), exec_body=lambda ns: ns.update(members))


def coerce(cls: type[T], values: Mapping[str, object], path: Keys, origin: Origin) -> T:
    """Returns a section of `cls` with these values. Raises ConfigError for a wrong key or value.

    `path` is the section's place in the config.
    """
    try:
        return new_section(cls, values, path)
    except SectionError as exc:
        raise exc.located(origin) from None


def new_section(cls: type[T], values: Values, path: Keys) -> T:
    """Returns a section of `cls` with these values. Raises SectionError."""
    fields = {key: checked_key(cls, key, value, path) for key, value in entries(values)}
    try:
        section: T = section_class(cls)(**fields)  # type: ignore[arg-type]  # hashable
    except SectionError:
        raise
    except ConfigError as exc:
        keys = [(*path, key) for key in fields]
        named = exc.keys or [key for key in keys if dotted(key) in exc.message]
        raise SectionError(exc.message, named or keys, hint=exc.hint) from None
    hints = hints_of(cls)  # type: ignore[arg-type]  # hashable
    for key in hints.keys() - fields.keys():
        default = getattr(section, key)
        if dataclasses.is_dataclass(default):
            put(section, key, _nested(type(default), default, (*path, key)))
    put(section, "_at", path)
    return section


def recheck(section: Section) -> None:
    """Checks a section again: its lists and mappings may have changed. Raises SectionError."""
    if section._at is not None:
        fresh: object = new_section(section._declared, section, section._at)
        for key in section:
            put(section, key, getattr(fresh, key))


def checked_key(cls: type, key: str, value: object, path: Keys) -> object:
    """Returns the value as the field `key` of `cls` holds it. Raises SectionError."""
    hints = hints_of(cls)
    if key not in hints:
        raise unknown_key((*path, key), set(hints))
    return checked(hints[key], value, (*path, key))


@functools.cache
def hints_of(cls: type) -> Mapping[str, object]:
    """Returns the hints of a section's fields; evaluating them is half of the work of `coerce`."""
    hints = typing.get_type_hints(cls, include_extras=True)
    return {field.name: hints[field.name] for field in dataclasses.fields(cls)}


def unknown_key(where: Keys, known: set[str]) -> SectionError:
    """Returns the error for a key that a section does not have, naming the nearest one."""
    hint = suggestion_or_list(where[-1], sorted(known), "known keys")
    return SectionError(f"{dotted(where)}: unknown key", [where], hint=hint)


def entries(values: Values) -> Iterable[tuple[str, Any]]:
    """Returns the items of a mapping, also where a key hides the method `items`."""
    if isinstance(values, Section):
        return [(key, getattr(values, key)) for key in hints_of(values._declared)]
    return dict.items(values) if isinstance(values, dict) else values.items()


def checked(hint: object, value: object, where: Keys) -> Any:
    """Returns the value of a key as its hint has it. Raises SectionError."""
    try:
        return _value(hint, value, where)
    except BadValueError as exc:
        text = f"{dotted(where)} must be {exc}, not {safe_repr(where, value)}"
        raise SectionError(text, [where], hint=exc.hint) from None


def _value(hint: object, value: object, where: Keys) -> object:
    args = typing.get_args(hint)
    kind = typing.get_origin(hint)
    if kind is Annotated:
        return annotated(args[0], args[1:], value)
    if kind in (types.UnionType, typing.Union):
        return _union(args, value, where)
    if kind is typing.Literal:
        return literal(args, value)
    if dataclasses.is_dataclass(hint) and isinstance(hint, type):
        return _nested(hint, value, where)
    if kind in _LISTS:
        return _items(_LISTS[kind], args[0], value, where)
    if kind in (dict, collections.abc.Mapping):
        return _mapping(args[1], value, where)
    return scalar(kind or hint, value)


def _mapping(item: object, value: object, where: Keys) -> object:
    if not isinstance(value, Mapping):
        raise BadValueError("a mapping")
    return ConfigDict(
        (str(key), checked(item, entry, (*where, str(key)))) for key, entry in entries(value)
    )


def _union(args: tuple[object, ...], value: object, where: Keys) -> object:
    expected: list[object] = []
    hint = ""
    inner: SectionError | None = None
    for arg in args:
        if arg is type(None):
            if value is None:
                return None
            continue
        try:
            return _value(arg, value, where)
        except BadValueError as exc:
            expected += exc.args
            hint = hint or exc.hint
        except SectionError as exc:  # of an entry: the value has the right kind
            inner = inner or exc
    if inner is not None:
        raise inner
    # A third value; elsewhere None means not set, and TOML cannot say it.
    if bool in args and type(None) in args and where[:1] != PYPROJECT:
        expected.append(None)
    raise BadValueError(*expected, hint=hint)


def _nested(hint: type, value: object, where: Keys) -> object:
    if isinstance(value, hint):
        if isinstance(value, Section):
            recheck(value)
            return value
        value = {key: getattr(value, key) for key in hints_of(hint)}
    if not isinstance(value, Mapping):
        raise BadValueError("a mapping")
    return new_section(hint, value, where)


def _items(kind: type, item: object, value: object, where: Keys) -> object:
    if not isinstance(value, list | tuple | set | frozenset):
        raise BadValueError("a list")
    return kind(checked(item, each, (*where, f"[{at}]")) for at, each in enumerate(value))


_LISTS: dict[object, type] = {
    list: list,
    collections.abc.Sequence: list,
    tuple: tuple,
    set: frozenset,
    frozenset: frozenset,
}
"""Hints of lists, and the type of the checked value."""
