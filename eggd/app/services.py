"""Service files of every unit merge into one tree of classes (core:SVC-1, SVC-2)."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from eggd.app.base_context import Service
from eggd.errors import LoadError
from eggd.importer import import_file
from eggd.loader import LoadUnit, members
from eggd.loader.unit import only_class


def load_services(units: Sequence[LoadUnit]) -> dict[str, Any]:
    """Return nested dicts of service classes; raise LoadError where two units define one name."""
    tree: dict[str, Any] = {}
    origins: dict[tuple[str, ...], Path] = {}
    for unit in units:
        for member in members(unit.root / "app" / "service"):
            cls = only_class(import_file(member.file, unit.name), Service, member.file)
            cls.path_name = f"service.{member.dotted}"  # type: ignore[attr-defined]
            _put(tree, origins, member.path, member.file)[member.path[-1]] = cls
    return tree


def _put(
    tree: dict[str, Any], origins: dict[tuple[str, ...], Path], path: tuple[str, ...], file: Path
) -> dict[str, Any]:
    for length in range(1, len(path) + 1):
        before = origins.get(path[:length])
        if before is not None:
            name = ".".join(path)
            raise LoadError(f"{file}: can't overwrite service {name!r} of {before}")
    origins[path] = file
    node = tree
    for part in path[:-1]:
        node = node.setdefault(part, {})
    return node
