"""Structs of msgspec, which ends at the first error and names no index of a list."""

from __future__ import annotations

import re
from collections.abc import Callable
from importlib import import_module
from typing import cast

from eggd.plugins.validate.foreign.values import member, safe_message
from eggd.plugins.validate.messages import Message
from eggd.plugins.validate.run import Run
from eggd.plugins.validate.text import child
from eggd.plugins.validate.typed.decode import WRONG, Decode

Make = Callable[[object], object]

_PLACE = re.compile(r"(.*?)(?: - at `(?:key in )?\$(.*)`)?", re.DOTALL)
_STEP = re.compile(r"\[\.\.\.\]|\.([^.\[]+)|\[(\d+)\]")
_MISSING = re.compile(r"Object missing required field `(.*)`")


def decode_struct(model: type) -> Decode:
    """Returns the function that makes instances of a Struct."""
    library = import_module("msgspec")
    convert = cast("Callable[..., object]", library.convert)
    wrong = cast("type[Exception]", library.ValidationError)

    def decode(value: object, run: Run, path: str) -> object:
        def make(data: object) -> object:
            return convert(data, model, strict=not run.convert)

        try:
            return make(value)
        except wrong as exc:
            _add(str(exc), value, run, path, _Failure(make, wrong))
            return WRONG

    return decode


class _Failure:
    """Finds the item of a list that a Struct refuses."""

    def __init__(self, make: Make, wrong: type[Exception]) -> None:
        self._make = make
        self._wrong = wrong

    def text(self, data: object) -> str:
        """Returns the error of data, "" without one."""
        try:
            self._make(data)
        except self._wrong as exc:
            return str(exc)
        return ""

    def index(self, data: object, steps: list[object], size: int, text: str) -> int:
        """Returns the first item with this error: halves the list, as items are read in order."""
        low, high = 0, size - 1
        while low < high:
            middle = (low + high) // 2
            if self.text(_cut(data, steps, middle + 1)) == text:
                high = middle
            else:
                low = middle + 1
        return low


def _add(text: str, data: object, run: Run, path: str, failure: _Failure) -> None:
    match = _PLACE.fullmatch(text)
    problem, place = (match[1], match[2] or "") if match else (text, "")
    steps = _steps(place, data, text, failure)
    missing = _MISSING.fullmatch(problem)
    for step in [*steps, *([missing[1]] if missing else [])]:
        path = child(path, step)
    if missing:
        run.missing(path)
    else:
        run.add(path, Message(safe_message(problem, data, steps)))


def _steps(place: str, data: object, text: str, failure: _Failure) -> list[object]:
    steps: list[object] = []
    value = data
    for match in _STEP.finditer(place):
        if match[1] is not None:
            step: object = match[1]
        elif match[2] is not None:
            step = int(match[2])
        else:
            size = len(value) if isinstance(value, dict | list) else 0
            index = failure.index(data, steps, size, text)
            step = list(value)[index] if isinstance(value, dict) and value else index
        steps.append(step)
        value = member(value, step)
    return steps


def _cut(data: object, steps: list[object], size: int) -> object:
    """Returns data whose list or dict at `steps` has only its first members."""
    if not steps:
        return dict(list(data.items())[:size]) if isinstance(data, dict) else _list(data)[:size]
    first, rest = steps[0], steps[1:]
    if isinstance(data, dict):
        return {**data, first: _cut(data.get(first), rest, size)}
    items = _list(data)
    index = cast("int", first)
    return [*items[:index], _cut(items[index], rest, size)]


def _list(data: object) -> list[object]:
    return data if isinstance(data, list) else []
