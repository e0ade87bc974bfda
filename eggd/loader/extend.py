"""Compose one class per app out of the framework's class and every unit's extensions (EXT-*)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from eggd.loader.unit import LoadUnit

T = TypeVar("T")


def compose_class(base: type[T], target: str, units: Sequence[LoadUnit], env: str) -> type[T]:
    """Return `base` extended by `app/extend/{target}.py` of every unit, in load order."""
    return type(base.__name__, (base,), {"__module__": base.__module__})
