"""`LoadUnit`: a framework, a plugin or the app; all share one layout (core:DIR-2, DIR-3)."""

from __future__ import annotations

from dataclasses import dataclass, is_dataclass
from pathlib import Path
from types import ModuleType
from typing import Literal

from eggd.errors import LoadError
from eggd.importer import import_file, import_named

Kind = Literal["plugin", "framework", "app"]


@dataclass(frozen=True, slots=True)
class LoadUnit:
    """A folder that is loaded; order of load is plugins, frameworks, app, and later wins."""

    name: str
    kind: Kind
    root: Path
    package: str = ""
    """The importable package that `root` is, "" where it is none."""

    def file(self, relative: str) -> Path | None:
        """Returns the file of this unit, or None where it has none."""
        path = self.root / relative
        return path if path.is_file() else None

    def load(self, relative: str) -> ModuleType | None:
        """Returns the module of a file of this unit, None where it has none; raises LoadError."""
        path = self.file(relative)
        return None if path is None else import_file(path, self.name)

    def section(self) -> type | None:
        """Returns the typed section that `section.py` declares, None where there is none.

        A package's is imported by its name, so that `config[Section]` finds the class that
        others import (docs/architecture.md, "A config value").
        """
        if self.kind == "app" or self.file("section.py") is None:
            return None
        path = self.root / "section.py"
        module = import_named(f"{self.package}.section", path) if self.package else None
        return only_dataclass(module or import_file(path, self.name), path)


def only_dataclass(module: ModuleType, path: Path) -> type:
    """Returns the dataclass `XConfig` that a section file defines; raises LoadError otherwise."""
    found = [
        value
        for value in vars(module).values()
        if isinstance(value, type)
        and is_dataclass(value)
        and value.__module__ == module.__name__
        and value.__name__.endswith("Config")
    ]
    if len(found) != 1:
        names = ", ".join(cls.__name__ for cls in found) or "none"
        raise LoadError(f"{path}: must define one dataclass called ...Config, found {names}")
    return found[0]


def only_class(module: ModuleType, base: type, path: Path) -> type:
    """Returns the one subclass of `base` that the file defines; raises LoadError for none or two.

    One called `_Name` is a helper of the file's own.
    """
    found = [
        value
        for name, value in vars(module).items()
        if isinstance(value, type)
        and issubclass(value, base)
        and not name.startswith("_")
        and value.__module__ == module.__name__
    ]
    if len(found) != 1:
        names = ", ".join(cls.__name__ for cls in found) or "none"
        raise LoadError(
            f"{path}: must define exactly one subclass of {base.__name__}, found {names}",
            hint=f"class Name({base.__name__}): ...",
        )
    return found[0]
