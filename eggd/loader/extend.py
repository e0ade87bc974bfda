"""Composes one class per app out of the framework's class and the load units' extensions (EXT-*).

    app/extend/context.py          class Context: members that every ctx of the app has
    app/extend/context_prod.py     the same in prod only, over all plain files (core:EXT-2)

Every extension gets a class of its own between itself and what it extends:

    Context > the app's > Context > a plugin's > ... > eggd's Context

so `super()` reaches what is extended, and a property that has only a getter or only a setter takes
the other half over at its own level (core:EXT-3). No load unit's class is changed: two apps in one
process share nothing.
"""

from __future__ import annotations

import inspect
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import CodeType, FunctionType, ModuleType
from typing import Any, Generic, TypeVar

from eggd.errors import ExtendError
from eggd.failure import describe
from eggd.loader.unit import LoadUnit
from eggd.spelling import suggestion_or_list

T = TypeVar("T")

TARGETS = ("application", "agent", "context", "request", "response", "helper")
"""The classes that can be extended, by the names of the files in `app/extend`."""

Extends = Mapping[str, Sequence[LoadUnit]]
"""Stem of a file in `app/extend` -> the load units that have it, in load order."""


@dataclass(frozen=True, slots=True)
class Clash:
    """A plugin's member that hides another load unit's without calling it."""

    target: str
    member: str
    hidden: Path
    by: Path

    @property
    def line(self) -> str:
        """The warning for the operator."""
        return (
            f"{self.by}: {self.target}.{self.member} hides that of {self.hidden}"
            " (call super() in it, or disable one of the plugins)"
        )


@dataclass(slots=True)
class ComposedClass(Generic[T]):
    """The class of one app, and the members that are hidden."""

    cls: type[T]
    clashes: list[Clash] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Extension:
    target: str
    unit: LoadUnit
    file: Path
    members: Mapping[str, object]


def extend_files(units: Sequence[LoadUnit], more: Sequence[str] = ()) -> Extends:
    """Returns the load units of each file in `app/extend`; ExtendError for an unknown name.

    `more` are names, besides TARGETS, that the enabled plugins read.
    """
    extends: dict[str, list[LoadUnit]] = {}
    known = (*TARGETS, *more)
    for unit in units:
        folder = unit.root / "app" / "extend"
        for stem in _stems(folder):
            if not f"{stem}_".startswith(tuple(f"{target}_" for target in known)):
                hint = suggestion_or_list(f"{stem}.py", [f"{target}.py" for target in known])
                raise ExtendError(f"{folder}/{stem}.py: extends nothing", hint=hint)
            extends.setdefault(stem, []).append(unit)
    return extends


def extend_envs(env: str, environ: Mapping[str, str]) -> list[str]:
    """Returns the environments whose files count: with a mocked one, unittest's too (EXT-2)."""
    return [env, "unittest"] if environ.get("EGG_MOCK_SERVER_ENV") and env != "unittest" else [env]


def extension_modules(
    name: str, units: Sequence[LoadUnit], envs: Sequence[str]
) -> list[ModuleType]:
    """Returns the modules of `app/extend/NAME.py` in load order, then those of the environments."""
    files = [f"app/extend/{stem}.py" for stem in (name, *(f"{name}_{env}" for env in envs))]
    modules = [unit.load(file) for file in files for unit in units]
    return [module for module in modules if module is not None]


def compose(base: type[T], target: str, extends: Extends, envs: Sequence[str]) -> ComposedClass[T]:
    """Returns `base` extended by the files of `target`; raises ExtendError or LoadError naming one.

    Even without extensions it is a new class, so that its instances take any attribute.
    """
    composed = ComposedClass(_subclass(base, (base,), {}))
    owners: dict[str, _Extension] = {}
    for stem in (target, *(f"{target}_{env}" for env in envs)):
        for unit in extends.get(stem, ()):
            extension, composed.cls = _extend(composed.cls, base, target, unit, stem)
            composed.clashes += _clashes(extension, owners)
            owners.update(dict.fromkeys(extension.members, extension))
    return composed


