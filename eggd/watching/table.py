"""The kernel's watches, and the entries that each one is for.

Several paths may lead to one file, which the kernel watches once.
"""

from __future__ import annotations

from eggd.watching.chain import Lookup
from eggd.watching.folder import Folder, Hold, Spot, Watch
from eggd.watching.kernel import ATTRIB, DONT_FOLLOW, MODIFY, NAMES, ONLYDIR, SELF, Inotify


class WatchTable:
    """All watches of one inotify instance. Methods that add raise OSError."""

    def __init__(self, inotify: Inotify) -> None:
        self._inotify = inotify
        self._watches: dict[int, Watch] = {}

    def __len__(self) -> int:
        return len(self._watches)

    def get(self, wd: int) -> Watch | None:
        """Returns a watch by its number; None if it has ended."""
        return self._watches.get(wd)

    def add_folder(self, folder: Folder) -> None:
        """Watches the entries of a directory."""
        watch = self._add(folder.path, NAMES | MODIFY | ATTRIB | SELF | ONLYDIR)
        watch.folders.add(folder)
        folder.watch = watch

    def remove_folder(self, folder: Folder) -> None:
        """Ends the use of a directory's watch."""
        if folder.watch is not None:
            folder.watch.folders.discard(folder)
            self._release(folder.watch)
            folder.watch = None

    def hold_name(self, lookup: Lookup, spot: Spot, *, is_directory: bool) -> Hold:
        """Watches one entry of a directory, which may be missing."""
        mask = NAMES | ATTRIB | SELF | ONLYDIR | (0 if is_directory else MODIFY)
        watch = self._add(lookup.directory, mask)
        watch.names.setdefault(lookup.name, set()).add(spot)
        return Hold(watch, lookup.name, spot)

    def hold_self(self, path: str, spot: Spot) -> Hold:
        """Watches a directory or link itself."""
        watch = self._add(path, SELF | DONT_FOLLOW)
        watch.owners.add(spot)
        return Hold(watch, "", spot)

    def release(self, hold: Hold) -> None:
        """Ends the use of a watch."""
        watch, name, spot = hold
        spots = watch.names.get(name, set()) if name else watch.owners
        spots.discard(spot)
        if name and not spots:
            watch.names.pop(name, None)
        self._release(watch)

    def end(self, watch: Watch) -> None:
        """Forgets a watch that the kernel has ended, since the file was deleted or unmounted."""
        self._watches.pop(watch.wd, None)
        watch.is_alive = False
        for folder in watch.folders:
            folder.watch = None

    def _add(self, path: str, mask: int) -> Watch:
        wd = self._inotify.add(path, mask)
        return self._watches.setdefault(wd, Watch(wd))

    def _release(self, watch: Watch) -> None:
        if watch.is_idle and self._watches.get(watch.wd) is watch:
            del self._watches[watch.wd]
            self._inotify.remove(watch.wd)
