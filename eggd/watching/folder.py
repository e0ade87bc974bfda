"""A directory and its entries at the last comparison, and the watches that it has."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import NamedTuple

from eggd.watching.chain import Chain

Identity = tuple[int, int]
"""Device and inode."""


class Folder:
    """A directory by the path at which it is watched; or, as a root, one entry of a directory."""

    __slots__ = (
        "deaf",
        "dropped",
        "files",
        "folders",
        "identity",
        "links",
        "name",
        "parent",
        "partial",
        "path",
        "watch",
    )

    def __init__(self, path: str, parent: Folder | None = None, name: str = "") -> None:
        self.path = path
        self.parent = parent
        """None for a root: its only entry is the watched path."""
        self.name = name
        """The name in the parent; for a root the name of its entry."""
        self.identity: Identity = (0, 0)
        self.watch: Watch | None = None
        """None while the kernel watches no entries; always for a root."""
        self.files: dict[str, int] = {}
        """The signatures of all entries but directories."""
        self.folders: dict[str, Folder] = {}
        self.links: dict[str, Link] = {}
        """The links among the entries; of a root its entry, link or not."""
        self.dropped = False
        """True after the directory was removed, or the watch of the root has ended."""
        self.partial = False
        """Whether the kernel refuses to watch all of this root."""
        self.deaf = False
        """Whether a part of this root is on a file system without events."""

    @property
    def spot(self) -> tuple[Folder, str]:
        """The entry to check if this directory itself changes."""
        return (self, self.name) if self.parent is None else (self.parent, self.name)

    @property
    def root(self) -> Folder:
        """The root of the tree."""
        folder = self
        while folder.parent is not None:
            folder = folder.parent
        return folder

    def above(self) -> Iterator[Folder]:
        """Yields the directory and those that contain it."""
        folder: Folder | None = self
        while folder is not None:
            yield folder
            folder = folder.parent

    def join(self, name: str) -> str:
        """Returns the path of an entry."""
        return os.path.join(self.path, name)


Spot = tuple[Folder, str]
"""An entry of a directory, by name."""


class Watch:
    """One watch of the kernel."""

    __slots__ = ("folders", "is_alive", "names", "owners", "wd")

    def __init__(self, wd: int) -> None:
        self.wd = wd
        self.folders: set[Folder] = set()
        """Directories of which every entry counts."""
        self.names: dict[str, set[Spot]] = {}
        """By the name of an entry of the directory: what to check if that entry changes."""
        self.owners: set[Spot] = set()
        """Entries to check if the watched file itself is renamed or replaced."""
        self.is_alive = True
        """False after the kernel has ended it: the file was deleted or unmounted."""

    @property
    def is_idle(self) -> bool:
        """Whether the watch is for no entry any more."""
        return not (self.folders or self.names or self.owners)

    def spots(self) -> set[Spot]:
        """Returns all entries that depend on this watch."""
        named = {spot for spots in self.names.values() for spot in spots}
        return named | self.owners | {folder.spot for folder in self.folders}


class Hold(NamedTuple):
    """The use of a watch for one entry; `name` is empty if the watched file itself matters."""

    watch: Watch
    name: str
    spot: Spot


class Link(NamedTuple):
    """A path that leads somewhere, and the watches that notice if it leads elsewhere."""

    chain: Chain
    holds: list[Hold]

    @property
    def is_alive(self) -> bool:
        """Whether the last lookup is watched, and the kernel has ended no watch of them."""
        is_whole = bool(self.holds) and self.holds[-1].name != ""
        return is_whole and all(hold.watch.is_alive for hold in self.holds)


def signature(status: os.stat_result) -> int:
    """Returns a number that differs after each write, and after a replacement of the file."""
    return hash((status.st_mtime_ns, status.st_size, status.st_ino))
