"""The built-in types: each function returns the check of one rule."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TypeGuard

from eggd.plugins.validate import conditions, patterns
from eggd.plugins.validate.messages import Message, message
from eggd.plugins.validate.rule import Built
from eggd.plugins.validate.run import Run
from eggd.plugins.validate.text import as_text, joined, shortened
from eggd.plugins.validate.timed import SlowPatternError, TimedPattern, is_quick

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


def number_check(rule: Raw, kind: str, own: Own) -> Built:
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

    condition = conditions.of_int if integral else conditions.of_number
    return Built(check, condition(low, high))


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
    usual: Callable[[str], object] | None = None
    """Fits the most usual texts only, faster than `fits`."""
    misfit: Message
    slow: TimedPattern | None = None
    """In place of `fits`, a pattern that may need exponential time."""
    allow_empty: bool
    low: int = 0
    high: int | None = None
    short: Message
    long: Message
    trim: bool

    def built(self) -> Built:
        """Returns the check, and its condition unless a pattern is slow."""
        return Built(self.check, None if self.slow else self.condition())

    def condition(self) -> conditions.Condition:
        """Returns the condition of a text without an error."""
        return conditions.of_text(self.low, self.high, self.usual or self.fits, trim=self.trim)

    def check(self, value: object, _data: Raw, run: Run, _path: str) -> Message | None:
        """Returns the first message that applies; a long text is refused before `fits` runs."""
        if not isinstance(value, str):
            return self.main
        if not value:
            return None if self.allow_empty else self.empty
        if self.high is not None and len(value) > self.high:
            return self.long
        if len(value) < self.low:
            return self.short
        if self.slow is not None:
            return matched(self.slow, value, run, self.misfit)
        return None if self.fits is None or self.fits(value) else self.misfit


def matched(pattern: TimedPattern, text: str, run: Run, misfit: Message) -> Message | None:
    """Returns None for a text that matches, else `misfit`, or the message of a slow pattern."""
    try:
        return None if run.matches(pattern, text) else misfit
    except SlowPatternError:
        return message("slow", pattern_text(pattern.pattern))


def pattern_text(pattern: re.Pattern[str]) -> str:
    """Returns a pattern as messages show it."""
    return shortened(f"/{pattern.pattern}/{'i' if pattern.flags & re.IGNORECASE else ''}")


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
        usual=patterns.USUAL_URL.fullmatch if kind == "url" else None,
        misfit=own(misfit, *keys, "format"),
        allow_empty=_allows_empty(rule, kind),
        low=low,
        high=high,
        short=own(message("min_length", low), *keys, "min"),
        long=own(message("max_length", high), *keys, "max"),
        trim=bool(rule.get("trim")),
    )


def _allows_empty(rule: Raw, kind: str) -> bool:
    if "allow_empty" in rule or kind not in ("string", "password"):
        return bool(rule.get("allow_empty"))
    return rule.get("required") is False


def string_check(rule: Raw, own: Own, pattern: re.Pattern[str] | None, limit: int) -> Built:
    """Returns the check of `string`: the whole text must match `format`."""
    if pattern is None:
        return text_rule(rule, "string", own, None, message("invalid"), 0).built()
    misfit = message("format", pattern_text(pattern))
    text = text_rule(rule, "string", own, pattern.fullmatch, misfit, limit)
    return (text if is_quick(pattern) else replace(text, slow=TimedPattern(pattern))).built()


_TEXTS = {
    "id": (patterns.ID, r"/^\d+$/"),
    "date": (patterns.DATE, r"/^\d{4}\-\d{2}\-\d{2}$/"),
    "datetime": (patterns.DATETIME, r"/^\d{4}\-\d{2}\-\d{2} \d{2}:\d{2}:\d{2}$/"),
}
"""The types that are one pattern, and the pattern in messages."""


def pattern_check(rule: Raw, kind: str, own: Own) -> Built:
    """Returns the check of `id`, `date` and `datetime`."""
    pattern, label = _TEXTS[kind]
    return text_rule(rule, kind, own, pattern.fullmatch, message("format", label), 0).built()


def named_check(rule: Raw, kind: str, own: Own) -> Built:
    """Returns the check of `email` and `url`, whose only message beside the length is their own."""
    pattern = patterns.EMAIL if kind == "email" else patterns.URL
    main = own(message(kind), kind)

    def named(default: Message, *keys: str) -> Message:
        return own(default if {"min", "max"} & {*keys} else main, *keys)

    return text_rule(rule, kind, named, pattern.fullmatch, main, 0).built()


def password_check(rule: Raw, own: Own) -> Built:
    """Returns the check of `password`: 6 characters or more, equal to the field `compare`."""
    fits, label = patterns.PASSWORD, f"/^{patterns.PASSWORD.pattern}$/"
    rule = {**rule, "min": rule.get("min") or min(6, _length(rule, "max") or 6)}
    text = text_rule(rule, "password", own, fits.fullmatch, message("format", label), 0)
    other = rule.get("compare")
    if not isinstance(other, str):
        return text.built()
    differs = own(message("compare", other), "compare")

    def check(value: object, data: Raw, run: Run, path: str) -> Message | None:
        problem = text.check(value, data, run, path)
        if problem is None and data.get(other) != value:
            return differs
        return problem

    return Built(check, conditions.equal_to(other, text.condition()))


def bool_check(own: Own) -> Built:
    """Returns the check of `bool`."""
    main = own(message("bool"), "bool")

    def check(value: object, _data: Raw, _run: Run, _path: str) -> Message | None:
        return None if isinstance(value, bool) else main

    return Built(check, conditions.of_bool)


def enum_check(values: list[object], own: Own) -> Built:
    """Returns the check of `enum`: a value of the same type, so 1 is not True."""
    allowed = {scalar_key(value) for value in values}
    main = own(message("enum", joined(values)), "enum")

    def check(value: object, _data: Raw, _run: Run, _path: str) -> Message | None:
        fits = not isinstance(value, dict | list) and scalar_key(value) in allowed
        return None if fits else main

    return Built(check, conditions.of_enum(values))


def scalar_key(value: object) -> tuple[bool, object]:
    """Returns a value that equals another's only if both are booleans, or neither is."""
    return isinstance(value, bool), value
