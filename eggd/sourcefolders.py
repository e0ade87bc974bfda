"""Finds Python code of an app outside the folders that are always watched: folders, files, links.

Examples are `lib/` beside `app/`, `agent.py`, or a package that is a link into a monorepo: the app
imports them, so a save there means old code (`eggd.suite.reload_policy`).
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterator

from eggd.suite.reload_policy import WATCHED, WRITTEN

SKIPPED = (*WRITTEN, "build", "coverage", "dist", "docs", "node_modules", "test", "tests", "venv")
"""Top-level folders without code that an app imports while it serves."""
MOST = 5_000
"""Most folders that are searched; an app with more is watched in part."""


def sources(base_dir: str, roots: Collection[str]) -> list[str]:
    """Returns the folders and files to watch besides `roots`, absolute and sorted.

    The target of a link is given by its real path: the observer follows no link (IN_DONT_FOLLOW).
    """
    beside = [path for path in _beside(base_dir) if path not in roots]
    linked = {*_links(roots), *_links(beside), *_linked_base(base_dir)}
    return sorted({path for path in beside if not os.path.islink(path)} | linked)


def _beside(base_dir: str) -> Iterator[str]:
    """Yields top-level Python files, and folders with Python files anywhere in them."""
    for entry in _entries(base_dir):
        if entry.name in (*WATCHED, *SKIPPED):
            continue
        if _holds(entry.is_dir):
            if any(name.endswith(".py") for _, names in _walk(entry.path) for name in names):
                yield entry.path
        elif entry.name.endswith(".py") and _holds(entry.is_file):
            yield entry.path


def _links(places: Collection[str]) -> Iterator[str]:
    """Yields the targets of the links at and below some places."""
    for place in places:
        if os.path.islink(place) and os.path.isfile(place):
            yield os.path.realpath(place)
        for folder, names in _walk(place):
            if os.path.islink(folder):
                yield os.path.realpath(folder)
            links = (os.path.join(folder, name) for name in names if name.endswith(".py"))
            yield from (os.path.realpath(path) for path in links if os.path.islink(path))


def _linked_base(base_dir: str) -> Iterator[str]:
    """Yields the real top-level Python files of an app that is reached by a link."""
    real = os.path.realpath(base_dir)
    if real != base_dir:
        yield from (each.path for each in _entries(real) if each.name.endswith(".py"))


def _walk(top: str) -> Iterator[tuple[str, list[str]]]:
    """Yields each real folder below `top` once, links followed, with the names of its files."""
    waiting, seen = [top], set[str]()
    while waiting and len(seen) < MOST:
        folder = waiting.pop()
        real = os.path.realpath(folder)
        if real in seen or os.path.exists(os.path.join(folder, "pyvenv.cfg")):
            continue
        seen.add(real)
        entries = list(_entries(folder))
        folders = [each for each in entries if each.name not in _NO_SOURCES]
        waiting += [each.path for each in folders if _holds(each.is_dir)]
        yield folder, [each.name for each in entries if _holds(each.is_file)]


_NO_SOURCES = ("__pycache__", "node_modules")


def _holds(kind: Callable[[], bool]) -> bool:
    """Returns the result of `is_dir` or `is_file`; False for a link to itself (ELOOP)."""
    try:
        return kind()
    except OSError:
        return False


def _entries(folder: str) -> Iterator[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            visible = [each for each in entries if not each.name.startswith(".")]
    except OSError:
        return
    yield from visible
