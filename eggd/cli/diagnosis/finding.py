"""One line of what `eggd doctor` says, and the host it says it of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

OK, WARN, FAIL, UNSEEN = "ok", "warn", "fail", "unseen"
"""All is well; works, but not as it should; will not work; the caller may not see it."""

AS_ROOT = "run it as root"


@dataclass(frozen=True, slots=True)
class Finding:
    """What was looked at, what is there, and what cures it."""

    state: str
    what: str
    value: str
    cure: str = ""
    """A command or what to change; empty where there is nothing to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """The host that is looked at."""

    base_dir: Path | None
    """The app, where one is known."""
    environ: Mapping[str, str]
    """What the units would give a worker."""
    defaults: Path
    """The file of the host's settings."""
    root: Path = Path("/")
    """Where the host's files are; tests have a folder here."""

    def path(self, absolute: str) -> Path:
        """Returns the place of one of the host's files."""
        return self.root / absolute.lstrip("/")

    @property
    def installed(self) -> bool:
        """Whether the units are installed here: else eggd runs by `eggd start` and `dev` alone."""
        return any(self.path(f"{each}/egg-master.service").exists() for each in UNIT_PATH)


UNIT_PATH = ("/etc/systemd/system", "/run/systemd/system", "/usr/lib/systemd/system")
"""Where unit files are, the first one wins (systemd.unit(5)); /lib is a link to /usr/lib."""
