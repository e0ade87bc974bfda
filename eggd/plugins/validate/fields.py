"""Checks the fields of an object, in the order of their rules."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from eggd.plugins.validate.conversion import Convert
from eggd.plugins.validate.messages import MISSING, Message
from eggd.plugins.validate.patterns import SPACES
from eggd.plugins.validate.run import Run
from eggd.plugins.validate.text import child

Data = dict[str, object]
Check = Callable[[object, Mapping[str, object], Run, str], "Message | None"]
"""Returns the message for a wrong value; a check of several fields appends to the run itself.
Arguments: the value, the object that it is a field of, the run, and the path of the field."""

ABSENT = object()
"""A field without a default."""
UNFIT = object()
"""The result of a conversion that failed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One compiled rule."""

    check: Check
    main: Message
    """The message of a value of another type."""
    absent: Message
    """The message of a missing value."""
    required: bool = True
    default: object = ABSENT
    convert: Convert | None = None
    trim: bool = False
    widely_undefined: bool = False
    pick: Callable[[object], object] | None = None
    """Returns a checked value with only the members that have rules, None if it has no members."""

    def prepared(self, value: object) -> object:
        """Returns a value trimmed and converted: None if it counts as missing, UNFIT if wrong."""
        if self.trim and isinstance(value, str):
            value = value.strip(SPACES)
        # NaN is the one value that differs from itself.
        if self.widely_undefined and (value == "" or value != value):
            return None
        if self.convert is not None and value is not None and not isinstance(value, dict | list):
            return self.convert(value)
        return value

    def own_default(self) -> object:
        """Returns the default; a list or dict is copied, as the caller may change it."""
        value = self.default
        return copy.deepcopy(value) if isinstance(value, dict | list) else value


class Fields:
    """The rules of an object's fields."""

    def __init__(self, rules: Sequence[tuple[str, Rule]]) -> None:
        """Takes the rules by their field."""
        self._rules = rules

    def check(self, data: Data, run: Run, path: str = "") -> None:
        """Appends the errors of an object to the run; sets converted values and defaults in it."""
        for key, rule in self._rules:
            given = data.get(key)
            value = rule.prepared(given)
            if value is None:
                self._absent(key, rule, data, run, path)
                continue
            if value is UNFIT:
                run.add(child(path, key), rule.main)
                continue
            if value is not given:
                data[key] = value
            problem = rule.check(value, data, run, child(path, key) if path else key)
            if problem is not None:
                run.add(child(path, key), problem)

    def _absent(self, key: str, rule: Rule, data: Data, run: Run, path: str) -> None:
        if key in data and (rule.widely_undefined or data[key] is not None):
            del data[key]  # it counts as missing
        if rule.required:
            run.add(child(path, key), rule.absent, MISSING)
        if rule.default is not ABSENT:
            data[key] = rule.own_default()

    def pick(self, data: object) -> object:
        """Returns the fields with rules, without others that a client added."""
        if not isinstance(data, dict):
            return data
        return {
            key: data[key] if rule.pick is None else rule.pick(data[key])
            for key, rule in self._rules
            if key in data
        }


class Items:
    """The rule of an array's items."""

    def __init__(self, rule: Rule) -> None:
        """Takes the rule of every item."""
        self._rule = rule

    def check(self, values: list[object], data: Mapping[str, object], run: Run, path: str) -> None:
        """Appends the errors of the items to the run; sets converted items."""
        rule = self._rule
        for index, given in enumerate(values):
            value = rule.prepared(given)
            if value is UNFIT:
                run.add(child(path, index), rule.main)
                continue
            if value is None and not rule.required:
                continue
            if value is not given:
                values[index] = value
            problem = rule.check(value, data, run, f"{path}[{index}]")
            if problem is not None:
                run.add(child(path, index), problem)

    def pick(self, values: object) -> object:
        """Returns the items, each with only the fields that have rules."""
        inner = self._rule.pick
        if inner is None or not isinstance(values, list):
            return values
        return [inner(value) for value in values]
