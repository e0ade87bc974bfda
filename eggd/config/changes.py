"""Options of the config that one request or call changes."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import TypeVar

from eggd.config.section import checked_key

T = TypeVar("T")


def changed_options(options: T, changes: Mapping[str, object], where: str) -> T:
    """Returns a section of the config with other values of some keys, for one request or call.

    The values are checked as those of the config. Raises ConfigError, with `where` in front of the
    key, for an unknown key, a value of another type, and what the section itself refuses.
    """
    declared: type = getattr(options, "_declared", type(options))
    fields = {key: checked_key(declared, key, value, (where,)) for key, value in changes.items()}
    changed: T = dataclasses.replace(options, **fields)  # type: ignore[type-var]
    return changed
