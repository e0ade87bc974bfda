"""Annotations to functions that check values."""

from __future__ import annotations

import collections.abc
import dataclasses
import types
import typing
from collections.abc import Callable, Mapping
from enum import Enum
from typing import Any, Literal, NotRequired, Required, TypeVar, Union, cast

from eggd.plugins.validate.compiler import Compiler
from eggd.plugins.validate.errors import RuleError
from eggd.plugins.validate.options import check_compare
from eggd.plugins.validate.rule import UNFIT
from eggd.plugins.validate.run import Run
from eggd.plugins.validate.text import child
from eggd.plugins.validate.typed import choices, containers
from eggd.plugins.validate.typed.decode import WRONG, Decode
from eggd.plugins.validate.typed.objects import Member, Objects
from eggd.plugins.validate.typed.scalars import SCALARS

_LISTS: dict[object, Callable[..., object]] = {
    list: list,
    collections.abc.Sequence: list,
    collections.abc.Iterable: list,
    collections.abc.Collection: list,
    set: set,
    collections.abc.Set: frozenset,
    frozenset: frozenset,
}
_DICTS = (dict, collections.abc.Mapping, collections.abc.MutableMapping)


class Annotations:
    """The functions of the classes that one class leads to."""

    def __init__(self, compiler: Compiler, foreign: Callable[[type], Decode | None]) -> None:
        """`foreign` returns the function for the class of a library."""
        self._compiler = compiler
        self._foreign = foreign
        self._classes: dict[object, Decode] = {}
        """By class; a class in progress is there already, as it may contain itself."""

    def decoder(self, annotation: object, where: str) -> Decode:
        """Returns the function for an annotation. Raises RuleError."""
        if annotation is Any:
            return SCALARS[object]
        if (scalar := _scalar(annotation)) is not None:
            return scalar
        origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
        if origin is None:
            return self._plain(annotation, where)
        if origin is typing.Annotated:
            return self._annotated(annotation, where)
        if origin in (Required, NotRequired, typing.Final, typing.ClassVar):
            return self.decoder(arguments[0], where)
        if origin is Literal:
            return choices.literal_decoder(arguments)
        if origin in (Union, types.UnionType):
            return self._union(arguments, where)
        return self._generic(annotation, origin, arguments, where)

    def _plain(self, annotation: object, where: str) -> Decode:
        if isinstance(annotation, typing.NewType):
            return self.decoder(annotation.__supertype__, where)
        if isinstance(annotation, type):
            if annotation in self._classes:
                return self._classes[annotation]
            if (foreign := self._foreign(annotation)) is not None:
                return foreign
            if issubclass(annotation, Enum):
                return choices.enum_decoder(annotation)
            if dataclasses.is_dataclass(annotation) or typing.is_typeddict(annotation):
                return self._class(annotation, where)
            if annotation in _LISTS or annotation in (tuple, *_DICTS):
                return self._generic(annotation, annotation, (), where)
        raise _unknown(annotation, where)

    def _generic(
        self, annotation: object, origin: object, arguments: tuple[object, ...], where: str
    ) -> Decode:
        if origin in _LISTS:
            item = self.decoder(arguments[0] if arguments else object, f"{where}[]")
            return containers.list_decoder(item, _LISTS[origin])
        if origin in _DICTS:
            key, value = arguments or (str, object)
            if key is not str:
                hint = "JSON objects have text as keys"
                raise RuleError(f"{where or annotation}: keys of type {_name(key)}", hint=hint)
            return containers.dict_decoder(self.decoder(value, child(where, "*")))
        if origin is tuple:
            if not arguments or arguments[1:] == (Ellipsis,):
                item = self.decoder(arguments[0] if arguments else object, f"{where}[]")
                return containers.list_decoder(item, tuple)
            items = [self.decoder(each, child(where, n)) for n, each in enumerate(arguments)]
            return containers.tuple_decoder(items)
        raise _unknown(annotation, where)

    def _union(self, arguments: tuple[object, ...], where: str) -> Decode:
        others = [each for each in arguments if each is not type(None)]
        if len(others) == 1:
            return choices.optional_decoder(self.decoder(others[0], where))
        decoders = [self.decoder(each, where) for each in arguments]
        return choices.union_decoder(decoders, [_name(each) for each in arguments])

    def _annotated(self, annotation: object, where: str) -> Decode:
        """Returns the function for `Annotated[type, rule]`: the rule is checked first."""
        base, *extra = typing.get_args(annotation)
        decode = self.decoder(base, where)
        specs = [each for each in extra if isinstance(each, str | dict | list)]
        for spec in reversed(specs):
            decode = self._ruled(spec, decode, where)
        return decode

    def _ruled(self, spec: object, inner: Decode, where: str) -> Decode:
        exact = self._compiler.rule(spec, where, convert=False)
        lax = self._compiler.rule(spec, where, convert=True)

        def decode(value: object, run: Run, path: str) -> object:
            rule = lax if run.convert else exact
            value = rule.prepared(value)
            problem = rule.main if value is UNFIT else rule.check(value, run.siblings, run, path)
            if problem is not None:
                run.add(path, problem)
                return WRONG
            return inner(value, run, path)

        return decode

    def _class(self, kind: type, where: str) -> Decode:
        members: list[Member] = []
        objects = Objects(dict if typing.is_typeddict(kind) else kind, members)
        self._classes[kind] = objects.decode
        try:
            hints = typing.get_type_hints(kind, include_extras=True)
        except (NameError, TypeError) as exc:
            raise RuleError(f"{where or kind.__name__}: {kind.__name__}: {exc}") from None
        for name, required in _names(kind, hints):
            for spec in getattr(hints[name], "__metadata__", ()):
                check_compare(spec, hints, child(where, name))
            decode = self.decoder(hints[name], child(where, name))
            members.append(Member(name, decode, required))
        return objects.decode


def _names(kind: type, hints: Mapping[str, object]) -> list[tuple[str, bool]]:
    """Returns the names of a class's fields, and whether each is required."""
    if typing.is_typeddict(kind):
        required = cast("frozenset[str]", getattr(kind, "__required_keys__", frozenset()))
        return [(name, _is_required(hints[name], name in required)) for name in hints]
    missing = dataclasses.MISSING
    return [
        (field.name, field.default is missing and field.default_factory is missing)
        for field in dataclasses.fields(kind)
        if field.init
    ]


def _is_required(hint: object, default: bool) -> bool:
    """Returns whether a key is required; `from __future__ import annotations` hides it in 3.11."""
    origin = typing.get_origin(hint)
    return default if origin not in (Required, NotRequired) else origin is Required


def _scalar(annotation: object) -> Decode | None:
    return SCALARS.get(annotation) if isinstance(annotation, type) else None


def _name(annotation: object) -> str:
    return getattr(annotation, "__name__", None) or str(annotation)


def _unknown(annotation: object, where: str) -> RuleError:
    what = "a type variable" if isinstance(annotation, TypeVar) else _name(annotation)
    return RuleError(
        f"{where or 'class'}: {what} cannot be checked",
        hint="a dataclass, TypedDict, Enum, Literal, list, dict, a scalar type, or unions of them",
    )
