"""`eggd deploy`: makes a release of an app and puts it in service without a failed request."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

import click

from eggd.cli import parameters
from eggd.cli.confinement import child_user
from eggd.cli.options import ReleaseOptions, release_options
from eggd.cli.output import print_json, print_line, warn
from eggd.cli.progress import waiting
from eggd.cli.rollout import Rollout, require_root, say
from eggd.host.release import build, record
from eggd.host.release.places import Places
from eggd.host.release.record import Release
from eggd.suite.names import SuiteNames

T = TypeVar("T")

EXAMPLES = """\b
Examples:
  eggd deploy .                            the app in this directory
  eggd deploy shop-1.2.tar.gz --check /health
  eggd deploy shop.zip --wheelhouse wheels --healthy 60s
\b
Options may also be set in pyproject.toml: [tool.eggd.deploy] check = "/health"
"""


@click.command(epilog=EXAMPLES)
@click.argument("source", metavar="SOURCE", type=click.Path(path_type=Path))
@parameters.check_path
@parameters.healthy
@click.option("--keep", metavar="N", type=parameters.Count(), help="Releases to keep (default: 5).")
@click.option(
    "--wheelhouse",
    metavar="DIR",
    type=click.Path(path_type=Path),
    help="Install requirements from the packages in DIR, without a network.",
)
@parameters.as_json
@parameters.releases_root
def command(
    source: Path,
    check_path: str | None,
    healthy: float | None,
    keep: int | None,
    wheelhouse: Path | None,
    as_json: bool,
    root: Path,
) -> None:
    """Makes a release of the app in SOURCE and puts it in service; no request fails.

    SOURCE is a directory, or an archive: tar, tar.gz, tar.xz, tar.bz2, tar.zst or zip.

    The release gets the next directory in /srv/eggd, with its requirements in a virtual
    environment, and must pass 'eggd check'. It first starts in the spare, which serves no client,
    and must answer the check. Then it replaces the running release, worker by worker. If it does
    not stay healthy, the release before it serves again, and the command fails.
    """
    names = SuiteNames.chosen(os.environ)
    require_root(names)
    os.umask(0o022)
    flags = ReleaseOptions(check=check_path, healthy=healthy, keep=keep)
    places, user = Places.of(names, root), child_user()
    places.create(user.pw_gid)
    with places.locked():
        rollout = Rollout(names=names, places=places)
        rollout.recover()
        before = rollout.switch.current
        record.clean(places, rollout.switch.kept)
        release, options = _build(places, source, wheelhouse, flags)
        _serve(replace(rollout, check=options.as_check, healthy=options.seconds), release)
        kept = rollout.switch.kept | {Path(each).name for each in rollout.in_use()}
        removed = record.prune(places, options.count, kept)
    _report(release, before, removed, as_json)


def _build(
    places: Places, source: Path, wheelhouse: Path | None, flags: ReleaseOptions
) -> tuple[Release, ReleaseOptions]:
    """Returns a complete release, and its options; leaves nothing behind if that fails."""
    now = time.time()
    name, user = record.new_name(places, now), child_user()
    target = places.release(name)
    with build.removed_on_failure(target):
        files = _step(f"copying {source}", lambda: build.copy(source, target))
        say(f"{name}: {files} files of {source}")
        options = release_options(target, flags)
        _install(target, wheelhouse)
        _step("compiling", lambda: build.compile_bytecode(target))
        for warning in _step("checking the app", lambda: build.check(target)):
            warn(warning)
        app, version = build.names_of(target)
        say(f"checked: {app} loads as user {user.pw_name}")
        of = record.source_of(source)
        release = Release(name=name, created=now, app=app, version=version, source=of)
        record.write(places, release)
    return release, options


def _install(target: Path, wheelhouse: Path | None) -> None:
    progress = ["installing requirements"]
    user = child_user()
    if waiting(
        lambda: build.install_requirements(target, user, wheelhouse, progress.append),
        lambda: progress[-1],
    ):
        say("requirements installed in .venv")


def _serve(rollout: Rollout, release: Release) -> None:
    try:
        rollout.run(release.name)
    except BaseException:
        if str(rollout.places.release(release.name).resolve()) not in rollout.in_use():
            if release.name not in rollout.switch.kept:
                record.drop(rollout.places, release.name)
        raise


def _step(text: str, work: Callable[[], T]) -> T:
    return waiting(work, lambda: text)


def _report(release: Release, before: str | None, removed: list[str], as_json: bool) -> None:
    if as_json:
        about = {"release": release.name, "app": release.app, "version": release.version}
        print_json({**about, "previous": before, "removed": removed})
        return
    title = f"{release.app} {release.version}".strip()
    after = f", before it {before}" if before else ""
    print_line(f"deployed: {release.name} ({title}){after}")
