"""`eggd check`: the app, loaded as a worker would, by the user that a worker runs as."""

from __future__ import annotations

import os
import pwd
import sys
from pathlib import Path

import click

from eggd.errors import BootError
from eggd.process import defaults

USER = "eggd"
"""The units' User=; root becomes it before any app code is imported."""

EXAMPLES = """\b
Examples:
  eggd check                    the app of /etc/default/eggd
  eggd check /srv/shop --env local
"""


@click.command(epilog=EXAMPLES)
@click.argument("directory", metavar="[DIR]", required=False, type=click.Path(path_type=Path))
@click.option("--env", default="", metavar="ENV", help="Environment, instead of the configured.")
def command(directory: Path | None, env: str) -> None:
    """Load the app as a worker would and report the error at which a start would fail.

    No port is opened and no hook beyond the config's is run.
    """
    environ = _environ()
    if os.geteuid() == 0:
        _become(USER)
    click.echo(_load(directory, env, environ))


def _environ() -> dict[str, str]:
    """What the units would give a worker: prod, then /etc/default/eggd over everything."""
    settings = defaults.check(Path(os.environ.get("EGG_DEFAULTS") or defaults.DEFAULTS))
    return {"EGG_SERVER_ENV": "prod", **os.environ, **settings}


def _become(name: str) -> None:
    try:
        user = pwd.getpwnam(name)
    except KeyError:
        return
    os.initgroups(name, user.pw_gid)
    os.setgid(user.pw_gid)
    os.setuid(user.pw_uid)
    os.environ["HOME"] = user.pw_dir


def _load(directory: Path | None, env: str, environ: dict[str, str]) -> str:
    # Not before the user is changed, nor for `--help`: this imports the app's side of eggd.
    from eggd.process.bootstrap import WELCOME
    from eggd.process.checking import check
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
    found = check(base_dir, env, environ)
    return (
        f"{found.name} ({found.env}) loads: {found.routes} routes, {found.services} services, "
        f"middleware {', '.join(found.middleware) or 'none'}, "
        f"plugins {', '.join(found.plugins) or 'none'}"
    )
