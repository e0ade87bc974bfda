"""Puts a release in the place of another: atomically, and so that it can be undone.

`switch.json` is there from before the switch until the new release has proved to be healthy. It
has what was in service before, so that the next command undoes a switch that was interrupted.
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

from eggd.errors import ReleaseError
from eggd.host import defaults
from eggd.host.release.base_dir import KEY, set_base_dir
from eggd.host.release.places import Places
from eggd.smallfile import read_small
from eggd.wholefile import write_whole


@dataclass(frozen=True, slots=True, kw_only=True)
class Before:
    """The state before a switch, which an undo restores."""

    release: str | None
    """The release that `current` led to; None before the first one."""
    base_dir: str | None
    """EGG_BASE_DIR in the file of settings; None if it was not set."""
    to: str
    """The release of the switch."""


class Switch:
    """The links of one application, and its EGG_BASE_DIR."""

    def __init__(self, places: Places, settings: Path) -> None:
        self._places = places
        self._settings = settings

    @property
    def current(self) -> str | None:
        """The release in service; None if `current` does not lead to one."""
        return _release_of(self._places.current)

    @property
    def previous(self) -> str | None:
        """The release that was in service before; None without one."""
        return _release_of(self._places.previous)

    @property
    def kept(self) -> set[str]:
        """The releases that must not be removed."""
        pending = self.pending()
        named = {self.current, self.previous, pending.release if pending else None}
        return {name for name in named if name is not None}

    def pending(self) -> Before | None:
        """Returns what was in service before a switch that was interrupted; None without one.

        Raises ReleaseError if its record cannot be read.
        """
        try:
            return Before(**json.loads(read_small(self._places.switch)))
        except FileNotFoundError:
            return None
        except (OSError, ValueError, TypeError) as exc:
            raise ReleaseError(
                f"{self._places.switch}: cannot be read: {exc}",
                hint=f"remove it, and see where {self._places.current} leads",
            ) from exc

    def begin(self, to: str) -> Before:
        """Leads `current` to a release, and EGG_BASE_DIR to `current`; returns what was before.

        Raises VariableError or OSError, and changes nothing then.
        """
        base_dir = defaults.check(self._settings).get(KEY)
        before = Before(release=self.current, base_dir=base_dir, to=to)
        write_whole(self._places.switch, json.dumps(asdict(before)).encode(), 0o600)
        os.sync()
        try:
            self._lead(self._places.current, to)
            set_base_dir(self._settings, str(self._places.current))
        except BaseException:
            self.undo(before)
            raise
        os.sync()
        return before

    def undo(self, before: Before) -> None:
        """Restores what was in service before."""
        if before.release is not None:
            self._lead(self._places.current, before.release)
        set_base_dir(self._settings, before.base_dir)
        if before.release is None:
            self._places.current.unlink(missing_ok=True)
        os.sync()
        self._places.switch.unlink(missing_ok=True)

    def commit(self, before: Before) -> None:
        """Ends a switch: what was in service is now the previous release."""
        if before.release not in (None, before.to):
            self._lead(self._places.previous, str(before.release))
        os.sync()
        self._places.switch.unlink(missing_ok=True)

    def _lead(self, link: Path, name: str) -> None:
        new = link.with_name(f".{link.name}.new")
        new.unlink(missing_ok=True)
        new.symlink_to(f"{self._places.releases.name}/{name}")
        os.replace(new, link)


def _release_of(link: Path) -> str | None:
    """Returns the release to which a link leads; None if it leads to no directory."""
    return link.readlink().name if link.is_symlink() and link.is_dir() else None
