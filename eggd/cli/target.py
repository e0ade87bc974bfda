"""Which app a command loads, and as whom: the app of /etc/default/eggd, by the user of the units.

Nothing of the app's side of eggd is imported before the user is changed, nor for `--help`.
"""

from __future__ import annotations

import os
import pwd
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import click

from eggd.errors import BootError
from eggd.process import defaults

USER = "eggd"
"""The units' User=; root becomes it before any app code is imported."""


@dataclass(frozen=True, slots=True)
class Target:
    """The app that a command loads."""

    base_dir: Path
    """Its folder, absolute."""
    environ: Mapping[str, str]
    """What the units would give a worker: prod, then /etc/default/eggd over everything."""


def enter(directory: Path | None) -> Target:
    """Become the units' user and run on the app's interpreter; return the app to load.

    BootError for a folder that is not there or a wrong line in the defaults.
    """
    settings = defaults.check(Path(os.environ.get("EGG_DEFAULTS") or defaults.DEFAULTS))
    environ = {"EGG_SERVER_ENV": "prod", **os.environ, **settings}
    if os.geteuid() == 0:
        _become(USER)

    from eggd.process.bootstrap import WELCOME
    from eggd.process.venv import enter_venv
    from eggd.systemd import Notifier

    base_dir = (directory or Path(environ.get("EGG_BASE_DIR") or WELCOME)).absolute()
    if not base_dir.is_dir():
        raise BootError(f"app directory {str(base_dir)!r} does not exist or cannot be read")
    if directory is None and base_dir.is_relative_to("/home"):
        click.echo(f"note: {base_dir} is hidden from units with ProtectHome=yes", err=True)
    enter_venv(base_dir, ["eggd", *sys.argv[1:]], Notifier({}))
    if str(base_dir) not in sys.path:
        sys.path.append(str(base_dir))
    return Target(base_dir, environ)


def _become(name: str) -> None:
    try:
        user = pwd.getpwnam(name)
    except KeyError:
        return
    os.initgroups(name, user.pw_gid)
    os.setgid(user.pw_gid)
    os.setuid(user.pw_uid)
    os.environ["HOME"] = user.pw_dir
