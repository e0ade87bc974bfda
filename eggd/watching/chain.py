"""The lookups by which the kernel finds a file: each may change where the path leads."""

from __future__ import annotations

import os
from stat import S_ISDIR, S_ISLNK
from typing import NamedTuple

MOST_LINKS = 40
"""Links in one path, as path_resolution(7) has it."""


class Lookup(NamedTuple):
    """A name that is looked up in a directory, whose path has no link."""

    directory: str
    name: str

    @property
    def path(self) -> str:
        """The path of the entry."""
        return os.path.join(self.directory, self.name)


class Chain(NamedTuple):
    """The lookups of a path, in order; the last one is the file, or the first that is missing."""

    lookups: list[Lookup]
    is_directory: bool
    """Whether the path leads to a directory."""


def chain_of(path: str) -> Chain:
    """Returns the chain of an absolute path; it never raises."""
    rest, directory, links = path.split("/")[::-1], "/", 0
    lookups: list[Lookup] = []
    mode = 0
    while rest:
        name = rest.pop()
        if name in ("", "."):
            continue
        if name == "..":
            directory = os.path.dirname(directory)
            continue
        lookup = Lookup(directory, name)
        lookups.append(lookup)
        try:
            mode = os.lstat(lookup.path).st_mode
            target = os.readlink(lookup.path) if S_ISLNK(mode) else None
        except OSError:
            return Chain(lookups, False)
        if target is None:
            directory = lookup.path
            continue
        links += 1
        if links > MOST_LINKS:
            return Chain(lookups, False)
        rest += target.split("/")[::-1]
        directory = "/" if target.startswith("/") else directory
    return Chain(lookups, S_ISDIR(mode))
