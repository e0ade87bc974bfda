"""Chooses the suite whose logs the commands below `eggd logs` show, rotate and reopen."""

from __future__ import annotations

import os
from pathlib import Path

from eggd.cli.backend import by_systemd, given
from eggd.cli.discovery import app_here
from eggd.errors import EggError
from eggd.host import defaults
from eggd.suite.names import VARIABLE


def logs_place(directory: Path | None) -> Path | None:
    """Returns the directory of the app whose logs a command shows; None: the host's suite.

    It is the directory that is given. Without one: the host's suite if EGG_APP names it, then the
    app in the working directory if it has run there and is not the one that the units run, then the
    host's suite if the units are installed, else the working directory.
    """
    if directory is not None:
        return given(directory)
    if os.environ.get(VARIABLE):
        return None
    here = app_here()
    if here is None and "RUNTIME_DIRECTORY" in os.environ:  # a process of the suite asks
        return None
    if by_systemd(None) and (here is None or not _has_run(here) or _is_of_units(here)):
        return None
    return given(None)


def _has_run(app: Path) -> bool:
    """Whether `eggd dev` or `eggd start` has left something in the app's folder."""
    return any((app / name).is_dir() for name in ("logs", "run"))


def _is_of_units(app: Path) -> bool:
    try:
        configured = defaults.check(defaults.location(os.environ)).get("EGG_BASE_DIR")
    except EggError:  # `eggd check` and `eggd doctor` report it
        return False
    return bool(configured) and os.path.realpath(configured or "") == os.path.realpath(app)
