"""Which app a command is about, and as whom it loads it.

    DIR > the app that one stands in > EGG_BASE_DIR (/etc/default/eggd, environment) > welcome

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

from eggd.cli.found import standing_in
from eggd.errors import BootError, ConfigError
from eggd.process import defaults
from eggd.wire.terminal import visible_line

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
    base_dir = (directory or _chosen(environ.get("EGG_BASE_DIR", ""))).absolute()
    if os.geteuid() == 0:
        _become(USER)
    if not base_dir.is_dir():
        raise BootError(f"app directory {str(base_dir)!r} does not exist or cannot be read")
    _run_on(base_dir)
    return Target(base_dir, environ)


def develop() -> Path:
    """Run on the interpreter of the project that one stands in; return its folder.

    The caller stays who he is. ConfigError where there is no pyproject.toml.
    """
    base_dir = Path.cwd()
    if not (base_dir / "pyproject.toml").is_file():
        raise ConfigError(
            f"{base_dir}: no app here: pyproject.toml is missing",
            hint="cd to the app, or eggd --base DIR ...; eggd init DIR makes one",
        )
    _run_on(base_dir)
    return base_dir


def _chosen(named: str) -> Path:
    here = standing_in()
    if here is not None:
        if named and here != Path(named):
            _note(f"the app in {here}; EGG_BASE_DIR is {named}")
        return here
    if named:
        if Path(named).is_relative_to("/home"):
            _note(f"{named} is hidden from units with ProtectHome=yes")
        return Path(named)

    from eggd.process.bootstrap import WELCOME

    if Path("pyproject.toml").is_file():
        raise ConfigError(
            f"{Path.cwd()}: its pyproject.toml is not an app's: there is no app/ or config/",
            hint="name the folder of the app, such as example",
        )
    _note(f"no app in {Path.cwd()}, and EGG_BASE_DIR names none: the welcome app")
    return WELCOME


def _note(text: str) -> None:
    click.echo(f"note: {visible_line(text)}", err=True)


def _run_on(base_dir: Path) -> None:
    from eggd.process.venv import enter_venv
    from eggd.systemd import Notifier

    enter_venv(base_dir, ["eggd", *sys.argv[1:]], Notifier({}))
    if str(base_dir) not in sys.path:
        sys.path.append(str(base_dir))


def _become(name: str) -> None:
    try:
        user = pwd.getpwnam(name)
    except KeyError:
        return
    os.initgroups(name, user.pw_gid)
    os.setgid(user.pw_gid)
    os.setuid(user.pw_uid)
    os.environ["HOME"] = user.pw_dir
