"""Grants that the sandbox of worker and agent has beyond the shipped units, as drop-ins.

    /etc/systemd/system/egg-worker@.service.d/sandbox.conf
    /etc/systemd/system/egg-agent.service.d/sandbox.conf

A grant is one line of these files. The lines add to the lists of the unit (systemd.exec(5)), so a
grant takes nothing away. Other drop-ins are the administrator's, and are not changed.
"""

from __future__ import annotations

import os
import re
import socket
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from pathlib import Path

from eggd.errors import SandboxError
from eggd.host.drop_in import write_drop_in
from eggd.host.loaded_units import daemon_reload
from eggd.host.system_calls import system_calls
from eggd.host.systemctl import Systemctl
from eggd.host.unit_credentials import app_units
from eggd.host.unit_files import SYSTEM
from eggd.smallfile import read_small
from eggd.spelling import suggestion, suggestion_or_list
from eggd.suite.names import SuiteNames

FILE = "sandbox.conf"
"""After offline.conf in the order of names: a grant also holds with that."""

HIDDEN = ("/home", "/root", "/run/user")
"""The directories that ProtectHome= hides."""

MOVE = "move the directory to /srv"

_HEAD = "# Written by eggd sandbox allow.\n[Service]\n"
_OF_SYSTEM = frozenset(("/", "/boot", "/etc", "/opt", "/run", "/srv", "/tmp", "/usr", "/var"))
_KERNEL = ("/dev", "/proc", "/sys")
_PLAIN_PATH = re.compile(r"/[^\s\"'\\%$:]*")
_FAMILIES = tuple(name for name in dir(socket) if name.startswith("AF_"))


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of grant."""

    directive: str
    """The directive of systemd.exec(5) that it sets."""
    metavar: str
    check: Callable[[str, Path], str]
    """Returns the value in its normal form; raises SandboxError. The path is the host's root."""
    value: str = ""
    """The value of the directive; "" is that of the grant."""


@dataclass(frozen=True, slots=True, order=True)
class Grant:
    """One permission."""

    kind: str
    """A key of KINDS."""
    value: str

    @property
    def line(self) -> str:
        """Returns the line of the drop-in."""
        kind = KINDS[self.kind]
        return f"{kind.directive}={kind.value or self.value}"

    def command(self, names: SuiteNames) -> str:
        """Returns the command that grants it to an application."""
        return names.command(f"sandbox allow {self.kind} {self.value}")


def grant(kind: str, value: str, root: Path = Path("/")) -> Grant:
    """Returns a grant of user input; raises SandboxError for an unknown kind or a bad value."""
    check_kind(kind)
    return Grant(kind, KINDS[kind].check(value, root))


def check_kind(kind: str) -> None:
    """Raises SandboxError for an unknown kind."""
    if kind not in KINDS:
        hint = suggestion_or_list(kind, KINDS, "kinds")
        raise SandboxError(f"{kind!r} is not a kind of grant", hint=hint)


def is_hidden(path: str) -> bool:
    """Returns whether ProtectHome= hides a path."""
    return any(Path(path).is_relative_to(each) for each in HIDDEN)


def is_grantable(path: str) -> bool:
    """Returns whether a directory is not one of the system's own."""
    of_kernel = any(Path(path).is_relative_to(each) for each in _KERNEL)
    return path not in _OF_SYSTEM and not of_kernel


