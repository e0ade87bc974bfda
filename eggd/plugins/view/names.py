"""The file that a template's name leads to; no name leads out of the roots (core:VW-4, VW-6).

A name may come from a client: `ctx.render(f"pages/{ctx.params['page']}")`.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from eggd import suggestion
from eggd.plugins.view.errors import TemplateNotFoundError, ViewError

LONGEST = 1024
"""Characters of a name; a path on Linux has 4096 at most."""


class TemplateFile(NamedTuple):
    """A template on disk."""

    name: str
    """Its path below the root, with its extension."""
    path: str
    """Its absolute path."""
    root: str
    """The folder that has it."""


class TemplateNames:
    """Finds templates by name in several roots; remembers the files if `cache` is set."""

    def __init__(self, roots: Sequence[str], extension: str, *, cache: bool) -> None:
        self.roots = [*dict.fromkeys(roots)]
        self._real_roots = [os.path.realpath(root) for root in self.roots]
        self._extension = extension
        # Only files that exist are kept, so that clients cannot fill it; None: not kept.
        self._files: dict[str, TemplateFile] | None = {} if cache else None

    def find(self, name: str) -> TemplateFile:
        """Returns the file of a name, with or without the default extension.

        The name itself is tried in all roots, then the name with the extension. Raises
        TemplateNotFoundError for a name that no root has, and for one that leads out of the roots:
        with `..`, `\\`, NUL, a leading slash, or by a symbolic link.
        """
        if not isinstance(name, str):
            raise ViewError(f"the name of a template must be text, not {name!r}")
        files = self._files
        if files is not None and name in files:
            return files[name]
        file = self._search(name) if _is_plain(name) else None
        if file is None:
            roots = ",".join(self.roots) or "no folder: app/view does not exist"
            # With the cache, names of clients may arrive here often.
            hint = suggestion(name, [file.name for file in self.all()]) if files is None else ""
            raise TemplateNotFoundError(f"Can't find {name[:LONGEST]!r} from {roots}", hint=hint)
        if files is not None:
            files[name] = file
        return file

    def all(self) -> Iterator[TemplateFile]:
        """Yields every template of the roots, without those that an earlier root hides."""
        seen = set()
        for root in self.roots:
            for folder, folders, names in os.walk(root):
                folders.sort()
                for base in sorted(names):
                    name = os.path.relpath(os.path.join(folder, base), root)
                    file = None if name in seen or base.startswith(".") else self._search(name)
                    if file is not None and file.name == name:
                        seen.add(name)
                        yield file

    def _search(self, name: str) -> TemplateFile | None:
        for candidate in (name, name + self._extension):
            for root, real_root in zip(self.roots, self._real_roots, strict=True):
                path = os.path.join(root, candidate)
                if _is_file_below(path, real_root):
                    return TemplateFile(candidate, path, root)
        return None


def _is_plain(name: str) -> bool:
    """Returns whether a name consists of plain names with slashes between them."""
    if not name or len(name) > LONGEST or "\\" in name or "\0" in name:
        return False
    return all(part not in ("", ".", "..") for part in name.split("/"))


def _is_file_below(path: str, real_root: str) -> bool:
    """Returns whether a path is a regular file that stays below a folder, links resolved."""
    try:
        if not stat.S_ISREG(os.stat(path).st_mode):
            return False
        real = os.path.realpath(path, strict=True)
    except (OSError, ValueError):  # a surrogate has no bytes in the file system's encoding
        return False
    return real.startswith(real_root.rstrip("/") + "/")
