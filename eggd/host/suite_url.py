"""The URL at which this host reaches the suite that systemd runs."""

from __future__ import annotations

import os
from pathlib import Path

from eggd.host.systemctl import Systemctl
from eggd.identityfile import read
from eggd.suite import address
from eggd.suite.files import identity_file
from eggd.suite.names import SuiteNames


def suite_url(systemctl: Systemctl, names: SuiteNames, rundir: Path) -> str:
    """Returns the URL of the first address of the listener; "" if systemd shows no address."""
    addresses = systemctl.listens(names.listener)
    if not addresses or addresses[0].startswith(("/", "@")):
        return "".join(addresses[:1])
    host, _, port = addresses[0].rpartition(":")
    tls = "https" in _schemes(systemctl, names, rundir)
    return address.url((host.strip("[]"), port), f"http{'s' * tls}", os.environ)


def _schemes(systemctl: Systemctl, names: SuiteNames, rundir: Path) -> set[str]:
    ready = (state for state in systemctl.states(names.workers) if state.ready)
    paths = ((rundir / identity_file(names.slot(each.unit) or 0), each.pid) for each in ready)
    return {each.scheme for path, pid in paths if (each := read(path, pid)) is not None}