def _stems(folder: Path) -> list[str]:
    try:
        names = sorted(os.listdir(folder))
    except (FileNotFoundError, NotADirectoryError):
        return []
    except OSError as exc:
        raise ExtendError(f"{folder}: cannot be read: {exc.strerror}") from exc
    return [name[:-3] for name in names if name.endswith(".py") and name[0] not in "._"]


def _extend(
    below: type[T], base: type[T], target: str, unit: LoadUnit, stem: str
) -> tuple[_Extension, type[T]]:
    file = unit.root / "app" / "extend" / f"{stem}.py"
    cls = _class_in(unit, file, target.title(), below)
    members = _members(cls, below)
    refused = {"__init__", "__new__", "__slots__"} & members.keys()
    if refused:
        raise ExtendError(
            f"{file}: {cls.__name__} may not define {min(refused)}",
            hint="instances are made by eggd; use functools.cached_property",
        )
    try:
        above = _subclass(base, (cls, below), _halves(members, below))
    except Exception as exc:
        raise ExtendError(f"{file}: {cls.__name__} cannot be composed: {describe(exc)}") from exc
    return _Extension(target, unit, file, members), above


def _class_in(unit: LoadUnit, file: Path, name: str, below: type) -> type:
    module = unit.load(str(file.relative_to(unit.root)))
    extension = vars(module).get(name)
    if not isinstance(extension, type) or issubclass(below, extension):
        classes = (
            key
            for key, value in vars(module).items()
            if isinstance(value, type) and value.__module__ == vars(module)["__name__"]
        )
        raise ExtendError(
            f"{file}: must define `class {name}`, found {', '.join(classes) or 'no class'}",
            hint="its members become members of every instance",
        )
    return extension


def _subclass(base: type, bases: tuple[type, ...], members: dict[str, object]) -> Any:
    return type(base)(base.__name__, bases, {"__module__": base.__module__, **members})


def _members(cls: type, below: type) -> dict[str, object]:
    """Returns what the extension and its own bases define, the nearest definition of each name."""
    levels = [level for level in cls.__mro__ if level not in below.__mro__]
    return {
        name: member
        for level in reversed(levels)
        for name, member in vars(level).items()
        if not (name[:2] == "__" == name[-2:])
        or isinstance(member, FunctionType)
        or (name == "__slots__" and member)
    }


def _halves(members: Mapping[str, object], below: type) -> dict[str, object]:
    """Returns the properties that lack a half which what they extend has, completed by it."""
    completed: dict[str, object] = {}
    for name, member in members.items():
        if isinstance(member, property) and not (member.fget and member.fset and member.fdel):
            under = inspect.getattr_static(below, name, None)
            completed[name] = property(
                member.fget or _half(under, "fget", "__get__"),
                member.fset or _half(under, "fset", "__set__"),
                member.fdel or _half(under, "fdel", "__delete__"),
                member.__doc__,
            )
    return completed


def _half(under: object, half: str, method: str) -> Callable[..., Any] | None:
    """Returns one half of a property, or of the slot that a property hides."""
    if isinstance(under, property):
        accessor: Callable[..., Any] | None = getattr(under, half)
        return accessor
    return getattr(under, method, None) if inspect.ismemberdescriptor(under) else None


def _clashes(extension: _Extension, owners: Mapping[str, _Extension]) -> Iterator[Clash]:
    if extension.unit.kind != "plugin":
        return
    for name, member in extension.members.items():
        hidden = owners.get(name)
        if hidden is not None and hidden.unit != extension.unit and not _calls_super(member):
            yield Clash(extension.target, name, hidden.file, extension.file)


def _calls_super(member: object) -> bool:
    parts = (member.fget, member.fset) if isinstance(member, property) else (member,)
    wrapped = (getattr(part, "func", getattr(part, "__func__", part)) for part in parts)
    codes = (getattr(inspect.unwrap(f), "__code__", None) for f in wrapped if callable(f))
    return any(_names_super(code) for code in codes if code is not None)


def _names_super(code: CodeType) -> bool:
    inner = (const for const in code.co_consts if isinstance(const, CodeType))
    return "super" in code.co_names or any(_names_super(const) for const in inner)
