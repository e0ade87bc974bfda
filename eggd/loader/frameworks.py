"""The chain of frameworks is the class hierarchy: each level that names a `root` is a load unit.

    class Application(eggd.Application):
        root = Path(__file__).parent

Base first, most derived last (core:DIR-3, DIR-4); a level without a root of its own is skipped,
doubles (after realpath) are collapsed. Which framework an app rests on is a name in its
pyproject.toml; the package of that name exports `Application` and `Agent` (core:FW-2).
"""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import TypeVar

from eggd.errors import EggError, LoadError
from eggd.failure import deepest, describe
from eggd.loader.metadata import Chosen
from eggd.loader.unit import LoadUnit

C = TypeVar("C")


def framework_class(base: type[C], chosen: Chosen) -> type[C]:
    """Returns the chosen framework's class that is called like `base`; `base` without a choice.

    Raises LoadError naming where it was chosen.
    """
    if not chosen.name:
        return base
    cls = getattr(_import(chosen), base.__name__, None)
    if isinstance(cls, type) and issubclass(cls, base):
        return cls
    raise LoadError(
        f"{chosen.origin}: framework {chosen.name!r} must export {base.__name__}, a subclass of"
        f" eggd.{base.__name__}, found {cls!r}",
        hint=f"class {base.__name__}(eggd.{base.__name__}): root = Path(__file__).parent",
    )


def framework_units(cls: type) -> list[LoadUnit]:
    """Returns the frameworks of a class. Raises LoadError for a root that is not a folder."""
    units: dict[Path, LoadUnit] = {}
    for level in reversed(cls.__mro__):
        root = vars(level).get("root")
        if root is None:
            continue
        if not isinstance(root, Path) or not root.is_dir():
            raise LoadError(
                f"{level.__module__}.{level.__qualname__}.root: must be the Path of a folder,"
                f" not {root!r}",
                hint="root = Path(__file__).parent",
            )
        real = root.resolve()
        name = level.__module__.partition(".")[0]
        units.setdefault(real, LoadUnit(name, "framework", real, _package(level, real)))
    return list(units.values())


def _import(chosen: Chosen) -> ModuleType:
    where = f"{chosen.origin}: framework {chosen.name!r}"
    if not all(part.isidentifier() for part in chosen.name.split(".")):
        raise LoadError(f"{where} is not an import name", hint="the name in `import ...`")
    try:
        return import_module(chosen.name)
    except EggError:
        raise
    except Exception as exc:
        if isinstance(exc, ModuleNotFoundError) and f"{chosen.name}.".startswith(f"{exc.name}."):
            raise LoadError(
                f"{where} cannot be found", hint="pip install it where the app runs"
            ) from exc
        raise LoadError(f"{where} cannot be imported: {deepest(exc)}: {describe(exc)}") from exc


def _package(level: type, root: Path) -> str:
    """Returns the importable package that `root` is, "" where it is only a folder."""
    parts = level.__module__.split(".")
    names = (".".join(parts[: length + 1]) for length in range(len(parts)))
    for name in names:
        paths = getattr(sys.modules.get(name), "__path__", ())
        if root in (Path(path).resolve() for path in paths):
            return name
    return ""
