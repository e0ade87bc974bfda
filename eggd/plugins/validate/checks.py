"""The built-in types: each function returns the check of one rule."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeGuard

from eggd.plugins.validate import patterns
from eggd.plugins.validate.fields import Check
from eggd.plugins.validate.messages import Message, message
from eggd.plugins.validate.run import Run
from eggd.plugins.validate.text import as_text, joined, shortened

Raw = Mapping[str, object]

Own = Callable[..., Message]
"""Returns the rule's own message for the first of these keys that it has, else the default."""


def own_messages(rule: Raw, kind: str) -> Own:
    """Returns the function that finds a rule's own messages."""
    given = rule.get("message") or {}
    texts = given if isinstance(given, Mapping) else {kind: given}

    def own(default: Message, *keys: str) -> Message:
        return next((Message(str(texts[key])) for key in keys if key in texts), default)

    return own


def number_check(rule: Raw, kind: str, own: Own) -> Check:
    """Returns the check of `number` and `int`: finite, without booleans, between min and max."""
    main, integral = own(message(kind), kind), kind == "int"
    low, high = _bound(rule, "min"), _bound(rule, "max")
    small = own(message("min", as_text(low)), "min")
    big = own(message("max", as_text(high)), "max")

    def check(value: object, _data: Raw, _run: Run, _path: str) -> Message | None:
        if not is_number(value) or (integral and value % 1 != 0):
            return main
        if high is not None and value > high:
            return big
        return small if low is not None and value < low else None

    return check


def is_number(value: object) -> TypeGuard[float]:
    """Returns whether a value is a finite number, and not a boolean."""
    if type(value) is int:
        return True
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _bound(rule: Raw, name: str) -> float | None:
    value = rule.get(name)
    return value if isinstance(value, int | float) else None


@dataclass(frozen=True, slots=True, kw_only=True)
class TextRule:
    """The rule of a text; each message may be the rule's own."""

    main: Message
    empty: Message
    fits: Callable[[str], object] | None = None
    misfit: Message
    allow_empty: bool
    low: int = 0
    high: int | None = None
    short: Message
    long: Message

    def check(self, value: object, _data: Raw, _run: Run, _path: str) -> Message | None:
        """Returns the first message that applies; a long text is refused before `fits` runs."""
        if not isinstance(value, str):
            return self.main
        if not value:
            return None if self.allow_empty else self.empty
        if self.high is not None and len(value) > self.high:
            return self.long
        if len(value) < self.low:
            return self.short
        return None if self.fits is None or self.fits(value) else self.misfit


def _length(rule: Raw, name: str) -> int | None:
    value = rule.get(name)
    return value if isinstance(value, int) else None


def text_rule(
    rule: Raw,
    kind: str,
    own: Own,
    fits: Callable[[str], object] | None,
    misfit: Message,
    limit: int,
) -> TextRule:
    """Returns the rule of a text; `limit` is its longest length if the rule has no `max`, or 0."""
    high, low = _length(rule, "max"), _length(rule, "min") or 0
    if high is None and limit:
        high = max(limit, low)
    keys = (kind,) if kind != "string" else ()
    return TextRule(
        main=own(message("string"), kind),
        empty=own(message("empty"), *keys, "allow_empty"),
        fits=fits,
        misfit=own(misfit, *keys, "format"),
        allow_empty=_allows_empty(rule, kind),
        low=low,
        high=high,
        short=own(message("min_length", low), *keys, "min"),
        long=own(message("max_length", high), *keys, "max"),
    )


def _allows_empty(rule: Raw, kind: str) -> bool:
    if "allow_empty" in rule or kind not in ("string", "password"):
        return bool(rule.get("allow_empty"))
    return rule.get("required") is False


def string_check(rule: Raw, own: Own, pattern: re.Pattern[str] | None, limit: int) -> Check:
    """Returns the check of `string`: the whole text must match `format`."""
    if pattern is None:
        return text_rule(rule, "string", own, None, message("invalid"), 0).check
    flag = "i" if pattern.flags & re.IGNORECASE else ""
    misfit = message("format", shortened(f"/{pattern.pattern}/{flag}"))
    return text_rule(rule, "string", own, pattern.fullmatch, misfit, limit).check


_TEXTS = {
    "id": (patterns.ID, r"/^\d+$/"),
    "date": (patterns.DATE, r"/^\d{4}\-\d{2}\-\d{2}$/"),
    "datetime": (patterns.DATETIME, r"/^\d{4}\-\d{2}\-\d{2} \d{2}:\d{2}:\d{2}$/"),
}
"""The types that are one pattern, and the pattern in messages."""


def pattern_check(rule: Raw, kind: str, own: Own) -> Check:
    """Returns the check of `id`, `date` and `datetime`."""
    pattern, label = _TEXTS[kind]
    return text_rule(rule, kind, own, pattern.fullmatch, message("format", label), 0).check


def named_check(rule: Raw, kind: str, own: Own) -> Check:
    """Returns the check of `email` and `url`, whose only message beside the length is their own."""
    fits = patterns.EMAIL.fullmatch if kind == "email" else patterns.is_url
    main = own(message(kind), kind)

    def named(default: Message, *keys: str) -> Message:
        return own(default if {"min", "max"} & {*keys} else main, *keys)

    return text_rule(rule, kind, named, fits, main, 0).check


def password_check(rule: Raw, own: Own) -> Check:
    """Returns the check of `password`: 6 characters or more, equal to the field `compare`."""
    fits, label = patterns.PASSWORD, f"/^{patterns.PASSWORD.pattern}$/"
    rule = {**rule, "min": rule.get("min") or min(6, _length(rule, "max") or 6)}
    text = text_rule(rule, "password", own, fits.fullmatch, message("format", label), 0)
    other = rule.get("compare")
    differs = own(message("compare", other), "compare")

    def check(value: object, data: Raw, run: Run, path: str) -> Message | None:
        problem = text.check(value, data, run, path)
        if problem is None and isinstance(other, str) and data.get(other) != value:
            return differs
        return problem

    return check


def bool_check(own: Own) -> Check:
    """Returns the check of `bool`."""
    main = own(message("bool"), "bool")

    def check(value: object, _data: Raw, _run: Run, _path: str) -> Message | None:
        return None if isinstance(value, bool) else main

    return check


def enum_check(values: list[object], own: Own) -> Check:
    """Returns the check of `enum`: a value of the same type, so 1 is not True."""
    allowed = {scalar_key(value) for value in values}
    main = own(message("enum", joined(values)), "enum")

    def check(value: object, _data: Raw, _run: Run, _path: str) -> Message | None:
        fits = not isinstance(value, dict | list) and scalar_key(value) in allowed
        return None if fits else main

    return check


def scalar_key(value: object) -> tuple[bool, object]:
    """Returns a value that equals another's only if both are booleans, or neither is."""
    return isinstance(value, bool), value
