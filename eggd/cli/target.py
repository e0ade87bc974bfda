"""Finds the app of a command, and the user as which it is loaded.

    DIR > the app of the current directory > EGG_BASE_DIR (/etc/default/eggd, environment) > welcome

As root this process loads no code of the app: `confinement` does, in a child. `--help` imports
nothing of eggd that serves an app.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import click

from eggd.cli.confinement import confined, hand_over
from eggd.cli.found import standing_in
from eggd.cli.relay import COMPLETION, QUESTION, WORK, Bounds
from eggd.errors import BootError, ConfigError
from eggd.host import defaults
from eggd.wire.terminal import visible_line

ASKED = "--env"
"""The origin of an environment that the command line names."""


@dataclass(frozen=True, slots=True)
class Target:
    """The app that a command loads."""

    base_dir: Path
    """Its folder, absolute."""
    environ: Mapping[str, str]
    """What the units would give a worker: prod, then /etc/default/eggd over everything."""
    origin: str
    """The source of EGG_SERVER_ENV: a file, the environment of the command, or the units."""

    def chosen_by(self, origin: str) -> str:
        """Returns the source that chose the environment, given the origin in the app's info."""
        return self.origin if origin == "EGG_SERVER_ENV" else origin

    def note_env(self, env: str, origin: str) -> None:
        """Prints on standard error the environment and its source, unless --env chose it."""
        if origin != ASKED:
            _note(env_line(env, self.chosen_by(origin)))


def env_line(env: str, origin: str) -> str:
    """Returns a line with the environment, its source, and how to choose another."""
    return f"env {env}, from {origin} (--env shows another; eggd dev runs local)"


def enter(directory: Path | None, *, more: Sequence[str] = (), bounds: Bounds = QUESTION) -> Target:
    """Continues on the app's interpreter, never as root; returns the app to load.

    As root this does not return: a child runs the command line, with `more` arguments, as the
    units' user and within `bounds`, and the process exits with its code. Raises BootError for a
    missing folder, a wrong line in the defaults, or a missing user.
    """
    settings = defaults.check(Path(os.environ.get("EGG_DEFAULTS") or defaults.DEFAULTS))
    environ = {"EGG_SERVER_ENV": "prod", **os.environ, **settings}
    base_dir = confined()
    if base_dir is None:
        base_dir = (directory or _chosen(environ.get("EGG_BASE_DIR", ""))).absolute()
        _confine(base_dir, settings, more, bounds)
    if not base_dir.is_dir():
        raise BootError(f"app directory {str(base_dir)!r} does not exist or cannot be read")
    _run_on(base_dir)
    return Target(base_dir, environ, _origin(settings))


def _origin(settings: Mapping[str, str]) -> str:
    if "EGG_SERVER_ENV" in settings:
        return str(os.environ.get("EGG_DEFAULTS") or defaults.DEFAULTS)
    return "EGG_SERVER_ENV" if os.environ.get("EGG_SERVER_ENV") else "the units' default"


def develop() -> Path:
    """Continues on the interpreter of the current directory's project; returns its folder.

    As root this does not return, as in `enter`. Raises ConfigError without a pyproject.toml.
    """
    base_dir = Path.cwd()
    if not (base_dir / "pyproject.toml").is_file():
        raise ConfigError(
            f"{base_dir}: no app here: pyproject.toml is missing",
            hint="cd to the app, or eggd --base DIR ...; eggd init DIR makes one",
        )
    _confine(base_dir, {}, (), WORK)
    _run_on(base_dir)
    return base_dir


def _confine(
    base_dir: Path, settings: Mapping[str, str], more: Sequence[str], bounds: Bounds
) -> None:
    """As root, outside the child: runs the child and exits with its code."""
    if os.geteuid() == 0 and confined() is None:
        bounds = COMPLETION if "_EGGD_COMPLETE" in os.environ else bounds
        sys.exit(hand_over(base_dir, settings, more, bounds))


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
    from eggd.host.venv import enter_venv
    from eggd.systemd import Notifier

    enter_venv(base_dir, ["eggd", *sys.argv[1:]], Notifier({}))
    if str(base_dir) not in sys.path:
        sys.path.append(str(base_dir))
