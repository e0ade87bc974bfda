"""`LoadUnit`: a framework, a plugin or the app; all share one layout (core:DIR-2, DIR-3)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Literal

from eggd.errors import LoadError
from eggd.importer import import_file

Kind = Literal["plugin", "framework", "app"]


@dataclass(frozen=True, slots=True)
class LoadUnit:
    """A folder that is loaded; order of load is plugins, frameworks, app, and later wins."""

    name: str
    kind: Kind
    root: Path

    def file(self, relative: str) -> Path | None:
        """Return the file of this unit, or None where it has none."""
        path = self.root / relative
        return path if path.is_file() else None

    def load(self, relative: str) -> ModuleType | None:
        """Return the module of a file of this unit, None where it has none; raise LoadError."""
        path = self.file(relative)
        return None if path is None else import_file(path, self.name)


def only_class(module: ModuleType, base: type, path: Path) -> type:
    """Return the one subclass of `base` that the file defines; raise LoadError for none or two."""
    found = [
        value
        for value in vars(module).values()
        if isinstance(value, type)
        and issubclass(value, base)
        and value.__module__ == module.__name__
    ]
    if len(found) != 1:
        names = ", ".join(cls.__name__ for cls in found) or "none"
        raise LoadError(
            f"{path}: must define exactly one subclass of {base.__name__}, found {names}",
            hint=f"class Name({base.__name__}): ...",
        )
    return found[0]
