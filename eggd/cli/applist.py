"""The rows of `eggd app list`."""

from __future__ import annotations

import os
from dataclasses import asdict, dataclass
from pathlib import Path

from eggd.cli.diagnosis.finding import InspectedHost
from eggd.cli.diagnosis.units import listen_streams
from eggd.cli.view import build
from eggd.host import defaults
from eggd.host.systemctl import Systemctl
from eggd.suite.files import STATUS
from eggd.suite.names import SuiteNames
from eggd.wire.line_error import LineError

UNKNOWN = "unknown"
"""The state of an application whose status the caller may not read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """One application."""

    name: str
    """Its name; `default` is the package's own."""
    state: str
    """One of running, degraded, stopped and unknown."""
    address: list[str]
    """The addresses of its listener, as ListenStream= has them."""
    enabled: int
    """The number of its enabled workers."""
    ready: int
    """The number of its workers that serve."""
    user: str
    base_dir: str
    """The app's directory; "" if it is not set or may not be read."""

    def record(self) -> dict[str, object]:
        """Returns the object of `--json`."""
        return asdict(self)

    def cells(self) -> list[str]:
        """Returns the row of the table."""
        workers = f"{self.ready} of {self.enabled}"
        return [
            *(self.name, self.state, ", ".join(self.address), workers, self.user),
            self.base_dir or "-",
        ]


def overview(names: SuiteNames) -> Overview:
    """Returns the row of an application."""
    runtime = Path(names.runtime)
    as_root = os.geteuid() == 0
    view = build(runtime, Systemctl(os.environ) if as_root else None, names=names)
    readable = as_root or os.access(runtime / STATUS, os.R_OK)
    return Overview(
        name=names.title,
        state=view["state"] if readable else UNKNOWN,
        address=streams(names),
        enabled=sum(each["enabled"] for each in view["workers"]),
        ready=sum(each["state"] == "ready" for each in view["workers"]),
        user=names.user,
        base_dir=defaults.base_dir(names) or view["app"].get("base_dir", ""),
    )


def streams(names: SuiteNames) -> list[str]:
    """Returns the addresses of an application's listener; empty if they cannot be read."""
    host = InspectedHost(base_dir=None, environ={}, defaults=Path(names.defaults), names=names)
    try:
        return listen_streams(host)
    except (OSError, LineError):
        return []
