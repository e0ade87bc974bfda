"""Which app a command is about, and as whom it loads it.

    DIR > the app that one stands in > EGG_BASE_DIR (/etc/default/eggd, environment) > welcome

As root this process loads nothing of the app: `confinement` does, in a child. Nothing of the app's
side of eggd is imported for `--help`.
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
from eggd.process import defaults
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
    """What sets EGG_SERVER_ENV: a file, the environment of the command, or the units."""

    def chosen_by(self, origin: str) -> str:
        """Return what chose the environment, given the origin that the app knows."""
        return self.origin if origin == "EGG_SERVER_ENV" else origin

    def note_env(self, env: str, origin: str) -> None:
        """Say on standard error which environment is shown, and why, unless --env chose it."""
        if origin != ASKED:
            _note(env_line(env, self.chosen_by(origin)))


def env_line(env: str, origin: str) -> str:
    """Return which environment is shown and what chose it, and how to choose another."""
    return f"env {env}, from {origin} (--env shows another; eggd dev runs local)"


def enter(directory: Path | None, *, more: Sequence[str] = (), bounds: Bounds = QUESTION) -> Target:
    """Run on the app's interpreter, and never as root; return the app to load.

    Root's process does not return from here: it exits as the child does that runs its command line,
    with `more` words, as the units' user and within `bounds`. Raises BootError for a folder that is
    not there or a wrong line in the defaults, and where that user does not exist.
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
    """Run on the interpreter of the project that one stands in; return its folder.

    Root's process does not return from here, as in `enter`; any other user's stays its own.
    Raises ConfigError where there is no pyproject.toml.
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
    """As root, and not yet in the child, exit as the child does."""
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
    from eggd.process.venv import enter_venv
    from eggd.systemd import Notifier

    enter_venv(base_dir, ["eggd", *sys.argv[1:]], Notifier({}))
    if str(base_dir) not in sys.path:
        sys.path.append(str(base_dir))
