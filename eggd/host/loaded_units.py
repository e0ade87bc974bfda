"""Whether systemd has read the present files of units."""

from __future__ import annotations

from pathlib import Path

from eggd.errors import SystemdError
from eggd.host.systemctl import Systemctl
from eggd.host.unit_files import files


def outdated(systemctl: Systemctl, *units: str, root: Path = Path("/")) -> list[str]:
    """Returns those units whose files have changed since systemd read them."""
    changed = {*systemctl.outdated(*units)}
    # Before systemd 256 NeedDaemonReload misses a drop-in in a new directory.
    return [unit for unit in units if unit in changed or _is_new(systemctl, unit, root)]


def daemon_reload(systemctl: Systemctl) -> None:
    """Has systemd read all unit files; raises SystemdError."""
    done = systemctl.daemon_reload()
    if not done.ok:
        raise SystemdError(f"systemctl daemon-reload: {done.err}")


def _is_new(systemctl: Systemctl, unit: str, root: Path) -> bool:
    """Returns whether a drop-in of a unit is not among those that systemd has read."""
    drop_ins = [each for each in files(unit, root) if each.suffix == ".conf"]
    if not drop_ins:
        return False
    # Resolved, as /lib links to /usr/lib, and either may be in the list.
    read = {Path(path).resolve() for path in systemctl.drop_ins(unit)}
    return any(_is_listed(each) and each.resolve() not in read for each in drop_ins)


def _is_listed(drop_in: Path) -> bool:
    """Returns whether systemd lists a drop-in so that it can be found there.

    It leaves out one that is a link to /dev/null, and separates the paths by spaces.
    """
    return drop_in.resolve() != Path("/dev/null") and not any(map(str.isspace, str(drop_in)))
