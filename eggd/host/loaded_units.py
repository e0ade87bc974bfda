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
    read = systemctl.drop_ins(unit) if drop_ins else set()
    # systemd does not list a drop-in that is a link to /dev/null.
    return any(str(each) not in read and each.resolve() != Path("/dev/null") for each in drop_ins)
