"""`eggd rollback`: puts an earlier release in service."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import click

from eggd.cli import parameters
from eggd.cli.options import ReleaseOptions, release_options
from eggd.cli.output import print_json, print_line
from eggd.cli.rollout import Rollout, require_root
from eggd.errors import ReleaseError
from eggd.host.release import record
from eggd.host.release.places import Places
from eggd.suite.names import SuiteNames

EXAMPLES = """\b
Examples:
  eggd rollback                     the release that was in service before
  eggd rollback 20261129-131500     this release, of those that eggd releases lists
"""


@click.command(epilog=EXAMPLES)
@click.argument("release", metavar="[RELEASE]", required=False)
@parameters.check_path
@parameters.healthy
@parameters.as_json
@parameters.releases_root
def command(
    release: str | None, check_path: str | None, healthy: float | None, as_json: bool, root: Path
) -> None:
    """Puts RELEASE in service as 'eggd deploy' does (default: the previous release).

    A second rollback without RELEASE returns to the newer one. After an interrupted deploy it only
    restores the release that was in service before.
    """
    names = SuiteNames.chosen(os.environ)
    require_root(names)
    rollout = Rollout(names=names, places=Places.of(names, root))
    if not rollout.places.releases.is_dir():
        raise ReleaseError("the application has no release yet", hint="run 'eggd deploy DIR'")
    flags = ReleaseOptions(check=check_path, healthy=healthy)
    with rollout.places.locked():
        restored = rollout.recover()
        before = rollout.switch.current
        if restored is None or release not in (None, before):
            _switch(rollout, release, flags)
        _report(rollout.switch.current, before, as_json)


def _switch(rollout: Rollout, release: str | None, flags: ReleaseOptions) -> None:
    name = release or rollout.switch.previous
    if name is None:
        raise ReleaseError("the application has no previous release", hint="run 'eggd releases'")
    chosen = record.find(rollout.places, name)
    if chosen.name == rollout.switch.current:
        raise ReleaseError(f"{chosen.name} is in service", hint="run 'eggd releases'")
    options = release_options(rollout.places.release(chosen.name), flags)
    replace(rollout, check=options.as_check, healthy=options.seconds).run(chosen.name)


def _report(current: str | None, before: str | None, as_json: bool) -> None:
    if as_json:
        print_json({"release": current, "previous": before})
    else:
        print_line(f"rolled back to {current or 'the application before the first release'}")
