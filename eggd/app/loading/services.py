"""Service files of every load unit merge into one tree (core:SVC-1, SVC-2).

A file defines one subclass of `Service`; or, under its own name, a function of app that returns a
class or an object, or an object, which all contexts share.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from types import FunctionType
from typing import Any

from eggd.app.context.base_context import BaseContextClass, Service
from eggd.calling import mismatch
from eggd.errors import LoadError
from eggd.importer import import_file
from eggd.loader import LoadUnit
from eggd.loader.exports import call_export, mark
from eggd.loader.tree import Files, Member, Tree, load_tree
from eggd.loader.unit import only_class
from eggd.spelling import suggestion


class ServiceClasses(Tree):
    """Service classes by name; also as members: `app.service_classes.user.profile` (core:SVC-3)."""

    def __init__(self, tree: Tree) -> None:
        super().__init__()
        for name, value in tree.items():
            self[name] = ServiceClasses(value) if isinstance(value, dict) else value

    def __getattr__(self, name: str) -> Any:
        if name in self:
            return self[name]
        hint = suggestion(name, self)
        text = f"app.service_classes: {name}: unknown service"
        raise AttributeError(f"{text} ({hint})" if hint else text)


def load_services(units: Sequence[LoadUnit], app: object) -> ServiceClasses:
    """Returns the tree of service classes; raises LoadError if two load units define a name."""
    places = [(unit.name, unit.root / "app" / "service") for unit in units]
    files = Files(export=partial(_service, app), initializer=_mark)
    return ServiceClasses(load_tree(places, files))


def _service(app: Any, file: Path, unit: str) -> object:
    module = import_file(file, unit)
    definition = vars(module).get(file.stem.replace("-", "_"))
    if definition is None or _is_class_of(definition, Service):
        return only_class(module, Service, file)
    result = (
        call_export(definition, file, app) if isinstance(definition, FunctionType) else definition
    )
    if isinstance(result, dict):
        raise LoadError(
            f"{file}: a service cannot be a dict, which is a folder of services",
            hint="types.SimpleNamespace(...), or a file each",
        )
    return result


def _mark(service: Any, member: Member) -> Any:
    if _is_class_of(service, BaseContextClass):
        own = service.__init__ is not BaseContextClass.__init__  # a signature takes time to read
        if own and mismatch(service, None):
            raise LoadError(
                f"{member.file}: {service.__name__}.__init__ must take one argument, the context",
                hint="def __init__(self, ctx): super().__init__(ctx)",
            )
        mark(service, f"service.{member.dotted}", member.file)
    return service


def _is_class_of(value: object, base: type) -> bool:
    return isinstance(value, type) and issubclass(value, base)