@dataclass(frozen=True, slots=True)
class Sandbox:
    """Reads and changes the grants of one application of this host."""

    systemctl: Systemctl
    names: SuiteNames
    root: Path = Path("/")

    @property
    def units(self) -> tuple[str, str]:
        """Returns the unit files of the workers and of the agent."""
        return app_units(self.names)

    def file(self, unit: str) -> Path:
        """Returns the drop-in of a unit."""
        return self.root / str(SYSTEM).lstrip("/") / f"{unit}.d" / FILE

    def grants(self, unit: str) -> list[Grant]:
        """Returns the grants of a unit; [] without a drop-in. Raises SandboxError."""
        file = self.file(unit)
        try:
            lines = read_small(file).decode(errors="replace").splitlines()
        except FileNotFoundError:
            return []
        except OSError as exc:
            raise SandboxError(f"{file}: {exc.strerror}") from exc
        return [each for line in lines if (each := _parsed(line)) is not None]

    def allow(self, added: Grant, units: Iterable[str]) -> list[Path]:
        """Adds a grant to units; returns the drop-ins that changed. Raises SandboxError."""
        return self._change(units, lambda grants: sorted({*grants, added}))

    def remove(self, removed: Grant, units: Iterable[str]) -> list[Path]:
        """Removes a grant from units; returns the drop-ins that changed. Raises SandboxError."""
        return self._change(units, lambda grants: [each for each in grants if each != removed])

    def _change(
        self, units: Iterable[str], change: Callable[[list[Grant]], list[Grant]]
    ) -> list[Path]:
        changed = []
        for unit in units:
            before = self.grants(unit)
            after = change(before)
            if after != before:
                _write(self.file(unit), after)
                changed.append(self.file(unit))
        if changed and (self.root / "run/systemd/system").is_dir():
            daemon_reload(self.systemctl)
        return changed


def _parsed(line: str) -> Grant | None:
    """Returns the grant of a line, None for another line."""
    directive, _, value = line.partition("=")
    for name, kind in KINDS.items():
        if kind.directive == directive and kind.value in ("", value):
            return Grant(name, value if not kind.value else kind.metavar)
    return None


def _write(file: Path, grants: list[Grant]) -> None:
    try:
        if grants:
            write_drop_in(file, _HEAD + "".join(f"{each.line}\n" for each in grants))
        else:
            file.unlink(missing_ok=True)
    except OSError as exc:
        raise SandboxError(f"{file}: {exc.strerror}", hint="run it as root") from exc


def _directory(value: str, root: Path) -> str:
    path = os.path.normpath(value)
    if not _PLAIN_PATH.fullmatch(path):
        hint = "an absolute path without spaces, quotes, backslashes, colons, % and $"
        raise SandboxError(f"write: {value!r} cannot be in a unit file", hint=hint)
    if not is_grantable(path):
        hint = "name a directory of the app below it"
        raise SandboxError(f"write: {path} belongs to the system", hint=hint)
    if is_hidden(path):
        raise SandboxError(f"write: the units do not see {path} (ProtectHome=)", hint=MOVE)
    if not (root / path[1:]).exists():
        hint = "make it, for the user of the units"
        raise SandboxError(f"write: {path} does not exist, so no unit would start", hint=hint)
    return path


def _family(value: str, root: Path) -> str:
    return _known("family", value, _FAMILIES, "address family")


def _system_call(value: str, root: Path) -> str:
    return _known("syscall", value, system_calls(), "system call")


def _known(kind: str, value: str, known: Collection[str], what: str) -> str:
    """Returns a value that systemd knows: it ignores any other one, with a line in the journal."""
    if value not in known:
        hint = suggestion(value, known) or "see systemd-analyze syscall-filter, address_families(7)"
        raise SandboxError(f"{kind}: {value!r} is not a known {what}", hint=hint)
    return value


def _only(word: str) -> Callable[[str, Path], str]:
    def check(value: str, root: Path) -> str:
        if value != word:
            raise SandboxError(
                f"{value!r} cannot be allowed here", hint=f"the only value is {word}"
            )
        return value

    return check


KINDS = {
    "write": Kind("ReadWritePaths", "PATH", _directory),
    "home": Kind("ProtectHome", "read-only", _only("read-only"), "read-only"),
    "family": Kind("RestrictAddressFamilies", "AF_NAME", _family),
    "syscall": Kind("SystemCallFilter", "NAME", _system_call),
    "memory": Kind("MemoryDenyWriteExecute", "execute", _only("execute"), "no"),
}
