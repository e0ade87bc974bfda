"""The chain of frameworks is the class hierarchy: each level that names a `root` is a load unit.

    class Application(eggd.Application):
        root = Path(__file__).parent

Base first, most derived last (core:DIR-3, DIR-4); a level without a root of its own is skipped,
doubles (after realpath) are collapsed.
"""

from __future__ import annotations

from pathlib import Path

from eggd.errors import LoadError
from eggd.loader.unit import LoadUnit


def framework_units(cls: type) -> list[LoadUnit]:
    """Return the frameworks that the class rests on; raise LoadError for a root that is none."""
    units: dict[Path, LoadUnit] = {}
    for level in reversed(cls.__mro__):
        root = vars(level).get("root")
        if root is None:
            continue
        if not isinstance(root, Path) or not root.is_dir():
            raise LoadError(f"{level.__module__}.{level.__qualname__}.root: no folder: {root!r}")
        real = root.resolve()
        package = level.__module__.partition(".")[0]
        units.setdefault(real, LoadUnit(real.name, "framework", real, package))
    return list(units.values())
