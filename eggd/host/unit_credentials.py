"""The credentials that the units of worker and agent load, from their files (systemd.exec(5)).

Any user may read unit files, unlike the credentials themselves. Later lines win over earlier ones,
and drop-ins apply in the order of their names (systemd.unit(5)).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from eggd.host.unit_files import files
from eggd.smallfile import read_small
from eggd.suite.names import SuiteNames

_LINE = re.compile(
    r"^[ \t]*(?P<key>LoadCredential|SetCredential|User)(?P<encrypted>Encrypted)?[ \t]*="
    r"[ \t]*(?P<name>[^:\n]*)(?P<file>:[^\n]*)?$",
    re.MULTILINE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitCredential:
    """One credential, and how the units get it."""

    name: str
    file: Path | None
    """The file that systemd reads; None if the value is in the unit file, or in a credential store
    or socket that only systemd reads."""
    encrypted: bool
    origin: Path
    """The unit file or drop-in that says so."""
    units: tuple[str, ...]
    """The units that load it, of `app_units`."""


def app_units(names: SuiteNames) -> tuple[str, str]:
    """Returns the unit files that run the code of the app: of the workers and of the agent."""
    return names.template, names.agent


def unit_credentials(names: SuiteNames, root: Path = Path("/")) -> dict[str, UnitCredential]:
    """Returns the credentials that worker or agent loads, by name."""
    loaded: dict[str, UnitCredential] = {}
    for unit in app_units(names):
        for name, each in _of_unit(unit, root).items():
            both = loaded[name].units if name in loaded else ()
            loaded[name] = replace(loaded.get(name, each), units=(*both, unit))
    return dict(sorted(loaded.items()))


def unit_user(names: SuiteNames, root: Path = Path("/")) -> str:
    """Returns the user of the workers."""
    lines = (match for file in files(names.template, root) for match in _lines(file))
    users = [match["name"].strip() for match in lines if match["key"] == "User"]
    return next((user for user in reversed(users) if user), names.user)


def _of_unit(unit: str, root: Path) -> dict[str, UnitCredential]:
    loaded: dict[str, UnitCredential] = {}
    for origin in files(unit, root):
        for match in _lines(origin):
            name, file = match["name"].strip(), (match["file"] or "")[1:].strip()
            if match["key"] == "User":
                continue
            if not name:  # an empty value resets the list
                loaded.clear()
                continue
            if match["key"] == "SetCredential" and name in loaded:  # of lower priority
                continue
            loads = match["key"] == "LoadCredential" and file.startswith("/")
            loaded[name] = UnitCredential(
                name=name,
                file=root / file[1:] if loads else None,
                encrypted=bool(match["encrypted"]),
                origin=origin,
                units=(unit,),
            )
    return loaded


def _lines(file: Path) -> Iterator[re.Match[str]]:
    try:
        text = read_small(file).decode(errors="replace")
    except OSError:
        return iter(())
    return _LINE.finditer(text)
