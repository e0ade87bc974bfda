"""Rules to checks: every mistake in them is a RuleError that names the field."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import NamedTuple, cast

from eggd import mismatch, suggestion_or_list
from eggd.plugins.validate import checks
from eggd.plugins.validate.conversion import CONVERSIONS, OF_TYPES, Convert, whole
from eggd.plugins.validate.errors import RuleError
from eggd.plugins.validate.fields import Fields, Items
from eggd.plugins.validate.messages import MESSAGES, Message, message
from eggd.plugins.validate.options import (
    ALIASES,
    SHAPES,
    check_common,
    check_compare,
    check_options,
    is_huge,
    pattern_of,
)
from eggd.plugins.validate.rule import ABSENT, UNFIT, Built, Check, Rule
from eggd.plugins.validate.run import Run
from eggd.plugins.validate.section import ValidateConfig
from eggd.plugins.validate.text import child, value_text

Raw = dict[str, object]
Custom = Callable[[Raw, object, Mapping[str, object], Run, str], Message | None]

_DEEPEST = 50
"""Levels of rules within rules."""


class CustomType(NamedTuple):
    """A type that the app added."""

    check: Custom
    convert: Convert | None


class Compiler:
    """Compiles the rules of one app, with the types that it has added."""

    def __init__(self, options: ValidateConfig, custom: Mapping[str, CustomType]) -> None:
        """`custom` may get more types later."""
        self._options = options
        self._custom = custom

    def fields(self, rules: object, where: str, *, convert: bool, depth: int = 0) -> Fields:
        """Returns the rules of an object. Raises RuleError."""
        if not isinstance(rules, Mapping):
            raise RuleError(f"{where or 'rules'}: must be a dict of rules, not {value_text(rules)}")
        if depth > _DEEPEST:
            raise RuleError(f"{where[:100]}: rules are nested too deeply")
        for key in rules:
            if not isinstance(key, str):
                raise RuleError(
                    f"{where or 'rules'}: the name {value_text(key)} of a field is not text"
                )
            check_compare(rules[key], rules, child(where, key))
        pairs = [
            (str(key), self.rule(spec, child(where, key), convert=convert, depth=depth))
            for key, spec in rules.items()
        ]
        return Fields(pairs)

    def rule(self, spec: object, where: str, *, convert: bool, depth: int = 0) -> Rule:
        """Returns one rule: a dict, the name of a type, a list of values or a pattern."""
        raw = _normal(spec, where)
        kind = raw["type"] = self._kind(raw, where)
        if kind in self._custom:
            check_common(raw, where)
        else:
            check_options(raw, kind, where)
        own = checks.own_messages(raw, kind)
        built = self._build(raw, kind, where, convert=convert, depth=depth)
        return Rule(
            check=built.check,
            main=own(message(kind if kind in MESSAGES else "invalid"), kind),
            absent=own(message("required"), "required"),
            required=bool(raw.get("required", True)),
            default=raw.get("default", ABSENT),
            convert=self._conversion(raw, kind, where, convert=convert),
            trim=bool(raw.get("trim")),
            widely_undefined=bool(raw.get("widely_undefined", self._options.widely_undefined)),
            pick=built.pick,
            condition=None if "convert_type" in raw else built.condition,
        )

    def _kind(self, raw: Raw, where: str) -> str:
        name = raw.get("type")
        known = [*SHAPES, *ALIASES, *self._custom]
        if name is None:
            hint = suggestion_or_list("", known, "types")
            raise RuleError(f"{where}: the rule has no type", hint=hint)
        if not isinstance(name, str) or name not in known:
            hint = suggestion_or_list(value_text(name), known, "types")
            raise RuleError(f"{where}: unknown type {value_text(name)}", hint=hint)
        return ALIASES.get(name, name) if name not in self._custom else name

    def _build(self, raw: Raw, kind: str, where: str, *, convert: bool, depth: int) -> Built:
        own = checks.own_messages(raw, kind)
        if kind in self._custom:
            return Built(_of_custom(self._custom[kind].check, raw))
        if kind == "object":
            return self._object(raw, own, where, convert=convert, depth=depth)
        if kind == "array":
            return self._array(raw, own, where, convert=convert, depth=depth)
        return self._scalar(raw, kind, own, where)

    def _scalar(self, raw: Raw, kind: str, own: checks.Own, where: str) -> Built:
        if kind in ("number", "int"):
            return checks.number_check(raw, kind, own)
        if kind == "string":
            given = raw.get("format")
            pattern = None if given is None else pattern_of(given, where)
            return checks.string_check(raw, own, pattern, self._options.max_format_length)
        if kind in ("email", "url"):
            return checks.named_check(raw, kind, own)
        if kind == "password":
            return checks.password_check(raw, own)
        if kind == "bool":
            return checks.bool_check(own)
        if kind == "enum":
            return checks.enum_check(_values(raw, where), own)
        return checks.pattern_check(raw, kind, own)

    def _object(self, raw: Raw, own: checks.Own, where: str, *, convert: bool, depth: int) -> Built:
        main = own(message("object"), "object")
        given = raw.get("rule")
        inner = None
        if given is not None:
            inner = self.fields(given, where, convert=convert, depth=depth + 1)

        def check(value: object, _data: checks.Raw, run: Run, path: str) -> Message | None:
            if not isinstance(value, dict):
                return main
            if inner is not None:
                inner.check(value, run, path)
            return None

        return Built(check, pick=inner.pick if inner else None)

    def _array(self, raw: Raw, own: checks.Own, where: str, *, convert: bool, depth: int) -> Built:
        main = own(message("array"), "array")
        low, high = cast("int", raw.get("min", 0)), cast("int | None", raw.get("max"))
        short = own(message("min_length", low), "min")
        long = own(message("max_length", high), "max")
        items = self._items(raw, f"{where}[]", convert=convert, depth=depth + 1)

        def check(value: object, data: checks.Raw, run: Run, path: str) -> Message | None:
            if not isinstance(value, list):
                return main
            if high is not None and len(value) > high:
                return long
            if len(value) < low:
                return short
            if items is not None:
                items.check(value, data, run, path)
            return None

        return Built(check, pick=items.pick if items else None)

    def _items(self, raw: Raw, where: str, *, convert: bool, depth: int) -> Items | None:
        kind, inner = raw.get("item_type"), raw.get("rule")
        if depth > _DEEPEST:
            raise RuleError(f"{where[:100]}: rules are nested too deeply")
        if kind is None:
            if inner is not None:
                hint = "add 'item_type': 'object', or the type of the items"
                raise RuleError(f"{where}: rule has no effect without item_type", hint=hint)
            return None
        spec: object = kind
        if kind == "object":
            spec = {"type": "object", **({} if inner is None else {"rule": inner})}
        elif inner is not None:
            spec = {"type": kind, **_normal(inner, where)}
        return Items(self.rule(spec, where, convert=convert, depth=depth))

    def _conversion(self, raw: Raw, kind: str, where: str, *, convert: bool) -> Convert | None:
        given = raw.get("convert_type")
        custom = self._custom.get(kind)
        if given is None:
            if not convert:
                return whole if kind == "int" else None
            return custom.convert if custom else OF_TYPES.get(kind)
        return conversion_of(given, where)


def conversion_of(given: object, where: str) -> Convert:
    """Returns the conversion of a name or function. Raises RuleError."""
    if isinstance(given, str):
        if given not in CONVERSIONS:
            hint = suggestion_or_list(given, CONVERSIONS)
            raise RuleError(f"{where}: unknown convert_type {value_text(given)}", hint=hint)
        return CONVERSIONS[given]
    if not callable(given):
        raise RuleError(
            f"{where}: convert_type must be a name or a function, not {value_text(given)}"
        )
    if problem := mismatch(given, None):
        raise RuleError(f"{where}: convert_type: {problem}", hint="def convert(value): ...")
    function = cast("Convert", given)

    def converted(value: object) -> object:
        try:
            return function(value)
        except (ValueError, ArithmeticError):
            return UNFIT
        except (TypeError, AttributeError):
            if isinstance(value, str):
                raise
            return UNFIT  # a function for text: the client sent a number or a boolean

    return converted


def _normal(spec: object, where: str) -> Raw:
    """Returns a rule as a dict of its own, with the `?` of its type as `required`."""
    if isinstance(spec, str):
        raw: Raw = {"type": spec}
    elif isinstance(spec, list | tuple):
        raw = {"type": "enum", "values": list(spec)}
    elif isinstance(spec, re.Pattern):
        raw = {"type": "string", "format": spec}
    elif isinstance(spec, Mapping):
        raw = {str(key): value for key, value in spec.items()}
    else:
        hint = "a dict, the name of a type, a list of values or a regular expression"
        if isinstance(spec, type):  # its repr has the name of the loaded module
            hint = f"{hint}; pass a class alone: ctx.validate({spec.__name__})"
            raise RuleError(f"{where}: the class {spec.__name__} is not a rule", hint=hint)
        raise RuleError(f"{where}: {value_text(spec)} is not a rule", hint=hint)
    kind = raw.get("type")
    if isinstance(kind, str) and kind.endswith("?"):
        if raw.get("required"):
            raise RuleError(f"{where}: type {value_text(kind)} is optional, but required is True")
        raw |= {"type": kind[:-1], "required": False}
    return raw


def _values(raw: Raw, where: str) -> list[object]:
    values = raw.get("values")
    if not isinstance(values, list | tuple | set | frozenset) or not values:
        raise RuleError(
            f"{where}: values must be a list of the allowed values, not {value_text(values)}"
        )
    for value in values:
        if (value is not None and not isinstance(value, str | int | float)) or is_huge(value):
            raise RuleError(
                f"{where}: values may be text, numbers and booleans, not {value_text(value)}"
            )
    return list(values)


def _of_custom(function: Custom, raw: Raw) -> Check:
    def check(value: object, data: checks.Raw, run: Run, path: str) -> Message | None:
        return function(raw, value, data, run, path)

    return check
