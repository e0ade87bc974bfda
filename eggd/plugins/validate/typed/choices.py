"""Literal, Enum and unions."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum

from eggd.plugins.validate.checks import scalar_key
from eggd.plugins.validate.conversion import to_bool, to_int, to_number
from eggd.plugins.validate.messages import message
from eggd.plugins.validate.run import EnoughError, Run
from eggd.plugins.validate.text import joined
from eggd.plugins.validate.typed.decode import WRONG, Decode


def literal_decoder(values: Sequence[object]) -> Decode:
    """Returns the function for a value out of some."""
    return _one_of({scalar_key(value): value for value in values}, values)


def enum_decoder(kind: type[Enum]) -> Decode:
    """Returns the function for a member of an Enum, by its value."""
    members = list(kind)
    by_value: dict[object, object] = {
        scalar_key(each.value): each for each in members if _is_scalar(each.value)
    }
    return _one_of(by_value, [each.value for each in members])


def _is_scalar(value: object) -> bool:
    return value is None or isinstance(value, str | int | float)


def _one_of(results: dict[object, object], values: Sequence[object]) -> Decode:
    problem = message("enum", joined(values))

    def decode(value: object, run: Run, path: str) -> object:
        candidates = [value]
        if run.convert and isinstance(value, str):
            candidates += [to_int(value), to_number(value), to_bool(value)]
        for each in candidates:
            if _is_scalar(each) and scalar_key(each) in results:
                return results[scalar_key(each)]
        run.add(path, problem)
        return WRONG

    return decode


def union_decoder(choices: Sequence[Decode], names: Sequence[str]) -> Decode:
    """Returns the function for the first type that fits.

    With one type beside None its errors are reported, else the names of the types.
    """
    problem = message("enum", joined(names))

    def decode(value: object, run: Run, path: str) -> object:
        for choice in choices:
            trial = run.trial()
            try:
                result = choice(value, trial, path)
            except EnoughError:
                continue
            if result is not WRONG:
                return result
        run.add(path, problem)
        return WRONG

    return decode


def optional_decoder(inner: Decode) -> Decode:
    """Returns the function for a type or None."""

    def decode(value: object, run: Run, path: str) -> object:
        return None if value is None else inner(value, run, path)

    return decode
