"""The modules that an app imports from its own folder: found while it runs, forgotten after.

A worker puts the app's folder on the search path; a test process has many apps, and each may have
a `lib` of its own.
"""

from __future__ import annotations

import sys
from pathlib import Path


class OwnImports:
    """The place of one folder on the search path, last, from now until `forget`."""

    def __init__(self, folder: Path) -> None:
        self._folder = str(folder)
        self._known = set(sys.modules)
        self._added = self._folder not in sys.path
        if self._added:
            sys.path.append(self._folder)

    def forget(self) -> None:
        """Leaves the search path, and let go of what was imported from the folder meanwhile."""
        if self._added and self._folder in sys.path:
            sys.path.remove(self._folder)
        new = set(sys.modules) - self._known
        # All are looked at before one goes: a namespace asks its parent where it is.
        for name in [name for name in new if _is_in(self._folder, name)]:
            del sys.modules[name]


def _is_in(folder: str, name: str) -> bool:
    """Whether a module, or a namespace that has a part there, is of a folder."""
    module = sys.modules[name]
    places = [getattr(module, "__file__", None), *getattr(module, "__path__", [])]
    return any(place and Path(place).is_relative_to(folder) for place in places)
