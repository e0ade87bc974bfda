"""Service files of every unit merge into one tree of classes (core:SVC-1, SVC-2)."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from eggd.app.base_context import Service
from eggd.importer import import_file
from eggd.loader import LoadUnit
from eggd.loader.exports import mark
from eggd.loader.tree import Files, Member, Tree, load_tree
from eggd.loader.unit import only_class


def load_services(units: Sequence[LoadUnit]) -> Tree:
    """Return the tree of service classes; raise LoadError where two units define one name."""
    places = [(unit.name, unit.root / "app" / "service") for unit in units]
    return load_tree(places, Files(export=_service, initializer=_marked))


def _service(file: Path, unit: str) -> type:
    return only_class(import_file(file, unit), Service, file)


def _marked(cls: type, member: Member) -> type:
    mark(cls, f"service.{member.dotted}", member.file)
    return cls
