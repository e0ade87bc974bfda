"""The options that each type takes, and the shape of their values."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import NamedTuple

from eggd import suggestion, suggestion_or_list
from eggd.plugins.validate.errors import RuleError
from eggd.plugins.validate.text import value_text

COMMON = (
    "type", "required", "default", "convert_type", "trim", "widely_undefined", "message",
)  # fmt: skip
_RANGE = ("min", "max")
_TEXT = (*_RANGE, "allow_empty")


class Shape(NamedTuple):
    """The options of a type, in addition to COMMON."""

    options: tuple[str, ...]
    messages: tuple[str, ...] = ()
    """The keys of `message` beside `required` and the type."""


SHAPES = {
    "number": Shape(_RANGE, _RANGE),
    "int": Shape(_RANGE, _RANGE),
    "string": Shape((*_TEXT, "format"), (*_TEXT, "format")),
    "id": Shape(_TEXT, _RANGE),
    "date": Shape(("allow_empty",)),
    "datetime": Shape(("allow_empty",)),
    "bool": Shape(()),
    "array": Shape((*_RANGE, "item_type", "rule"), _RANGE),
    "object": Shape(("rule",)),
    "enum": Shape(("values",)),
    "email": Shape(_TEXT, _RANGE),
    "password": Shape((*_TEXT, "compare"), (*_TEXT, "format", "compare")),
    "url": Shape(_TEXT, _RANGE),
}
"""The built-in types."""
ALIASES = {"integer": "int", "boolean": "bool", "dateTime": "datetime"}
"""Other names of types."""

_BOOLEANS = ("required", "trim", "widely_undefined", "allow_empty")


def check_options(rule: Mapping[str, object], kind: str, where: str) -> None:
    """Raises RuleError for an unknown option, or a value of the wrong shape."""
    shape = SHAPES[kind]
    known = (*COMMON, *shape.options)
    for name in rule:
        if name not in known:
            _refuse_name(
                where, f"option {value_text(name)} of type {value_text(kind)}", name, known
            )
    check_common(rule, where)
    for name in ("min", "max"):
        _check_bound(rule, name, where, of_length=kind not in ("number", "int"))
    low, high = rule.get("min"), rule.get("max")
    if isinstance(low, int | float) and isinstance(high, int | float) and low > high:
        raise RuleError(
            f"{where}: min {value_text(low)} is above max {value_text(high)}", hint="no value fits"
        )
    if "compare" in rule and not isinstance(rule["compare"], str):
        raise RuleError(
            f"{where}: compare must be a field's name, not {value_text(rule['compare'])}"
        )
    keys = (*shape.messages, "required", kind)
    if isinstance(own := rule.get("message"), Mapping):
        for name in own:
            if ALIASES.get(name, name) not in keys:
                _refuse_name(
                    where, f"message {value_text(name)} of type {value_text(kind)}", name, keys
                )


def check_common(rule: Mapping[str, object], where: str) -> None:
    """Raises RuleError for a wrong value of an option that every type takes."""
    for name in _BOOLEANS:
        if name in rule and not isinstance(rule[name], bool):
            raise RuleError(f"{where}: {name} must be True or False, not {value_text(rule[name])}")
    own = rule.get("message", "")
    texts = own.values() if isinstance(own, Mapping) else [own]
    if not all(isinstance(text, str) for text in texts):
        raise RuleError(f"{where}: message must be text, or a dict of texts, not {value_text(own)}")
    if "default" in rule and rule.get("required", True):
        raise RuleError(
            f"{where}: default has no effect: the field is required",
            hint="add 'required': False",
        )


def _check_bound(rule: Mapping[str, object], name: str, where: str, *, of_length: bool) -> None:
    if name not in rule:
        return
    value = rule[name]
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if not number or value != value or is_huge(value):
        raise RuleError(f"{where}: {name} must be a number, not {value_text(value)}")
    if of_length and (not isinstance(value, int) or value < 0):
        raise RuleError(f"{where}: {name} must be a length of 0 or more, not {value_text(value)}")


def is_huge(value: object) -> bool:
    """Returns whether a number is too long for a message: above 10,000 bits."""
    return isinstance(value, int) and value.bit_length() > 10_000


def check_compare(spec: object, names: Collection[str], where: str) -> None:
    """Raises RuleError for a `compare` that misspells one of the fields with rules.

    Another name is allowed: the data may have a field without a rule.
    """
    other = spec.get("compare") if isinstance(spec, Mapping) else None
    if isinstance(other, str) and other not in names and (hint := suggestion(other, names)):
        raise RuleError(f"{where}: compare: {value_text(other)} is not a field", hint=hint)


def _refuse_name(where: str, subject: str, name: str, known: Collection[str]) -> None:
    hint = suggestion_or_list(value_text(name) if not isinstance(name, str) else name, known)
    raise RuleError(f"{where}: unknown {subject}", hint=hint)


def pattern_of(value: object, where: str) -> re.Pattern[str]:
    """Returns the compiled `format`; text is compiled with re.ASCII. Raises RuleError."""
    if isinstance(value, re.Pattern) and isinstance(value.pattern, str):
        return value
    if not isinstance(value, str):
        raise RuleError(f"{where}: format must be a regular expression, not {value_text(value)}")
    try:
        return re.compile(value, re.ASCII)
    except (re.error, OverflowError, RecursionError) as exc:
        problem = f"{where}: format {value_text(value)} is not a regular expression: {exc}"
        raise RuleError(problem) from None
