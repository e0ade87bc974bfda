"""The unit files: those of the package, in force as they were shipped, and enabled."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from eggd.cli.diagnosis.finding import AS_ROOT, FAIL, OK, UNIT_PATH, UNSEEN, WARN, Finding, Place
from eggd.errors import SystemdError
from eggd.host.enabled import WANTS, enabled_slots
from eggd.host.systemctl import Systemctl
from eggd.suite.slots import AGENT, INBOX, LISTENER, MASTER
from eggd.supervisor.units import UNITS
from eggd.wire.unitfile import Directive, UnitFileError, parse

NAMES = (MASTER, LISTENER, INBOX, AGENT, "egg-worker@.service")

LOAD_BEARING = {
    *("Type", "Sockets", "NonBlocking", "NotifyAccess", "KillMode", "ExecStart", "Restart"),
    *("StartLimitIntervalSec", "TriggerLimitIntervalSec", "PassCredentials", "PartOf"),
    *("RuntimeDirectoryPreserve", "RemainAfterExit", "ExecStopPost", "SuccessExitStatus"),
    *("PropagatesStopTo", "StopPropagatedFrom"),
}
"""Directives on which start, reload or the shared listener rest: each unit file says why."""


def unit_files(place: Place) -> Iterator[Finding]:
    """Each unit: where it is from, whether it is what was shipped, and what drop-ins change."""
    if not place.installed:
        yield Finding(OK, "units", "are not installed: eggd start is the supervisor")
        return
    for name in NAMES:
        yield from _unit(place, name)
        for file in drop_ins(place, name):
            yield _drop_in(name, file)


def drop_ins(place: Place, name: str) -> list[Path]:
    """Returns the drop-ins of a unit, of a template's instances too, in the order they apply."""
    stem, at, kind = name.rpartition("@.")
    pattern = f"{stem}@*.{kind}.d/*.conf" if at else f"{name}.d/*.conf"
    found = [file for folder in UNIT_PATH for file in place.path(folder).glob(pattern)]
    return sorted(found, key=lambda file: (file.name, str(file)))


def listen_streams(place: Place) -> list[str]:
    """Returns the addresses of egg.socket with its drop-ins; an empty value clears earlier ones."""
    streams: list[str] = []
    for file in [UNITS / LISTENER, *drop_ins(place, LISTENER)]:
        for each in _directives(file):
            if each.key == "ListenStream":
                streams = [*streams, each.value] if each.value else []
    return streams


def enabled(place: Place) -> Iterator[Finding]:
    """What starts at boot."""
    if not place.installed:
        return
    wants = place.path("/etc/systemd/system/multi-user.target.wants") / MASTER
    boot = wants.is_symlink()
    cure = "" if boot else f"systemctl enable {MASTER}"
    yield Finding(OK if boot else WARN, "at boot", "starts" if boot else "does not start", cure)
    slots = enabled_slots(place.path(str(folder)) for folder in WANTS)
    processors = len(os.sched_getaffinity(0))
    many = len(slots) > 2 * processors
    cure = "eggd scale N" if not slots or many else ""
    text = f"{len(slots)} enabled, {processors} CPUs"
    yield Finding(FAIL if not slots else WARN if many else OK, "workers", text, cure)


def loaded(place: Place) -> Iterator[Finding]:
    """Whether systemd has read the files since they were changed."""
    if not place.installed or not place.path("/run/systemd/system").is_dir():
        return
    systemctl = Systemctl(place.environ)
    instances = [name.replace("@.", "@1.") for name in NAMES]
    try:
        stale = systemctl.outdated(*instances)
        read = systemctl.drop_ins(*instances)
    except SystemdError as exc:
        yield Finding(UNSEEN, "daemon-reload", exc.message, AS_ROOT)
        return
    # What NeedDaemonReload does not know before systemd 256: a drop-in in a new folder.
    there = (file for name in NAMES for file in drop_ins(place, name) if _of_all(file))
    stale += [file.name for file in there if str(file) not in read]
    if stale:
        text = f"is due for {', '.join(stale)}"
        yield Finding(WARN, "daemon-reload", text, "systemctl daemon-reload")


def _of_all(drop_in: Path) -> bool:
    """Whether a drop-in is in force for the first worker, too: not one of a single other slot."""
    return "@" not in drop_in.parent.name or "@." in drop_in.parent.name


def _unit(place: Place, name: str) -> Iterator[Finding]:
    file = next((f for folder in UNIT_PATH if (f := place.path(f"{folder}/{name}")).exists()), None)
    if file is None:
        yield Finding(FAIL, name, "is not installed", "apt install --reinstall eggd")
        return
    shown = f"/{file.relative_to(place.root)}"
    if file.resolve() == Path("/dev/null") or not file.stat().st_size:
        yield Finding(FAIL, name, "is masked", f"systemctl unmask {name}")
    elif _same(file, UNITS / name):
        yield Finding(OK, name, f"{shown}, as shipped")
    else:
        own = file.is_relative_to(place.path(UNIT_PATH[-1]))
        cure = "apt install --reinstall eggd" if own else f"systemctl revert {name}"
        text = f"{shown} {'was edited' if own else 'replaces the shipped one, upgrades too'}"
        yield Finding(WARN, name, text, f"{cure}; changes of yours: systemctl edit {name}")


def _drop_in(name: str, file: Path) -> Finding:
    shown = f"{file.parent.name}/{file.name}"
    try:
        found = _directives(file)
    except (OSError, UnitFileError) as exc:
        return Finding(UNSEEN, f"drop-in {shown}", str(exc), AS_ROOT)
    text = ", ".join(f"{each.key}={each.value}" for each in found) or "is empty"
    risky = sorted({each.key for each in found} & LOAD_BEARING)
    if risky:
        cure = f"without {'=, '.join(risky)}=: {UNITS / name} says why"
        return Finding(WARN, f"drop-in {shown}", text, cure)
    return Finding(OK, f"drop-in {shown}", text)


def _directives(file: Path) -> list[Directive]:
    return list(parse(file.read_text(encoding="utf-8", errors="replace"), ""))


def _same(one: Path, other: Path) -> bool:
    try:
        return one.read_bytes() == other.read_bytes()
    except OSError:
        return False
