"""The named applications of a host: their units, user, settings and links.

An application exists if its generated master unit does:

    /etc/systemd/system/egg-NAME*.{service,socket,slice}    generated, replaced at each upgrade
    /etc/systemd/system/egg-NAME*.d/                        drop-ins: address, credentials, changes
    /etc/sysusers.d/eggd-NAME.conf                          the user
    /etc/default/eggd-NAME                                  the settings, mode 0640
"""

from __future__ import annotations

import pwd
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from eggd.errors import ArgumentError, EggError, ProgramError, SystemdError
from eggd.host.loaded_units import daemon_reload
from eggd.host.release.base_dir import set_base_dir
from eggd.host.relisten import Relisten
from eggd.host.systemctl import Systemctl
from eggd.host.unit_files import SYSTEM, UNIT_PATH
from eggd.spelling import suggestion_or_list
from eggd.suite.names import DEFAULT, SuiteNames
from eggd.suite.unit_text import HEADER, unit_text
from eggd.wholefile import write_whole

_SYSUSERS = Path("/etc/sysusers.d")
_CREDENTIALS = (Path("/etc/credstore.encrypted"), Path("/etc/credstore"))
_MASTER = re.compile(r"egg-(?P<app>.+)-master\.service")
_SETTINGS = """\
# Settings of the application {names.app}; keys and syntax are those of /etc/default/eggd.
# After a change run: {check} && {reload}
#EGG_BASE_DIR=/srv/{names.app}
"""


def applications(folder: Path = SYSTEM) -> list[SuiteNames]:
    """Returns the named applications of this host, by name; all users may list them."""
    masters = (_MASTER.fullmatch(file.name) for file in folder.glob("egg-*-master.service"))
    return [SuiteNames(app) for app in sorted(match["app"] for match in masters if match)]


def named(name: str, folder: Path = SYSTEM) -> SuiteNames:
    """Returns the names of an application that exists; "default" is the package's own.

    Raises ArgumentError for another name; it suggests the nearest one.
    """
    known = {DEFAULT.title: DEFAULT, **{each.app: each for each in applications(folder)}}
    if name not in known:
        hint = suggestion_or_list(name, known, "applications")
        raise ArgumentError(f"{name!r} is not an application of this host", hint=hint)
    return known[name]


@dataclass(frozen=True, slots=True)
class Installer:
    """Adds and removes applications; only root can."""

    systemctl: Systemctl
    shipped: Path
    """The folder of the shipped unit files."""

    def add(self, names: SuiteNames, stream: str, workers: int, base_dir: Path | None) -> None:
        """Makes user, settings and units, and enables workers 1 to `workers`; starts nothing.

        `stream` is the address in the form of ListenStream=. Settings, drop-ins, logs and state
        that `remove` has kept are used again. Raises EggError, and removes the units then.
        """
        self._refuse_existing(names)
        try:
            _make_user(names)
            _write_settings(names, base_dir)
            self._write_units(names)
            Relisten(self.systemctl, names, Path(names.drop_ins)).choose(stream)
            self._enable(names, workers)
        except OSError as exc:
            self.remove(names)
            raise _cannot(exc) from exc
        except EggError:
            self.remove(names)
            raise

    def remove(self, names: SuiteNames, *, purge: bool = False) -> None:
        """Removes units and links of an application that is stopped.

        `purge` also removes its settings, logs, state, drop-ins and credentials. The user stays:
        its number must not get another owner.
        """
        try:
            for each in _generated(names):
                each.unlink(missing_ok=True)
            for path in (*_links(names), *(_rest(names) if purge else ())):
                _remove(path)
        except OSError as exc:
            raise _cannot(exc) from exc
        self._reload()

    def refresh(self) -> list[SuiteNames]:
        """Makes the units of all applications again, for a new version; returns these."""
        try:
            for names in (these := applications()):
                self._write_units(names)
        except OSError as exc:
            raise _cannot(exc) from exc
        if these:
            self._reload()
        return these

    def _refuse_existing(self, names: SuiteNames) -> None:
        for unit in (*names.unit_files, names.slice):
            for folder in UNIT_PATH:
                if (folder / unit).exists():
                    raise ArgumentError(
                        f"{names.app!r}: {folder / unit} exists already",
                        hint=f"choose another name, or run eggd app remove {names.app}",
                    )

    def _write_units(self, names: SuiteNames) -> None:
        for own, unit in zip(_files(DEFAULT), _files(names), strict=True):
            text = unit_text((self.shipped / own).read_text(encoding="utf-8"), names)
            write_whole(SYSTEM / unit, text.encode(), 0o644)

    def _enable(self, names: SuiteNames, workers: int) -> None:
        instances = names.workers_of(range(1, workers + 1))
        units = (names.master, *names.sockets, names.agent, *instances)
        enabled = self.systemctl.enable(*units)
        if not enabled.ok:
            raise SystemdError(f"systemctl enable: {enabled.err}")

    def _reload(self) -> None:
        if not Path("/run/systemd/system").is_dir():  # sd_booted(3): while an image is built
            return
        daemon_reload(self.systemctl)


def _files(names: SuiteNames) -> tuple[str, ...]:
    return (*names.unit_files, names.slice)


def _generated(names: SuiteNames) -> Iterator[Path]:
    """Yields those unit files that `eggd app` has made; a file of the administrator stays."""
    for unit in _files(names):
        path = SYSTEM / unit
        if path.is_file() and path.read_text(errors="replace").startswith(HEADER):
            yield path


def _links(names: SuiteNames) -> Iterator[Path]:
    """Yields what `systemctl enable` and `eggd scale` have made."""
    yield from map(Path, names.wants)
    yield SYSTEM / "multi-user.target.wants" / names.master


def _rest(names: SuiteNames) -> Iterator[Path]:
    yield from map(Path, (names.defaults, names.logs, names.state, names.runtime))
    yield _SYSUSERS / f"{names.user}.conf"
    for unit in _files(names):
        yield SYSTEM / f"{unit}.d"
    for folder in _CREDENTIALS:
        yield from folder.glob(f"{names.user}.*")
    yield from SYSTEM.glob(f"{names.prefix}-worker@*.service.d")


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _make_user(names: SuiteNames) -> None:
    file = _SYSUSERS / f"{names.user}.conf"
    file.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
    text = f'{HEADER}\nu {names.user} - "eggd application {names.app}" {names.state}\n'
    write_whole(file, text.encode(), 0o644)
    try:
        done = subprocess.run(
            ["systemd-sysusers", file], stdin=subprocess.DEVNULL, capture_output=True, check=False
        )
    except OSError as exc:
        raise ProgramError(f"systemd-sysusers: {exc.strerror}") from exc
    if done.returncode:
        reason = " ".join(done.stderr.decode(errors="replace").split())
        raise ProgramError(f"systemd-sysusers {file}: {reason}")


def _write_settings(names: SuiteNames, base_dir: Path | None) -> None:
    """Writes the file of settings, or sets the directory in one that an earlier removal kept."""
    file = Path(names.defaults)
    if not file.exists():
        check, reload = names.command("check"), names.command("reload")
        text = _SETTINGS.format(names=names, check=check, reload=reload)
        write_whole(file, text.encode(), 0o640)
        shutil.chown(file, "root", pwd.getpwnam(names.user).pw_gid)
    if base_dir is not None:
        set_base_dir(file, str(base_dir))


def _cannot(exc: OSError) -> SystemdError:
    return SystemdError(f"{exc.filename}: {exc.strerror}", hint="run it as root")
