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
    """The importable package of `root`, "" for a plain folder."""

    def file(self, relative: str) -> Path | None:
        """Returns the file of this unit, None if it does not exist."""
        path = self.root / relative
        return path if path.is_file() else None

    def load(self, relative: str) -> ModuleType | None:
        """Returns the module of a file of this unit, None without the file. Raises LoadError."""
        path = self.file(relative)
        return None if path is None else import_file(path, self.name)

    def section(self) -> type | None:
        """Returns the typed section that `section.py` declares, None without one.

        A package's is imported by its name, so that `config[Section]` finds the class that
        others import (docs/architecture.md, "A config value").
        """
        if self.kind == "app" or self.file("section.py") is None:
            return None
        path = self.root / "section.py"
        module = import_named(f"{self.package}.section", path) if self.package else None
        return only_dataclass(module or import_file(path, self.name), path)


def only_dataclass(module: ModuleType, path: Path) -> type:
    """Returns the dataclass `XConfig` of a section file. Raises LoadError without exactly one."""
    classes = [
        value
        for value in vars(module).values()
        if isinstance(value, type)
        and is_dataclass(value)
        and value.__module__ == module.__name__
        and value.__name__.endswith("Config")
    ]
    if len(classes) != 1:
        names = ", ".join(cls.__name__ for cls in classes) or "none"
        raise LoadError(f"{path}: must define one dataclass named ...Config, found {names}")
    return classes[0]


def only_class(module: ModuleType, base: type, path: Path) -> type:
    """Returns the one subclass of `base` in a file. Raises LoadError without exactly one.

    A class named `_Name` is private to the file.
    """
    classes = [
        value
        for name, value in vars(module).items()
        if isinstance(value, type)
        and issubclass(value, base)
        and not name.startswith("_")
        and value.__module__ == module.__name__
    ]
    if len(classes) != 1:
        names = ", ".join(cls.__name__ for cls in classes) or "none"
        raise LoadError(
            f"{path}: must define exactly one subclass of {base.__name__}, found {names}",
            hint=f"class Name({base.__name__}): ...",
        )
    return classes[0]
