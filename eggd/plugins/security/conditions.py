"""The keys `match` and `ignore` of a part."""

from __future__ import annotations

from collections.abc import Callable

from eggd import Context, PathCondition, path_condition
from eggd.plugins.security.options import PartOptions

Condition = Callable[[Context], bool]
"""Returns whether a part is used for a request."""


def condition_of(name: str, options: PartOptions) -> Condition | None:
    """Returns the condition of a part, None if it is used for every request (process:SEC-4).

    Raises ConfigError for a pattern of an unknown kind.
    """
    ignore = None if options.match is not None else options.ignore
    return path_condition(options.match, ignore, f"security.{name}")


def by_path(condition: Condition | None) -> Callable[[str], bool] | None:
    """Returns the condition as a function of the path, None if it may read more of the request."""
    if condition is None:
        return lambda _path: True
    return condition.test if isinstance(condition, PathCondition) else None
