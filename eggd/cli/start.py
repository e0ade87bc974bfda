"""`eggd start`."""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from eggd.cli import parameters, suite
from eggd.cli.backend import by_systemd, given
from eggd.cli.options import Options, check_app, merge_options
from eggd.cli.progress import following, waiting
from eggd.suite.names import SuiteNames

if TYPE_CHECKING:
    from eggd.supervisor.merged_output import MergedOutput

EXAMPLES = """\b
Examples:
  eggd start                          the host's suite, by systemd
  eggd start . --workers 2            this directory, in the foreground (a container)
  eggd start /srv/shop --port 127.0.0.1:8000 --daemon
  eggd start . --explain              the unit file directives that are applied
\b
Options may also be set in pyproject.toml: [tool.eggd.start] workers = 4
"""

_DAEMON = "default with --daemon: logs/master-"


@click.command(epilog=EXAMPLES)
@parameters.directory
@click.option(
    "-p", "--port", metavar="ADDRESS", help="[ADDRESS:]PORT or unix:PATH (default: of the config)."
)
@parameters.owner
@parameters.mode
@click.option(
    "-c",
    "--workers",
    metavar="N",
    type=parameters.WorkerCount(),
    help="Number of workers (default: number of CPUs).",
)
@click.option("--env", metavar="ENV", help="Environment (default: $EGG_SERVER_ENV or prod).")
@click.option("--title", metavar="TITLE", help="Name of the suite (default: egg-server-NAME).")
@parameters.framework
@parameters.python
@click.option("--daemon", is_flag=True, default=None, help="Run in the background once ready.")
@click.option("--stdout", metavar="FILE", help=f"File for output ({_DAEMON}stdout.log).")
@click.option("--stderr", metavar="FILE", help=f"File for errors ({_DAEMON}stderr.log).")
@click.option("--timeout", type=parameters.Seconds(0.1), help="Seconds until ready (default: 300).")
@click.option("--explain", is_flag=True, help="Show the unit file directives that are applied.")
def command(directory: Path | None, *, explain: bool, **flags: object) -> int:
    """Starts the agent and every worker; waits until all are ready.

    Without DIR, if egg-master.service is installed, systemd runs the host's suite. Otherwise a
    supervisor runs the app in DIR (default: the current directory) in the foreground. If a process
    cannot start, nothing is left running, and the error names the process and the reason.
    """
    options = Options(**flags)  # type: ignore[arg-type]
    if explain:
        from eggd.cli.directive_lists import text

        click.echo(text())
        return 0
    if by_systemd(directory):
        _refuse(options)
        click.echo(suite.start(SuiteNames.chosen(os.environ)))
        return 0
    return _supervise(given(directory), options)


def _refuse(options: Options) -> None:
    """A flag for a supervisor means nothing to systemd, and must not pass in silence."""
    flags = [name for name in Options.__slots__ if getattr(options, name) is not None]
    if flags:
        master = SuiteNames.chosen(os.environ).master
        raise click.UsageError(f"--{flags[0]} needs DIR: without it systemd runs {master}")


def _supervise(base_dir: Path, flags: Options) -> int:
    from eggd.cli.launch import prepare_run
    from eggd.supervisor.daemonize import daemonize, outcome
    from eggd.supervisor.foreground import run

    name = check_app(base_dir)
    options = merge_options(flags, base_dir)
    this = waiting(lambda: prepare_run(options, base_dir, name), lambda: "loading the config")
    if not options.daemon:
        return run(replace(this, merged_output=_merged_output(options)))
    logs = this.settings.places.logs
    files = (
        Path(options.stdout or logs / "master-stdout.log"),
        Path(options.stderr or logs / "master-stderr.log"),
    )
    forked = daemonize(this, *files)
    if forked.reader is None:
        return forked.code or 0
    reader = forked.reader
    line = following(lambda say: outcome(reader, say), "starting")
    click.echo(f"{line}, in the background as {this.title}; output goes to {files[0]}")
    return 0


def _merged_output(options: Options) -> MergedOutput:
    from eggd.supervisor.merged_output import MergedOutput, open_log_file

    out = open_log_file(Path(options.stdout)) if options.stdout else 1
    err = open_log_file(Path(options.stderr)) if options.stderr else None
    named = {out: options.stdout, err: options.stderr}
    files = {fd: Path(os.path.abspath(name)) for fd, name in named.items() if fd and name}
    return MergedOutput(out, err, colour=out == 1 and sys.stdout.isatty(), files=files)
