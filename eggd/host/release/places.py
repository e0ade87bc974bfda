"""The directories and files of the releases of one application."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from eggd.errors import RunningError
from eggd.suite.names import SuiteNames

ROOT = Path("/srv/eggd")
"""The directory of all applications: the units see it, unlike /home."""

DEFAULT = "default"
"""The directory of the package's own application, which has no name."""


@dataclass(frozen=True, slots=True)
class Places:
    """The paths below the directory of one application."""

    root: Path

    @classmethod
    def of(cls, names: SuiteNames, root: Path = ROOT) -> Places:
        """Returns the places of an application: `/srv/eggd/NAME`."""
        return cls(root / (names.app or DEFAULT))

    @property
    def releases(self) -> Path:
        """The directory of the releases."""
        return self.root / "releases"

    @property
    def current(self) -> Path:
        """The link to the release in service, EGG_BASE_DIR."""
        return self.root / "current"

    @property
    def previous(self) -> Path:
        """The link to the release that was in service before."""
        return self.root / "previous"

    @property
    def switch(self) -> Path:
        """The record of a switch that is not complete; only root may read it."""
        return self.root / "switch.json"

    def release(self, name: str) -> Path:
        """Returns the directory of a release."""
        return self.releases / name

    def record(self, name: str) -> Path:
        """Returns the file with the record of a release."""
        return self.releases / f"{name}.json"

    def create(self, group: int) -> None:
        """Creates the directories; only root and the service's group may enter them.

        So no other application of the host can read code and config. An existing directory keeps
        its owner and mode.
        """
        self.root.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
        if not self.root.is_dir():
            self.root.mkdir(mode=0o750)
            os.chown(self.root, -1, group)
            self.root.chmod(0o750)
        self.releases.mkdir(mode=0o755, exist_ok=True)
        self.releases.chmod(0o755)  # whatever the umask

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Holds the lock of the releases; raises RunningError if another command holds it."""
        flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
        fd = os.open(self.root / "lock", flags, 0o600)
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
            yield
        except BlockingIOError as exc:
            raise RunningError(
                "another deploy or rollback is running", hint="wait until it has ended"
            ) from exc
        finally:
            os.close(fd)
