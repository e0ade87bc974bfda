"""A finding of `eggd doctor`, and the host that it inspects."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from eggd.host.unit_files import UNIT_PATH
from eggd.suite.names import DEFAULT, SuiteNames

OK, WARN, FAIL, UNSEEN = "ok", "warn", "fail", "unseen"
"""Good; works, but with a problem; does not work; the caller may not check it."""

AS_ROOT = "run eggd doctor as root"


@dataclass(frozen=True, slots=True)
class Finding:
    """The result of one check."""

    state: str
    what: str
    """The subject: `python`, `port 7001`, a path."""
    value: str
    """Its value or problem."""
    hint: str = ""
    """An instruction or a command; empty if there is nothing to do."""

    @classmethod
    def of(cls, good: bool, what: str, value: str, hint: str, *, bad: str = FAIL) -> Finding:
        """Returns OK, or the state `bad` with its hint."""
        return cls(OK, what, value) if good else cls(bad, what, value, hint)


@dataclass(frozen=True, slots=True, kw_only=True)
class InspectedHost:
    """The host that is inspected."""

    base_dir: Path | None
    """The app, None if it is unknown."""
    environ: Mapping[str, str]
    """The variables that the units would give a worker."""
    defaults: Path
    """The file of the host's settings."""
    names: SuiteNames = DEFAULT
    """The names of the suite that systemd runs."""
    root: Path = Path("/")
    """The root of the host's file system; a directory in tests."""

    def path(self, absolute: str) -> Path:
        """Returns the path of one of the host's files."""
        return self.root / absolute.lstrip("/")

    @property
    def installed(self) -> bool:
        """Whether eggd's units are installed; if not, only `eggd start` and `eggd dev` run apps."""
        return any(self.path(f"{each}/{self.names.master}").exists() for each in UNIT_PATH)
