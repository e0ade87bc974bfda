"""The records of complete releases.

20261129-131500.json    {"created": 1796044500.2, "app": "shop", "version": "1.2.0",
                         "source": "/srv/builds/shop.tar.gz"}
"""

from __future__ import annotations

import json
import os
import re
import time
from collections.abc import Collection
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from eggd.errors import ReleaseError
from eggd.host.release.owner import remove
from eggd.host.release.places import Places
from eggd.smallfile import read_small
from eggd.spelling import suggestion_or_list
from eggd.wholefile import write_whole

_NAME = re.compile(r"[0-9]{8}-[0-9]{6}(?:-[0-9]+)?")


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """A complete release."""

    name: str
    """The time at which it was made, in UTC: `20261129-131500`; a second one then has `-2`."""
    created: float
    """The time at which it was made, in seconds since the epoch."""
    app: str
    """`project.name` of its pyproject.toml."""
    version: str
    """`project.version`, "" without one."""
    source: str
    """The folder or archive of which it was made."""


def new_name(places: Places, now: float) -> str:
    """Returns the name of a release that is made now; no file has it."""
    first = time.strftime("%Y%m%d-%H%M%S", time.gmtime(now))
    name, number = first, 1
    while os.path.lexists(places.release(name)) or os.path.lexists(places.record(name)):
        number += 1
        name = f"{first}-{number}"
    return name


def write(places: Places, release: Release) -> None:
    """Makes a release complete: first its files reach the disk, then its record. Raises OSError."""
    os.sync()
    values = {key: value for key, value in asdict(release).items() if key != "name"}
    write_whole(places.record(release.name), json.dumps(values).encode(), 0o644)
    os.sync()


def releases(places: Places) -> list[Release]:
    """Returns the complete releases, the newest first."""
    names = (path.stem for path in places.releases.glob("*.json") if _NAME.fullmatch(path.stem))
    complete = (release for name in names if (release := _read(places, name)) is not None)
    return sorted(complete, key=lambda each: (each.created, each.name), reverse=True)


def find(places: Places, name: str) -> Release:
    """Returns a complete release; raises ReleaseError that names the nearest one."""
    known = releases(places)
    for each in known:
        if each.name == name:
            return each
    hint = suggestion_or_list(name, [each.name for each in known], "releases")
    raise ReleaseError(f"{name}: unknown release", hint=hint if known else "eggd deploy DIR")


def drop(places: Places, name: str) -> None:
    """Removes a release: first its record, so that a part of it never counts as complete."""
    places.record(name).unlink(missing_ok=True)
    remove(places.release(name))


def clean(places: Places, kept: Collection[str]) -> None:
    """Removes what an interrupted command has left: directories without a record, not `kept`."""
    for path in places.releases.iterdir():
        if path.name.startswith("."):
            remove(path)
        elif path.is_dir() and path.name not in kept and not places.record(path.name).exists():
            remove(path)
    for record in places.releases.glob("*.json"):
        if not places.release(record.stem).is_dir():
            record.unlink(missing_ok=True)


def prune(places: Places, keep: int, kept: Collection[str]) -> list[str]:
    """Removes all but the newest `keep` releases, never one of `kept`; returns their names."""
    old = [each.name for each in releases(places)[keep:] if each.name not in kept]
    for name in old:
        drop(places, name)
    return old


def _read(places: Places, name: str) -> Release | None:
    try:
        data = json.loads(read_small(places.record(name)))
        values = {each.name: data[each.name] for each in fields(Release) if each.name != "name"}
        created = float(values.pop("created"))
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None
    if not places.release(name).is_dir() or not all(isinstance(v, str) for v in values.values()):
        return None
    return Release(name=name, created=created, **values)


def source_of(path: Path) -> str:
    """Returns a source as the record has it: an absolute path, links unresolved."""
    return os.path.abspath(path)
