"""`eggd doctor`: what on this host is wrong for eggd."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path

import click

from eggd.cli.columns import aligned
from eggd.cli.diagnosis import kernel, listener, machine, packages, serving, suite, units
from eggd.cli.diagnosis.finding import FAIL, OK, UNSEEN, WARN, Finding, Place
from eggd.cli.found import standing_in
from eggd.errors import EggError
from eggd.host import defaults
from eggd.wire.terminal import visible_json, visible_line

COLOURS = {OK: "green", WARN: "yellow", FAIL: "red", UNSEEN: "cyan"}

CHECKS: tuple[Callable[[Place], Iterator[Finding]], ...] = (
    packages.python,
    packages.systemd,
    packages.libraries,
    packages.versions,
    kernel.files,
    kernel.sysctls,
    machine.disks,
    machine.clock,
    units.unit_files,
    units.loaded,
    units.enabled,
    serving.user,
    serving.settings,
    serving.app,
    serving.interpreter,
    serving.log_directory,
    listener.port,
    suite.running,
)

EXAMPLES = """\b
Examples:
  eggd doctor                    this host, and the app that it serves
  eggd doctor /srv/shop --json
\b
Exit codes: 0 nothing is wrong that stops eggd, 1 something is.
"""


@click.command(epilog=EXAMPLES)
@click.argument("directory", metavar="[DIR]", required=False, type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print one JSON array.")
def command(directory: Path | None, as_json: bool) -> int:
    """Checks versions, limits, sysctls, units, settings, app, logs, disk, clock, port and suite.

    Each line is `ok`, `warn`, `fail`, or `unseen` where only root could tell, with the value and
    what cures it. Nothing is changed and none of the app's code is run.
    """
    place = _place(directory)
    found = [each for check in CHECKS for each in check(place)]
    if as_json:
        click.echo(visible_json([asdict(each) for each in found]))
    else:
        _show(found)
    return 1 if any(each.state == FAIL for each in found) else 0


def _place(directory: Path | None) -> Place:
    file = Path(os.environ.get("EGG_DEFAULTS") or defaults.DEFAULTS)
    try:
        settings = defaults.check(file)
    except EggError:
        settings = {}  # which is a finding of its own
    environ = {"EGG_SERVER_ENV": "prod", **os.environ, **settings}
    named = environ.get("EGG_BASE_DIR")
    base_dir = directory or standing_in() or (Path(named) if named else None)
    return Place(base_dir=base_dir.absolute() if base_dir else None, environ=environ, defaults=file)


def _show(found: list[Finding]) -> None:
    rows = [[each.state, each.what, each.value] for each in found]
    for each, line in zip(found, aligned(rows).split("\n"), strict=True):
        state = click.style(each.state, fg=COLOURS[each.state])
        click.echo(f"{state}{line[len(each.state) :]}{_cure(each)}")
    count = Counter(each.state for each in found)
    words = {FAIL: "failed", WARN: "to be looked at", UNSEEN: "not seen", OK: "fine"}
    click.echo(", ".join(f"{count[state]} {text}" for state, text in words.items() if count[state]))


def _cure(finding: Finding) -> str:
    return f"  ({visible_line(finding.cure)})" if finding.cure else ""
