"""Checks /etc/default/eggd, the app with its interpreter, and the log directory."""

from __future__ import annotations

import os
import pwd
import stat
from collections.abc import Iterator
from pathlib import Path

from eggd.accounts import group_name, user_name
from eggd.cli.diagnosis.finding import AS_ROOT, FAIL, OK, UNSEEN, WARN, Finding, InspectedHost
from eggd.errors import EggError
from eggd.host import defaults
from eggd.host.release.places import ROOT
from eggd.suite.names import SuiteNames

GROUP, LOGS_MODE = "adm", 0o2750
"""Group and mode of the log directory that the units create; its owner is their user."""

HIDDEN = ("/home", "/root", "/run/user")
"""The directories that ProtectHome=yes hides from the units (systemd.exec(5))."""


_HIDDEN = "is hidden by ProtectHome=yes of the units"


def user(host: InspectedHost) -> Iterator[Finding]:
    """Checks that the user of the units exists."""
    if host.installed:
        name = host.names.user
        text = "exists" if _user_exists(name) else "is missing"
        hint = f"run systemd-sysusers {name}.conf"
        yield Finding.of(_user_exists(name), f"user {name}", text, hint)


def settings(host: InspectedHost) -> Iterator[Finding]:
    """Checks each line of the host's settings as the processes do."""
    file = host.defaults
    if not file.exists():
        if host.installed:
            yield Finding(OK, str(file), "does not exist: the defaults apply")
        return
    if not os.access(file, os.R_OK):
        yield Finding(UNSEEN, str(file), "cannot be read", AS_ROOT)
        return
    try:
        settings = defaults.check(file)
    except EggError as exc:
        yield Finding(FAIL, str(file), exc.message, exc.hint)
        return
    yield Finding(OK, str(file), ", ".join(settings) or "sets nothing")


def app(host: InspectedHost) -> Iterator[Finding]:
    """Checks the app's metadata, and that the units can read it."""
    from eggd.loader.metadata import app_info

    if host.base_dir is None:
        yield Finding(OK, "app", "the welcome app: EGG_BASE_DIR is not set")
        return
    try:
        info = app_info(host.base_dir, host.environ)
    except EggError as exc:
        yield Finding(FAIL, "app", exc.message, exc.hint)
        return
    yield Finding(OK, "app", f"{info.name} ({info.env}) in {host.base_dir}")
    if host.installed:
        yield from _visible_to_units(host.base_dir, host.names)


def interpreter(host: InspectedHost) -> Iterator[Finding]:
    """Checks the interpreter of the app's .venv."""
    from eggd.host.venv import problem

    folder = None if host.base_dir is None else host.base_dir / ".venv"
    if folder is None or not folder.exists():
        return
    error = problem(folder)
    if error is not None:
        yield Finding(FAIL, ".venv", error.message, error.hint)
        return
    target = os.path.realpath(folder / "bin" / "python")
    hidden = host.installed and target.startswith(HIDDEN)
    hint = f"recreate it: /usr/bin/python3 -m venv --system-site-packages {folder}"
    yield Finding.of(not hidden, ".venv", f"{target} {_HIDDEN}" if hidden else target, hint)


def directories(host: InspectedHost) -> Iterator[Finding]:
    """Checks that no file is where the units and commands create their directories."""
    if not host.installed:
        return
    names = host.names
    for place in (names.runtime, names.lock_directory, names.state, names.logs, str(ROOT)):
        path = host.path(place)
        if os.path.lexists(path) and not path.is_dir():
            text = "is a link to nothing" if path.is_symlink() else "is not a directory"
            hint = f"remove it: {names.command('start')} creates the directory"
            yield Finding(FAIL, place, text, hint)


def log_directory(host: InspectedHost) -> Iterator[Finding]:
    """Checks the log directory: the user of the units writes there, the group adm reads."""
    if not host.installed:
        return
    logs, owner = host.names.logs, host.names.user
    folder = host.path(logs)
    if os.path.lexists(folder) and not folder.is_dir():
        return
    try:
        about = folder.stat()
    except FileNotFoundError:
        yield Finding(OK, logs, "does not exist yet: the first start creates it")
        return
    except OSError as exc:
        yield Finding(UNSEEN, logs, str(exc.strerror), AS_ROOT)
        return
    text = f"{user_name(about.st_uid)}:{group_name(about.st_gid)} {stat.S_IMODE(about.st_mode):04o}"
    right = text == f"{owner}:{GROUP} {LOGS_MODE:04o}"
    hint = f"run install -d -m {LOGS_MODE:o} -o {owner} -g {GROUP} {logs}"
    yield Finding.of(right, logs, text, hint, bad=WARN)
    yield from _foreign_files(folder, host.names)


def _foreign_files(folder: Path, names: SuiteNames) -> Iterator[Finding]:
    """Yields a warning for log files that the user of the units cannot write."""
    try:
        owners = {each.name: user_name(each.stat().st_uid) for each in folder.glob("*.log")}
    except OSError as exc:
        yield Finding(UNSEEN, names.logs, str(exc.strerror), AS_ROOT)
        return
    foreign = sorted(name for name, owner in owners.items() if owner != names.user)
    if foreign and _user_exists(names.user):
        name = foreign[0] if len(foreign) == 1 else f"{foreign[0]} and {len(foreign) - 1} more"
        text = f"{name}: belongs to {owners[foreign[0]]}, so user {names.user} cannot write it"
        hint = f"run chown -R {names.user}:{GROUP} {names.logs}"
        yield Finding(WARN, names.logs, text, hint)


def _visible_to_units(base_dir: Path, names: SuiteNames) -> Iterator[Finding]:
    real = base_dir.resolve()
    if str(real).startswith(HIDDEN):
        both = f"{names.prefix}-worker@ and {names.prefix}-agent"
        hint = f"move it to /srv, or set ProtectHome=no for {both}"
        yield Finding(FAIL, "app", f"{real} {_HIDDEN}", hint)
        return
    user = names.user
    closed = next(
        (each for each in [*reversed(real.parents), real] if not _may_enter(each, user)), None
    )
    if closed is not None and _user_exists(user):
        yield Finding(FAIL, "app", f"user {user} may not enter {closed}", f"run chmod o+x {closed}")


def _may_enter(folder: Path, name: str) -> bool:
    """Whether the mode bits of a directory let the user of the units pass."""
    try:
        about, user = folder.stat(), pwd.getpwnam(name)
    except (OSError, KeyError):
        return True
    mode = about.st_mode
    if about.st_uid == user.pw_uid:
        return bool(mode & stat.S_IXUSR)
    if about.st_gid in os.getgrouplist(name, user.pw_gid):
        return bool(mode & stat.S_IXGRP)
    return bool(mode & stat.S_IXOTH)


def _user_exists(name: str) -> bool:
    try:
        pwd.getpwnam(name)
    except KeyError:
        return False
    return True
