"""The function that checks a value by an annotation, and its result for a wrong value."""

from __future__ import annotations

from collections.abc import Callable

from eggd.plugins.validate.run import Run

Decode = Callable[[object, Run, str], object]
"""Returns the typed value; appends the errors to the run, and returns WRONG. Arguments: the value,
the run and the path of the value."""

WRONG = object()
"""The result for a value that does not fit."""
