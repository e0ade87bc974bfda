"""Models of pydantic 1 and 2; which values are converted, the model's own config decides."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol, cast

from eggd.plugins.validate.foreign.values import safe_message
from eggd.plugins.validate.messages import Message, message
from eggd.plugins.validate.run import Run
from eggd.plugins.validate.text import child
from eggd.plugins.validate.typed.decode import WRONG, Decode


class _Error(Protocol):
    """A ValidationError of either version."""

    def errors(self, **options: bool) -> Sequence[Mapping[str, object]]: ...


def decode_model(model: type) -> Decode:
    """Returns the function that makes instances of a model."""
    make = cast(
        "Callable[[object], object]",
        getattr(model, "model_validate", None) or getattr(model, "parse_obj", None),
    )

    def decode(value: object, run: Run, path: str) -> object:
        if not isinstance(value, dict):
            run.add(path, message("object"))
            return WRONG
        try:
            return make(value)
        except ValueError as exc:
            if not has_details(exc):
                raise
            add_details(exc, value, run, path)
            return WRONG

    return decode


def has_details(error: ValueError) -> bool:
    """Returns whether this is pydantic's error, which lists the errors of the fields."""
    return callable(getattr(error, "errors", None))


def add_details(error: ValueError, data: object, run: Run, path: str) -> None:
    """Appends the errors that pydantic lists."""
    for each in _details(cast("_Error", error)):
        steps = [step for step in cast("Sequence[object]", each["loc"]) if step != "__root__"]
        field = path
        for step in steps:
            field = child(field, step)
        is_missing = str(each["type"]) in ("missing", "value_error.missing")
        if is_missing:
            run.missing(field)
        else:
            run.add(field, Message(safe_message(str(each["msg"]), data, steps)))


def _details(error: _Error) -> Sequence[Mapping[str, object]]:
    try:
        return error.errors(include_url=False, include_context=False, include_input=False)
    except TypeError:
        return error.errors()  # pydantic 1
