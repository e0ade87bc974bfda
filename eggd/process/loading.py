"""From a process to the app that runs in it: the app's host, made of what systemd gave."""

from __future__ import annotations

import os

from eggd.app.base import Host
from eggd.plugins import builtin
from eggd.process.bootstrap import Process


def host(process: Process) -> Host:
    """Return what the app of this process stands on; built-in plugins included."""
    return Host(
        info=process.info,
        plugins=builtin(),
        environ=os.environ,
        rundir=process.rundir,
        log_dir=process.log_dir,
        console=process.console,
        progress=lambda text: process.status(f"starting {process.info.name}: {text}"),
    )
