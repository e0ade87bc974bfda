"""What the host serves: /etc/default/eggd, the app with its interpreter, the log directory."""

from __future__ import annotations

import grp
import os
import pwd
import stat
from collections.abc import Iterator
from pathlib import Path

from eggd.cli.diagnosis.finding import AS_ROOT, FAIL, OK, UNSEEN, WARN, Finding, Place
from eggd.errors import EggError
from eggd.host import defaults

USER, GROUP = "eggd", "adm"
"""Owner and group of the log directory, as the units make it."""

LOGS = "/var/log/eggd"
LOGS_MODE = 0o2750

HIDDEN = ("/home", "/root", "/run/user")
"""What ProtectHome=yes of the units hides."""


def user(place: Place) -> Iterator[Finding]:
    """The user that the units run as."""
    if place.installed:
        there = _known_user()
        cure = "" if there else "systemd-sysusers eggd.conf, or apt install --reinstall eggd"
        yield Finding(
            OK if there else FAIL, f"user {USER}", "exists" if there else "is missing", cure
        )


def settings(place: Place) -> Iterator[Finding]:
    """The file of the host's settings, line by line as the processes read it."""
    file = place.defaults
    if not file.exists():
        if place.installed:
            yield Finding(OK, str(file), "is not there: the defaults count")
        return
    if not os.access(file, os.R_OK):
        yield Finding(UNSEEN, str(file), "may not be read", AS_ROOT)
        return
    try:
        found = defaults.check(file)
    except EggError as exc:
        yield Finding(FAIL, str(file), exc.message, exc.hint)
        return
    text = ", ".join(found) or "sets nothing"
    yield Finding(OK, str(file), text)


def app(place: Place) -> Iterator[Finding]:
    """The app's folder and name, and whether the units can see it; its code is not run."""
    from eggd.loader.metadata import app_info

    if place.base_dir is None:
        yield Finding(OK, "app", "the welcome app, for none is named")
        return
    try:
        info = app_info(place.base_dir, place.environ)
    except EggError as exc:
        yield Finding(FAIL, "app", exc.message, exc.hint)
        return
    yield Finding(OK, "app", f"{info.name} ({info.env}) in {place.base_dir}")
    if place.installed:
        yield from _seen_by_units(place.base_dir)


def interpreter(place: Place) -> Iterator[Finding]:
    """The app's own virtual environment, where it has one."""
    from eggd.host.venv import problem

    folder = None if place.base_dir is None else place.base_dir / ".venv"
    if folder is None or not folder.exists():
        return
    wrong = problem(folder)
    if wrong is not None:
        yield Finding(FAIL, ".venv", wrong.message, wrong.hint)
        return
    target = os.path.realpath(folder / "bin" / "python")
    hidden = place.installed and target.startswith(HIDDEN)
    cure = f"make it of Debian's python3: python3 -m venv --system-site-packages {folder}"
    yield Finding(
        FAIL if hidden else OK,
        ".venv",
        f"{target}{' is hidden by ProtectHome=yes of the units' if hidden else ''}",
        cure if hidden else "",
    )


def log_directory(place: Place) -> Iterator[Finding]:
    """The log directory: the agent and the workers write there, the group adm reads."""
    if not place.installed:
        return
    folder = place.path(LOGS)
    try:
        about = folder.stat()
    except FileNotFoundError:
        yield Finding(OK, LOGS, "is not there yet: the first start makes it")
        return
    except OSError as exc:
        yield Finding(UNSEEN, LOGS, str(exc.strerror), AS_ROOT)
        return
    text = f"{_name(about.st_uid)}:{_group(about.st_gid)} {stat.S_IMODE(about.st_mode):04o}"
    right = text == f"{USER}:{GROUP} {LOGS_MODE:04o}"
    cure = "" if right else f"install -d -m {LOGS_MODE:o} -o {USER} -g {GROUP} {LOGS}"
    yield Finding(OK if right else WARN, LOGS, text, cure)


def _seen_by_units(base_dir: Path) -> Iterator[Finding]:
    real = base_dir.resolve()
    if str(real).startswith(HIDDEN):
        cure = "move it to /srv, or ProtectHome=no by systemctl edit of egg-worker@ and egg-agent"
        yield Finding(FAIL, "app", f"{real} is hidden by ProtectHome=yes of the units", cure)
        return
    closed = next((each for each in [*reversed(real.parents), real] if not _enters(each)), None)
    if closed is not None and _known_user():
        yield Finding(FAIL, "app", f"user {USER} may not enter {closed}", f"chmod o+x {closed}")


def _enters(folder: Path) -> bool:
    """Whether the units' user may pass through a folder, by its mode bits."""
    try:
        about, who = folder.stat(), pwd.getpwnam(USER)
    except (OSError, KeyError):
        return True
    mode = about.st_mode
    if about.st_uid == who.pw_uid:
        return bool(mode & stat.S_IXUSR)
    if about.st_gid in os.getgrouplist(USER, who.pw_gid):
        return bool(mode & stat.S_IXGRP)
    return bool(mode & stat.S_IXOTH)


def _known_user() -> bool:
    try:
        pwd.getpwnam(USER)
    except KeyError:
        return False
    return True


def _name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def _group(gid: int) -> str:
    try:
        return grp.getgrgid(gid).gr_name
    except KeyError:
        return str(gid)
