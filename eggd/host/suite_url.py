"""The URL at which this host reaches the suite that systemd runs, and the PROXY protocol on it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from eggd.host.systemctl import Systemctl
from eggd.identityfile import read
from eggd.suite import address
from eggd.suite.files import identity_file
from eggd.suite.identity import Identity
from eggd.suite.names import SuiteNames


def suite_url(systemctl: Systemctl, names: SuiteNames, rundir: Path) -> str:
    """Returns the URL of the first address of the listener; "" if systemd shows no address."""
    addresses = systemctl.listens(names.listener)
    if not addresses or addresses[0].startswith(("/", "@")):
        return "".join(addresses[:1])
    host, _, port = addresses[0].rpartition(":")
    tls = any(each.scheme == "https" for each in _workers(systemctl, names, rundir))
    return address.url((host.strip("[]"), port), f"http{'s' * tls}", os.environ)


def needs_proxy_header(systemctl: Systemctl, names: SuiteNames, rundir: Path) -> bool:
    """Returns whether connections to the listener must begin with a PROXY header."""
    return any(each.greeting == "PROXY" for each in _workers(systemctl, names, rundir))


def _workers(systemctl: Systemctl, names: SuiteNames, rundir: Path) -> Iterator[Identity]:
    """Yields the applications of the workers that are ready."""
    for state in systemctl.states(names.workers):
        path = rundir / identity_file(names.slot(state.unit) or 0)
        if state.ready and (identity := read(path, state.pid)) is not None:
            yield identity
