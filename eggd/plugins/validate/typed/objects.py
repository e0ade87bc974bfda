"""Dataclasses and TypedDicts."""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from eggd.plugins.validate.foreign.pydantic import add_details, has_details
from eggd.plugins.validate.foreign.values import safe_message
from eggd.plugins.validate.messages import Message, message
from eggd.plugins.validate.run import Run
from eggd.plugins.validate.text import child
from eggd.plugins.validate.typed.decode import WRONG, Decode


@dataclass(slots=True)
class Member:
    """A field of a class."""

    name: str
    decode: Decode
    required: bool


class Objects:
    """Makes the objects of one class."""

    def __init__(self, make: Callable[..., object], members: Sequence[Member]) -> None:
        """`make` is called with the fields that are there, by their names."""
        self._make = make
        self._members = members

    def decode(self, value: object, run: Run, path: str) -> object:
        """Returns the object of a dict; members that the class does not have are ignored."""
        if not isinstance(value, dict):
            run.add(path, message("object"))
            return WRONG
        if not run.enter(path):
            return WRONG
        before, outer = len(run.errors), run.siblings
        values = self._values(value, run, path)
        run.depth, run.siblings = run.depth - 1, outer
        return WRONG if len(run.errors) > before else self._create(values, value, run, path)

    def _values(self, data: dict[str, object], run: Run, path: str) -> dict[str, object]:
        values: dict[str, object] = {}
        run.siblings = ChainMap(values, data)
        for member in self._members:
            name = member.name
            value = data.get(name)
            is_absent = name not in data or (
                run.options.widely_undefined and (value in ("", None) or value != value)
            )
            if not is_absent:
                result = member.decode(value, run, child(path, name))
                if result is not WRONG:
                    values[name] = result
            elif member.required:
                run.missing(child(path, name))
        return values

    def _create(self, values: dict[str, object], data: object, run: Run, path: str) -> object:
        try:
            return self._make(**values)
        except ValueError as exc:  # of __post_init__
            if has_details(exc):
                add_details(exc, data, run, path)
            else:
                self._refuse(exc, values, run, path)
            return WRONG

    def _refuse(self, error: ValueError, data: dict[str, object], run: Run, path: str) -> None:
        text = str(error)
        for name in data:
            text = safe_message(text, data, [name])
        run.add(path, Message(text or message("invalid").template))
