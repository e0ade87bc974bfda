"""Checks the fields of an object, in the order of their rules, and the items of an array."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from eggd.plugins.validate.function import function_of
from eggd.plugins.validate.rule import UNFIT, Data, FieldsCheck, Rule, check_field
from eggd.plugins.validate.run import Run
from eggd.plugins.validate.text import child

_OFTEN = 20
"""Checks after which the rules become a function, which takes as long as some 100 checks."""
_MOST = 50
"""Fields of a function; a larger one would hold up the loop for milliseconds."""


class Fields:
    """The rules of an object's fields."""

    def __init__(self, rules: Sequence[tuple[str, Rule]]) -> None:
        """Takes the rules by their field."""
        self._rules = rules
        self._checks = 0
        self.function: FieldsCheck | None = None
        """Does the same as `check`, if the rules are used often."""

    def check(self, data: Data, run: Run, path: str) -> Data | None:
        """Appends the errors of an object to the run; sets converted values and defaults in it.

        Returns the fields if each is there and unchanged, else None: see `pick`.
        """
        if self.function is not None:
            return self.function(data, run, path)
        self._checks += 1
        if self._checks == _OFTEN and len(self._rules) <= _MOST:
            self.function = function_of(self._rules)
        for key, rule in self._rules:
            check_field(key, rule, data, run, path)
        return None

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
