"""The URL at which this host reaches the suite that systemd runs."""

from __future__ import annotations

import re

from eggd.host.systemctl import Systemctl
from eggd.suite.slots import LISTENER, WORKERS

_TLS = re.compile(r"^ready: .* on \S+, TLS(?:;|$)")
"""The status of a worker that serves TLS."""

_ANY = re.compile(r"^(?:\[::\]|0\.0\.0\.0):")
"""All addresses of the host."""


def suite_url(systemctl: Systemctl) -> str:
    """Returns the URL of the first address of egg.socket; "" if systemd shows no address."""
    addresses = systemctl.listens(LISTENER)
    if not addresses or addresses[0].startswith(("/", "@")):
        return f"unix:{addresses[0]}" if addresses else ""
    ready = (state for state in systemctl.states(WORKERS) if state.ready)
    tls = any(_TLS.search(state.status) for state in ready)
    return f"http{'s' * tls}://{_ANY.sub('127.0.0.1:', addresses[0])}"
