"""`eggd doctor`: checks this host for problems."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path

import click

from eggd.cli import parameters
from eggd.cli.diagnosis import dropins, kernel, listener, machine, packages, serving, suite, units
from eggd.cli.diagnosis.finding import FAIL, OK, UNSEEN, WARN, Finding, InspectedHost
from eggd.cli.discovery import app_here
from eggd.cli.output import align, print_json
from eggd.errors import EggError
from eggd.host import defaults
from eggd.suite.names import VARIABLE, SuiteNames
from eggd.wire.terminal import visible_line

COLOURS = {OK: "green", WARN: "yellow", FAIL: "red", UNSEEN: "cyan"}

CHECKS: tuple[Callable[[InspectedHost], Iterator[Finding]], ...] = (
    packages.python,
    packages.systemd,
    packages.libraries,
    packages.versions,
    kernel.files,
    kernel.sysctls,
    machine.disks,
    machine.clock,
    units.unit_files,
    dropins.ignored,
    units.loaded,
    dropins.open_files,
    units.enabled,
    serving.user,
    serving.settings,
    serving.app,
    serving.interpreter,
    serving.directories,
    serving.log_directory,
    listener.port,
    suite.running,
)

EXAMPLES = """\b
Examples:
  eggd doctor                    this host and its app
  eggd doctor /srv/shop --json
\b
Exit codes: 0 without a `fail`, 1 with one.
"""


@click.command(epilog=EXAMPLES)
@parameters.directory
@parameters.as_json
def command(directory: Path | None, as_json: bool) -> int:
    """Checks versions, limits, sysctls, units, settings, app, logs, disk, clock, port and suite.

    Each line starts with `ok`, `warn`, `fail`, or `unseen` (only root can check it), and ends with
    the value and a hint. The command changes nothing and runs no code of the app.
    """
    host = _inspect(directory)
    findings = [each for check in CHECKS for each in check(host)]
    if as_json:
        print_json([asdict(each) for each in findings])
    else:
        _show(findings)
    return 1 if any(each.state == FAIL for each in findings) else 0


def _inspect(directory: Path | None) -> InspectedHost:
    file = defaults.location(os.environ)
    try:
        settings = defaults.check(file)
    except EggError:
        settings = {}  # `serving.settings` reports it
    environ = {"EGG_SERVER_ENV": "prod", **os.environ, **settings}
    configured = environ.get("EGG_BASE_DIR")
    here = None if os.environ.get(VARIABLE) else app_here()
    base_dir = directory or here or (Path(configured) if configured else None)
    return InspectedHost(
        base_dir=base_dir.absolute() if base_dir else None,
        environ=environ,
        defaults=file,
        names=SuiteNames.chosen(os.environ),
    )


def _show(findings: list[Finding]) -> None:
    rows = [[each.state, each.what, each.value] for each in findings]
    for each, line in zip(findings, align(rows).split("\n"), strict=True):
        state = click.style(each.state, fg=COLOURS[each.state])
        click.echo(f"{state}{line[len(each.state) :]}{_hint(each)}")
    count = Counter(each.state for each in findings)
    warnings = "warning" if count[WARN] == 1 else "warnings"
    words = {FAIL: "failed", WARN: warnings, UNSEEN: "not checked", OK: "ok"}
    click.echo(", ".join(f"{count[state]} {text}" for state, text in words.items() if count[state]))


def _hint(finding: Finding) -> str:
    return f"  ({visible_line(finding.hint)})" if finding.hint else ""
