"""The filters of templates: the functions of `app/extend/filter.py`."""

from __future__ import annotations

from collections.abc import Callable
from types import FunctionType

from eggd import Application, LoadError


def filters_of(app: Application) -> dict[str, Callable[..., object]]:
    """Returns the public functions that the files define, by name; a later file wins.

    Raises LoadError for a file without any.
    """
    filters: dict[str, Callable[..., object]] = {}
    for module in app.extension_modules("filter"):
        own = {
            name: value
            for name, value in vars(module).items()
            if isinstance(value, FunctionType)
            and value.__module__ == module.__name__
            and not name.startswith("_")
        }
        if not own:
            raise LoadError(
                f"{module.__file__}: defines no filter",
                hint="write def money(value): ... for {{ price|money }}",
            )
        filters.update(own)
    return filters
