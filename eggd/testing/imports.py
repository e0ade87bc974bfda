"""The modules that an app imports from its own folder: removed when the app has ended.

A worker puts the app's folder on the search path. A test process has many apps, each of which may
have its own `lib`.
"""

from __future__ import annotations

import sys
from pathlib import Path


class OwnImports:
    """Keeps a folder at the end of the search path until `forget`."""

    def __init__(self, folder: Path) -> None:
        self._folder = str(folder)
        # The modules that were imported before.
        self._known = set(sys.modules)
        self._added = self._folder not in sys.path
        if self._added:
            sys.path.append(self._folder)

    def forget(self) -> None:
        """Removes the folder from the search path, and the modules that came from it."""
        if self._added and self._folder in sys.path:
            sys.path.remove(self._folder)
        new = set(sys.modules) - self._known
        # Found before the first is removed: a namespace package asks its parent for its path.
        for name in [name for name in new if _is_in(self._folder, name)]:
            del sys.modules[name]


def _is_in(folder: str, name: str) -> bool:
    """Returns whether a module, or a part of a namespace package, is in a folder."""
    module = sys.modules[name]
    places = [getattr(module, "__file__", None), *getattr(module, "__path__", [])]
    return any(place and Path(place).is_relative_to(folder) for place in places)
