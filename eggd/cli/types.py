"""`eggd types`: writes stubs of the app's own members, for editors, mypy and pyright."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import click

from eggd.cli import parameters
from eggd.cli.current_app import enter
from eggd.cli.loading import loading
from eggd.cli.output import print_line

EXAMPLES = """\b
Examples:
  eggd types                    write typings/eggd of the app in this folder
  eggd types --check            exit with 1 if one of its files is not current, for CI
"""

ENVS = ("local", "unittest", "prod")
"""The environments of every app; those of its config files are added."""


@click.command(epilog=EXAMPLES)
@parameters.directory
@click.option("--check", is_flag=True, help="Write nothing; print the files that are not current.")
def command(directory: Path | None, check: bool) -> int:
    """Writes stubs that tell type checkers which members the app adds to eggd's classes.

    They name services, controllers, extends, config keys, middleware and what plugins add. The app
    is loaded in env local, as `eggd check` does.
    """
    current = enter(directory)

    from eggd.cli.stubs.folder import stale, write

    files = _files(current.base_dir, current.environ)
    if not check:
        write(current.base_dir, files)
        return 0
    names = stale(current.base_dir, files)
    for name in names:
        print_line(f"{name} is not current: run 'eggd types'")
    return 1 if names else 0


def _files(base_dir: Path, environ: Mapping[str, str]) -> dict[str, str]:
    from eggd.cli.stubs.application import files_of
    from eggd.probe.check import configs_of, load_app, temporary_host

    with loading(base_dir), temporary_host(base_dir, "local", environ) as host:
        app, agent = load_app(host)
        return files_of(app, agent, [app.config, *configs_of(host, _envs(base_dir))])


def _envs(base_dir: Path) -> list[str]:
    files = (base_dir / "config").glob("config_*.py")
    environments = {file.stem.removeprefix("config_") for file in files} - {"default"}
    return sorted({*ENVS, *environments} - {"local"})
