"""Lists, tuples, sets and dicts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from eggd.plugins.validate.messages import message
from eggd.plugins.validate.run import Run
from eggd.plugins.validate.text import child
from eggd.plugins.validate.typed.decode import WRONG, Decode


def list_decoder(item: Decode, make: Callable[[Iterable[object]], object]) -> Decode:
    """Returns the function for values of one type; `make` makes the result of a list."""

    def decode(value: object, run: Run, path: str) -> object:
        if not isinstance(value, list):
            run.add(path, message("array"))
            return WRONG
        before = len(run.errors)
        items = [item(each, run, f"{path}[{index}]") for index, each in enumerate(value)]
        if len(run.errors) > before:
            return WRONG
        try:
            return make(items)
        except TypeError:  # a set of lists
            run.add(path, message("invalid"))
            return WRONG

    return decode


def tuple_decoder(items: Sequence[Decode]) -> Decode:
    """Returns the function for a tuple with a type for each place."""

    def decode(value: object, run: Run, path: str) -> object:
        if not isinstance(value, list):
            run.add(path, message("array"))
            return WRONG
        if len(value) != len(items):
            run.add(path, message("length", len(items)))
            return WRONG
        pairs = enumerate(zip(items, value, strict=True))
        values = [item(each, run, child(path, index)) for index, (item, each) in pairs]
        return WRONG if WRONG in values else tuple(values)

    return decode


def dict_decoder(member: Decode) -> Decode:
    """Returns the function for a dict of text to values of one type."""

    def decode(value: object, run: Run, path: str) -> object:
        if not isinstance(value, dict):
            run.add(path, message("object"))
            return WRONG
        before = len(run.errors)
        result = {key: member(each, run, child(path, str(key))) for key, each in value.items()}
        return WRONG if len(run.errors) > before else result

    return decode
