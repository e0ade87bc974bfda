"""The unit files: installed, unchanged, loaded and enabled."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from eggd.cli.diagnosis.finding import (
    AS_ROOT,
    FAIL,
    OK,
    UNSEEN,
    WARN,
    Finding,
    InspectedHost,
)
from eggd.errors import SystemdError
from eggd.host.enabled import enabled_slots
from eggd.host.loaded_units import outdated
from eggd.host.systemctl import Systemctl
from eggd.host.unit_files import PACKAGED, SYSTEM, UNIT_PATH, drop_ins
from eggd.suite.names import DEFAULT, SuiteNames
from eggd.suite.unit_text import unit_text
from eggd.supervisor.units import UNITS
from eggd.wire.line_error import LineError
from eggd.wire.unitfile import Directive, parse

LOAD_BEARING = {
    *("Type", "Sockets", "NonBlocking", "NotifyAccess", "KillMode", "ExecStart", "Restart"),
    *("StartLimitIntervalSec", "TriggerLimitIntervalSec", "PassCredentials", "PartOf"),
    *("RuntimeDirectoryPreserve", "RemainAfterExit", "ExecStopPost", "SuccessExitStatus"),
    *("PropagatesStopTo", "StopPropagatedFrom"),
}
"""Directives that start, reload or the shared listener need; the unit files explain each."""


def unit_files(host: InspectedHost) -> Iterator[Finding]:
    """Checks that each unit file is the shipped one, and lists what drop-ins change."""
    if not host.installed:
        yield Finding(OK, "units", "are not installed: eggd start uses its own supervisor")
        return
    seen: set[Path] = set()
    for name in host.names.unit_files:
        yield from _unit(host, name)
        for file in drop_ins(name, host.root):
            if file not in seen:  # that of a prefix belongs to several units
                yield _drop_in(name, file)
            seen.add(file)


def listen_streams(host: InspectedHost) -> list[str]:
    """Returns the addresses of egg.socket with its drop-ins; an empty value clears earlier ones."""
    streams: list[str] = []
    for file in [_listener_file(host), *drop_ins(host.names.listener, host.root)]:
        for each in _directives(file):
            if each.key == "ListenStream":
                streams = [*streams, each.value] if each.value else []
    return streams


def _listener_file(host: InspectedHost) -> Path:
    """Returns the file that has the address without a drop-in: the shipped one, or a generated."""
    names = host.names
    return host.path(f"{SYSTEM}/{names.listener}") if names.app else UNITS / names.listener


def enabled(host: InspectedHost) -> Iterator[Finding]:
    """Checks what starts at boot, and the number of workers."""
    if not host.installed:
        return
    wants = host.path("/etc/systemd/system/multi-user.target.wants") / host.names.master
    boot = wants.is_symlink()
    text = "starts" if boot else "does not start"
    yield Finding.of(boot, "at boot", text, f"run systemctl enable {host.names.master}", bad=WARN)
    slots = enabled_slots(map(host.path, host.names.wants), host.names)
    processors = len(os.sched_getaffinity(0))
    many = len(slots) > 2 * processors
    hint = f"run {host.names.command('scale N')}" if not slots or many else ""
    text = f"{len(slots)} enabled, {processors} CPUs"
    yield Finding(FAIL if not slots else WARN if many else OK, "workers", text, hint)


def loaded(host: InspectedHost) -> Iterator[Finding]:
    """Checks that systemd has read the current unit files."""
    if not host.installed or not host.path("/run/systemd/system").is_dir():
        return
    systemctl = Systemctl(os.environ)
    instances = [name.replace("@.", "@1.") for name in host.names.unit_files]
    try:
        stale = outdated(systemctl, *instances, root=host.root)
    except SystemdError as exc:
        yield Finding(UNSEEN, "daemon-reload", exc.message, AS_ROOT)
        return
    if stale:
        text = f"is needed: {', '.join(stale)} changed"
        yield Finding(WARN, "daemon-reload", text, "run systemctl daemon-reload")


def _unit(host: InspectedHost, name: str) -> Iterator[Finding]:
    file = next((f for folder in UNIT_PATH if (f := host.path(f"{folder}/{name}")).exists()), None)
    if file is None:
        yield Finding(FAIL, name, "is not installed", f"run {_reinstall(host.names)}")
        return
    place = f"/{file.relative_to(host.root)}"
    if file.resolve() == Path("/dev/null") or not file.stat().st_size:
        yield Finding(FAIL, name, "is masked", f"run systemctl unmask {name}")
    elif _same(file, host.names, name):
        yield Finding(OK, name, f"{place}, as shipped")
    else:
        own = bool(host.names.app) and file.is_relative_to(host.path(str(SYSTEM)))
        is_packaged = own or file.is_relative_to(host.path(str(PACKAGED)))
        hint = _reinstall(host.names) if is_packaged else f"systemctl revert {name}"
        text = "was edited" if is_packaged else "replaces the shipped unit, also after upgrades"
        yield Finding(
            WARN, name, f"{place} {text}", f"run {hint}; make changes with systemctl edit {name}"
        )


def _reinstall(names: SuiteNames) -> str:
    return "eggd app refresh" if names.app else "apt install --reinstall eggd"


def _drop_in(name: str, file: Path) -> Finding:
    place = f"{file.parent.name}/{file.name}"
    try:
        directives = _directives(file)
    except LineError as exc:
        return Finding(WARN, f"drop-in {place}", str(exc), f"correct {file}")
    except OSError as exc:
        return Finding(UNSEEN, f"drop-in {place}", str(exc), AS_ROOT)
    text = ", ".join(f"{each.key}={_display(each)}" for each in directives) or "is empty"
    risky = sorted({each.key for each in directives} & LOAD_BEARING)
    hint = f"remove {'=, '.join(risky)}=: see {UNITS / name}"
    return Finding.of(not risky, f"drop-in {place}", text, hint, bad=WARN)


def _display(directive: Directive) -> str:
    """Returns the value; of SetCredential= only the name: the rest is a secret."""
    name, colon, _ = directive.value.partition(":")
    secret = directive.key.startswith("SetCredential") and colon
    return f"{name}:***" if secret else directive.value


def _directives(file: Path) -> list[Directive]:
    return list(parse(file.read_text(encoding="utf-8", errors="replace"), None))


def _same(file: Path, names: SuiteNames, unit: str) -> bool:
    shipped = unit.replace(names.prefix, DEFAULT.prefix, 1)
    try:
        text = (UNITS / shipped).read_text(encoding="utf-8")
        return file.read_text(errors="replace") == unit_text(text, names)
    except OSError:
        return False
