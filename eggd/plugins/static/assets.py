"""URLs with a hash of the content: browsers keep the file for a year, and see each change."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from urllib.parse import quote

from eggd import EggError, suggestion
from eggd.plugins.static.handler import FolderHandler
from eggd.plugins.static.names import hashed, is_visible
from eggd.plugins.static.roots import Root
from eggd.plugins.static.section import StaticConfig

_Mark = tuple[int, int, int]


class Assets:
    """The files of all prefixes, by name."""

    def __init__(self, handlers: Sequence[FolderHandler], options: StaticConfig) -> None:
        self._handlers = handlers
        self._options = options
        # The URLs by name, each with the state of the file that it is of.
        self._urls: dict[str, tuple[str, _Mark]] = {}

    def prepare(self) -> None:
        """Reads the names of all files, or the files themselves, as the config says; blocks."""
        for handler in self._handlers:
            if self._options.preload:
                handler.store.preload()
            if not self._options.dynamic:
                handler.store.fix()

    def url(self, name: str) -> str:
        """Returns the URL of a file, whose content is read once; raises EggError without one.

        Files above `static.max_file` are known by size and time. Where files are not kept in memory
        each call looks for a change.
        """
        known = self._urls.get(name)
        if known is not None and self._options.buffer:
            return known[0]
        mark = self._mark(name)
        if known is not None and known[1] == mark:
            return known[0]
        if len(self._urls) >= self._options.max_files:
            self._urls.clear()
        url = self._new(name)
        self._urls[name] = (url, mark)
        return url

    def _new(self, name: str) -> str:
        encoded = os.fsencode(name)
        for handler in self._handlers if is_visible(encoded) else ():
            source = handler.store.peek(encoded)
            if source is not None:
                path = quote(hashed(encoded, source.digest))
                return f"{self._options.asset_url}{handler.prefix}{path}"
        raise self._missing(name)

    def _mark(self, name: str) -> _Mark:
        """Returns the state of the file of that name, zeros without one."""
        for root in self._roots():
            try:
                info = os.stat(os.path.join(root.path, name))
            except (OSError, ValueError):
                continue
            return (info.st_ino, info.st_size, info.st_mtime_ns)
        return (0, 0, 0)

    def _missing(self, name: str) -> EggError:
        known = [os.fsdecode(each) for handler in self._handlers for each in handler.store.names()]
        folders = ", ".join(str(root.path) for root in self._roots()) or "no folder is served"
        if name in known:
            hint = "it must be a regular file, and a link may not lead out of the folder"
            return EggError(f"asset {name!r}: is not served ({folders})", hint=hint)
        return EggError(
            f"asset {name!r}: no such file ({folders})",
            hint=suggestion(name, known) or "a name relative to the folder, such as 'css/app.css'",
        )

    def _roots(self) -> Iterable[Root]:
        return (root for handler in self._handlers for root in handler.store.roots)
