"""Chooses the app of a command, and the user as which it is loaded.

    DIR > EGG_BASE_DIR of the application that --app selects
    > the app of the current directory > EGG_BASE_DIR (/etc/default/eggd, environment) > welcome

As root this process loads no code of the app: `confinement` does, in a child. `--help` imports
nothing of eggd that serves an app.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from eggd.cli.confinement import child_user, confining_folder, hand_over
from eggd.cli.discovery import app_here, has_sign, not_an_app
from eggd.cli.loading import loading
from eggd.cli.output import note, warn
from eggd.cli.relay import COMPLETION, QUESTION, WORK, Bounds
from eggd.errors import ConfigError, DirectoryError, VariableError
from eggd.host import defaults
from eggd.suite.names import VARIABLE, SuiteNames

if TYPE_CHECKING:
    from eggd.app.loading.host import Host

ENV_OPTION = "--env"
"""The origin of an environment that the command line names."""


@dataclass(frozen=True, slots=True)
class CurrentApp:
    """The app that a command loads."""

    base_dir: Path
    """Its directory, absolute."""
    environ: Mapping[str, str]
    """The variables of a worker: this process's own, overridden by /etc/default/eggd."""
    origin: str
    """The source of EGG_SERVER_ENV: a file, the environment of the command, or the units."""

    @contextmanager
    def host(self, env: str) -> Iterator[Host]:
        """Gives a host that can load the app, without touching the files of a running suite."""
        from eggd.probe.check import temporary_host

        with (
            loading(self.base_dir),
            temporary_host(
                self.base_dir, env, self.environ, placeholders=True, origin=self.origin
            ) as host,
        ):
            yield host


def note_env(env: str, origin: str) -> None:
    """Prints on standard error the environment and its source, unless --env chose it."""
    if origin != ENV_OPTION:
        note(env_line(env, origin))


def env_line(env: str, origin: str) -> str:
    """Returns a line with the environment, its source, and how to choose another."""
    return f"env {env}, from {origin} (choose another with --env; eggd dev uses local)"


def enter(
    directory: Path | None, *, more: Sequence[str] = (), bounds: Bounds = QUESTION
) -> CurrentApp:
    """Continues on the app's interpreter, never as root; returns the app to load.

    As root this does not return: a child runs the command line, with `more` arguments, as the
    units' user and within `bounds`, and the process exits with its code. Raises
    VariableError for a wrong line in the defaults, DirectoryError without the app's directory,
    ProgramError without the user.
    """
    settings = defaults.check(defaults.location(os.environ))
    environ = {"EGG_SERVER_ENV": "prod", **os.environ, **settings}
    base_dir = confining_folder()
    if base_dir is None:
        base_dir = (directory or _choose(environ.get("EGG_BASE_DIR", ""))).absolute()
        _confine(base_dir, settings, more, bounds, of_app=True)
    if base_dir.is_file():
        raise DirectoryError(f"app directory {str(base_dir)!r} is not a directory")
    if not base_dir.is_dir():
        raise DirectoryError(f"app directory {str(base_dir)!r} does not exist or cannot be read")
    _run_on(base_dir)
    return CurrentApp(base_dir, environ, _origin(settings))


def enter_project() -> Path:
    """Continues on the interpreter of the project in the current directory; returns its folder.

    As root this does not return, as in `enter`. Raises ConfigError without a pyproject.toml.
    """
    base_dir = Path.cwd()
    if not (base_dir / "pyproject.toml").is_file():
        raise ConfigError(
            f"{base_dir}: not a project: pyproject.toml is missing",
            hint="cd to the project, use eggd --base DIR, or create one with eggd init DIR",
        )
    _confine(base_dir, {}, (), WORK)
    _run_on(base_dir)
    return base_dir


def _origin(settings: Mapping[str, str]) -> str:
    if "EGG_SERVER_ENV" in settings:
        return str(defaults.location(os.environ))
    return "EGG_SERVER_ENV" if os.environ.get("EGG_SERVER_ENV") else "the units' default"


def _confine(
    base_dir: Path,
    settings: Mapping[str, str],
    more: Sequence[str],
    bounds: Bounds,
    *,
    of_app: bool = False,
) -> None:
    """As root, outside the child: runs the child and exits with its code.

    A command that loads an app gets the credentials of the units; tests do not.
    """
    if os.geteuid() != 0 or confining_folder() is not None:
        return
    if "_EGGD_COMPLETE" in os.environ:
        sys.exit(hand_over(base_dir, settings, more, COMPLETION))
    if not of_app:
        sys.exit(hand_over(base_dir, settings, more, bounds))

    from eggd.host.handed_credentials import handed_credentials

    with handed_credentials(child_user(), warn, SuiteNames.chosen(os.environ)) as given:
        code = hand_over(base_dir, {**settings, **given}, more, bounds)
    sys.exit(code)


def _choose(configured: str) -> Path:
    here = None if os.environ.get(VARIABLE) else app_here()
    if here is not None:
        if configured and here != Path(configured):
            note(f"using the app in {here}, not EGG_BASE_DIR={configured}")
        return here
    if configured:
        if Path(configured).is_relative_to("/home"):
            note(f"{configured} is hidden from units with ProtectHome=yes")
        return Path(configured)

    from eggd.process.bootstrap import WELCOME

    settings = defaults.location(os.environ)
    if settings.exists() and not os.access(settings, os.R_OK):
        user = SuiteNames.chosen(os.environ).user
        raise VariableError(
            f"{settings} cannot be read, so the app is not known",
            hint=f"run the command as root or as user {user}, or name the app's directory",
        )
    if Path("pyproject.toml").is_file():
        raise not_an_app(Path.cwd())
    if has_sign(Path()):
        raise ConfigError(
            f"{Path.cwd()}: this folder has files of an app, but no pyproject.toml",
            hint='an app needs one with its name: [project] name = "shop"',
        )
    note(f"{Path.cwd()} is not an app and EGG_BASE_DIR is not set: using the welcome app")
    return WELCOME


def _run_on(base_dir: Path) -> None:
    from eggd.host.venv import enter_venv
    from eggd.systemd import Notifier

    enter_venv(base_dir, ["eggd", *sys.argv[1:]], Notifier({}))
    if str(base_dir) not in sys.path:
        sys.path.append(str(base_dir))
