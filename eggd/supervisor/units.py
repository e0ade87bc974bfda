"""Turns unit files into plans: commands, sockets and time limits.

systemd reads the same files: `units/` in a checkout, `eggd/units/` in the wheel. Paths of the host
become paths of the app, and the interpreter is that of the settings.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from eggd.errors import FileError, UnitError
from eggd.socketfile import Access
from eggd.supervisor.directives import refusal
from eggd.wire.line_error import LineError
from eggd.wire.unitfile import Directive, parse

_HERE = Path(__file__).resolve().parents[1]
UNITS = next((each for each in (_HERE / "units", _HERE.parent / "units") if each.is_dir()), _HERE)
"""The folder of the unit files."""

_PYTHON = "/usr/bin/python3"
_RUN, _LOGS, _DEFAULTS = "/run/eggd", "/var/log/eggd", "/etc/default/"


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """The paths that replace those of a host."""

    run: Path
    """Replaces `/run/eggd`."""
    logs: Path
    """Replaces `/var/log/eggd`."""
    python: str = sys.executable
    """Replaces `/usr/bin/python3`."""

    def of(self, text: str) -> str:
        """Returns a path or a text with the host's paths in it replaced."""
        return text.replace(_RUN, str(self.run)).replace(_LOGS, str(self.logs))


@dataclass(frozen=True, slots=True, kw_only=True)
class SocketPlan:
    """One socket unit."""

    unit: str
    """Its name."""
    listen: str = ""
    """`[ADDRESS:]PORT` or a path."""
    datagram: bool = False
    """Whether it is a datagram socket."""
    name: str = "unknown"
    """Its name for the process (FileDescriptorName=)."""
    backlog: int = 4096
    """Length of the accept queue."""
    no_delay: bool = False
    """TCP_NODELAY."""
    pass_credentials: bool = False
    """SO_PASSCRED."""
    mode: int = 0o666
    """Access mode of a socket that is a file."""
    owner: Access = field(default_factory=Access)
    """Owner of a socket that is a file; its mode is `mode`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServicePlan:
    """One service unit, its instance filled in."""

    unit: str
    """Its name."""
    argv: tuple[str, ...] = ()
    """The command."""
    identifier: str = ""
    """Name in the journal."""
    sockets: tuple[str, ...] = ()
    """Units of the sockets that it inherits, from descriptor 3 upwards."""
    environ: Mapping[str, str] = field(default_factory=dict)
    """Variables of its own."""
    non_blocking: bool = False
    """Whether O_NONBLOCK is set on its sockets at every start."""
    umask: int = 0o022
    """File mode creation mask."""
    run_mode: int = 0o755
    """Access mode of the runtime directory."""
    restart_sec: float = 0.1
    """Seconds from a death to the next start; infinite: it is not started again."""
    start_timeout: float = 90.0
    """Seconds to READY=1."""
    stop_timeout: float = 90.0
    """Seconds from SIGTERM to SIGKILL."""
    watchdog: float = 0.0
    """Seconds within which WATCHDOG=1 must come; 0: no watchdog."""
    files: int = 0
    """Soft limit of open files; 0: that of the supervisor."""


def read(folder: Path, unit: str) -> list[Directive]:
    """Returns the directives of a unit, instance names filled in.

    Raises UnitError with file and line for invalid or unsupported text.
    """
    name, at, rest = unit.partition("@")
    instance, _, kind = rest.rpartition(".")
    path = folder / (f"{name}@.{kind}" if at else unit)
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, ValueError) as exc:
        raise FileError(f"{path}: cannot be read: {exc}") from exc
    try:
        directives = list(parse(text, instance))
    except LineError as exc:
        raise UnitError(f"{path}:{exc.line}: {exc.problem}") from exc
    for each in directives:
        if problem := refusal(each.section, each.key, each.value):
            raise UnitError(f"{path}:{each.line}: {each.name}: {problem}")
    return directives


def service(folder: Path, unit: str, places: Places) -> ServicePlan:
    """Returns the plan of a service unit; raises UnitError as `read` does."""
    directives = read(folder, unit)
    plan = ServicePlan(unit=unit, **_values(folder, unit, directives, _SERVICE))
    return replace(
        plan,
        argv=tuple(places.python if word == _PYTHON else word for word in plan.argv),
        environ=dict(_environment(directives, places)),
    )


def socket(folder: Path, unit: str, places: Places) -> SocketPlan:
    """Returns the plan of a socket unit; raises UnitError as `read` does."""
    directives = read(folder, unit)
    values = _values(folder, unit, directives, _SOCKET)
    values["listen"] = places.of(str(values.get("listen", "")))
    datagram = any(each.key == "ListenDatagram" for each in directives)
    return SocketPlan(unit=unit, datagram=datagram, **values)


_Reader = Callable[[Directive], object]
_SERVICE: Mapping[str, tuple[str, _Reader]] = {
    "ExecStart": ("argv", lambda each: tuple(each.words())),
    "SyslogIdentifier": ("identifier", lambda each: each.value),
    "Sockets": ("sockets", lambda each: tuple(each.words())),
    "NonBlocking": ("non_blocking", Directive.boolean),
    "UMask": ("umask", Directive.mode),
    "RuntimeDirectoryMode": ("run_mode", Directive.mode),
    "RestartSec": ("restart_sec", Directive.seconds),
    "TimeoutStartSec": ("start_timeout", lambda each: each.seconds() or math.inf),
    "TimeoutStopSec": ("stop_timeout", lambda each: each.seconds() or math.inf),
    "WatchdogSec": ("watchdog", Directive.seconds),
    "LimitNOFILE": ("files", Directive.number),
}
_SOCKET: Mapping[str, tuple[str, _Reader]] = {
    "ListenStream": ("listen", lambda each: each.value),
    "ListenDatagram": ("listen", lambda each: each.value),
    "FileDescriptorName": ("name", lambda each: each.value),
    "Backlog": ("backlog", Directive.number),
    "NoDelay": ("no_delay", Directive.boolean),
    "PassCredentials": ("pass_credentials", Directive.boolean),
    "SocketMode": ("mode", Directive.mode),
}


def _values(
    folder: Path,
    unit: str,
    directives: list[Directive],
    readers: Mapping[str, tuple[str, _Reader]],
) -> dict[str, Any]:
    values = {}
    for each in directives:
        if each.key in readers:
            name, reader = readers[each.key]
            try:
                values[name] = reader(each)
            except LineError as exc:
                raise UnitError(f"{folder / unit}:{exc.line}: {exc.problem}") from exc
    return values


def _environment(directives: list[Directive], places: Places) -> Iterator[tuple[str, str]]:
    """Yields the variables of the unit, without those that name the host's defaults file."""
    for each in directives:
        if each.key == "Environment":
            for word in each.words():
                key, _, value = word.partition("=")
                if not value.startswith(_DEFAULTS):
                    yield key, places.of(value)
