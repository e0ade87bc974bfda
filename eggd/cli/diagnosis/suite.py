"""Problems of the running suite, as in `eggd status`: processes down or mixed, lost sockets."""

from __future__ import annotations

import os
from collections.abc import Iterator

from eggd.cli.diagnosis.finding import OK, WARN, Finding, InspectedHost
from eggd.cli.local import of_supervisor
from eggd.cli.view import STOPPED, View, build
from eggd.host.systemctl import Systemctl
from eggd.wire.terminal import visible_line


def running(host: InspectedHost) -> Iterator[Finding]:
    """Yields each problem of the suite, or one OK line if it has no problem or is not running."""
    if not (host.installed or host.base_dir):
        return
    view = _view(host)
    for problem in view["problems"]:
        yield Finding(WARN, "suite", visible_line(problem))
    if not view["problems"]:
        count = sum(each["state"] == "ready" for each in view["workers"])
        stopped = view["state"] == STOPPED
        yield Finding(OK, "suite", "is not running" if stopped else f"workers ready: {count}")


def _view(host: InspectedHost) -> View:
    if not host.installed:
        return of_supervisor(host.base_dir)
    systemctl = Systemctl(host.environ) if os.geteuid() == 0 else None
    return build(host.path(host.names.runtime), systemctl, names=host.names)
