"""One compiled rule, and the check of a field by it."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from eggd.plugins.validate.conditions import Condition
from eggd.plugins.validate.conversion import Convert
from eggd.plugins.validate.messages import MISSING, Message
from eggd.plugins.validate.patterns import SPACES
from eggd.plugins.validate.run import Run
from eggd.plugins.validate.text import child

Data = dict[str, object]
Check = Callable[[object, Mapping[str, object], Run, str], "Message | None"]
"""Returns the message for a wrong value; a check of several fields appends to the run itself.
Arguments: the value, the object that it is a field of, the run, and the path of the field."""

FieldsCheck = Callable[[Data, Run, str], "Data | None"]
"""Checks an object as `Fields.check` does. Arguments: the object, the run and the object's path."""


class Built(NamedTuple):
    """The parts of a rule that depend on its type."""

    check: Check
    condition: Condition | None = None
    """The condition of a value that needs no check, unless it is converted."""
    pick: Callable[[object], object] | None = None
    """Returns a checked value with only the members that have rules; None: it has no members."""


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
    condition: Condition | None = None

    @property
    def may_stay_absent(self) -> bool:
        """Whether nothing is done for a missing value."""
        return not self.required and self.default is ABSENT and not self.widely_undefined

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


def check_field(key: str, rule: Rule, data: Data, run: Run, path: str) -> None:
    """Appends the errors of a field to the run; sets its converted value or default in the data."""
    given = data.get(key)
    value = rule.prepared(given)
    if value is None:
        _check_absent(key, rule, data, run, path)
        return
    if value is UNFIT:
        run.add(child(path, key), rule.main)
        return
    if value is not given:
        data[key] = value
    problem = rule.check(value, data, run, child(path, key) if path else key)
    if problem is not None:
        run.add(child(path, key), problem)


def _check_absent(key: str, rule: Rule, data: Data, run: Run, path: str) -> None:
    if key in data and (rule.widely_undefined or data[key] is not None):
        del data[key]  # it counts as missing
    if rule.required:
        run.add(child(path, key), rule.absent, MISSING)
    if rule.default is not ABSENT:
        data[key] = rule.own_default()
