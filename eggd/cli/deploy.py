"""`eggd deploy`: makes a release of an app and puts it in service without a failed request."""

from __future__ import annotations

import os
import re
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

import click

from eggd.cli import parameters
from eggd.cli.confinement import child_user
from eggd.cli.options import ReleaseOptions, release_options
from eggd.cli.output import print_json, print_line, warn
from eggd.cli.progress import waiting
from eggd.cli.rollout import Rollout, require_root, say
from eggd.errors import ReleaseError
from eggd.host.release import build, record
from eggd.host.release.inbound import received
from eggd.host.release.places import Places
from eggd.host.release.record import Release
from eggd.suite.names import SuiteNames

T = TypeVar("T")

INPUT = Path("-")
"""The source that means standard input."""
LONGEST_DRAIN = 600.0
"""Seconds: a longer drain is rather a mistake than a load balancer."""

EXAMPLES = """\b
Examples:
  eggd deploy .                            the app in this directory
  eggd deploy shop-1.2.tar.gz --check /health
  eggd deploy shop.zip --wheelhouse wheels --healthy 60s
  eggd deploy . --hosts shop-1,shop-2,root@10.0.0.7:2222
  eggd deploy shop.tar.gz --hosts hosts.txt --drain 8s --json
\b
Options may also be set in pyproject.toml: [tool.eggd.deploy] check = "/health"
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """The deploy that the command line asks for."""

    source: Path
    """A directory or an archive; INPUT for standard input."""
    flags: ReleaseOptions
    wheelhouse: Path | None
    drain: float
    """Seconds for which `/ready` answers 503 before the switch."""
    sha256: str | None
    """The SHA-256 that standard input must have."""
    origin: str | None
    """The source on the machine that sends the archive."""

    @property
    def words(self) -> list[str]:
        """The options of this order for `eggd deploy` on another host."""
        values = {
            "--check": self.flags.check,
            "--healthy": self.flags.healthy,
            "--keep": self.flags.keep,
            "--wheelhouse": self.wheelhouse,
            "--drain": self.drain or None,
        }
        return [f"{key}={value}" for key, value in values.items() if value is not None]


def _sha256(context: click.Context, parameter: click.Parameter, value: str | None) -> str | None:
    if value is not None and not re.fullmatch(r"[0-9a-f]{64}", value):
        raise click.UsageError(f"--sha256: {value!r} is not 64 hexadecimal digits")
    return value


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
@click.option(
    "--drain",
    metavar="TIME",
    type=parameters.Duration(),
    default=0.0,
    help="Let /ready answer 503 for this time before the switch, for load balancers.",
)
@click.option(
    "--hosts",
    metavar="A,B,C|FILE",
    help="Deploy to these hosts by ssh, one after the other, instead of to this one.",
)
@parameters.as_json
@parameters.releases_root
@click.option("--sha256", hidden=True, callback=_sha256)
@click.option("--origin", hidden=True)
def command(
    source: Path,
    check_path: str | None,
    healthy: float | None,
    keep: int | None,
    wheelhouse: Path | None,
    drain: float,
    hosts: str | None,
    as_json: bool,
    root: Path,
    sha256: str | None,
    origin: str | None,
) -> None:
    """Makes a release of the app in SOURCE and puts it in service; no request fails.

    SOURCE is a directory, or an archive: tar, tar.gz, tar.xz, tar.bz2, tar.zst or zip; `-` reads
    an archive from standard input.

    The release gets the next directory in /srv/eggd, with its requirements in a virtual
    environment, and must pass 'eggd check'. It first starts in the spare, which serves no client,
    and must answer the check. Then it replaces the running release, worker by worker. If it does
    not stay healthy, the release before it serves again, and the command fails.

    With --hosts each host does so in its turn, and the first that fails stops the roll. Before
    anything changes all hosts are asked: if one cannot be reached, the exit code is 3. Each is
    [USER@]HOST[:PORT] as ssh knows it; a file has one per line. A user other than root needs sudo
    without a password.
    """
    flags = ReleaseOptions(check=check_path, healthy=healthy, keep=keep)
    order = Order(
        source=source,
        flags=flags,
        wheelhouse=wheelhouse,
        drain=drain,
        sha256=sha256,
        origin=origin,
    )
    _check_order(order, hosts)
    if hosts is not None:
        from eggd.cli.fleet.deployment import deploy_to_hosts

        deploy_to_hosts(order.source, hosts, flags, order.words, as_json=as_json)
        return
    _deploy(order, root, as_json=as_json)


def _check_order(order: Order, hosts: str | None) -> None:
    """Raises UsageError for options that do not go together."""
    if order.drain > LONGEST_DRAIN:
        raise click.UsageError(f"--drain: {order.drain:g} s, must be at most {LONGEST_DRAIN:g} s")
    if order.source == INPUT and (hosts is not None or sys.stdin.isatty()):
        raise click.UsageError("the source - is an archive on standard input, for this host only")
    if hosts is not None and order.wheelhouse and not order.wheelhouse.is_absolute():
        raise click.UsageError(
            f"--wheelhouse: {str(order.wheelhouse)!r} must be an absolute path: with --hosts it is"
            " a directory of each host"
        )


def _deploy(order: Order, root: Path, *, as_json: bool) -> None:
    names = SuiteNames.chosen(os.environ)
    require_root(names)
    _check_wheelhouse(order.wheelhouse)
    os.umask(0o022)
    places, user = Places.of(names, root), child_user()
    places.create(user.pw_gid)
    with places.locked():
        rollout = Rollout(names=names, places=places, drain=order.drain)
        rollout.recover()
        before = rollout.switch.current
        record.clean(places, rollout.switch.kept)
        with _source(places, order) as source:
            release, options = _build(places, source, order)
        # A host that comes back from a drain is watched for as long as it may take to come back.
        healthy = max(options.seconds, order.drain)
        _serve(replace(rollout, check=options.as_check, healthy=healthy), release)
        kept = rollout.switch.kept | {Path(each).name for each in rollout.in_use()}
        removed = record.prune(places, options.count, kept)
    _report(release, before, removed, as_json)


def _check_wheelhouse(folder: Path | None) -> None:
    """Raises ReleaseError for a folder that cannot be listed, before anything is copied."""
    try:
        if folder is not None:
            os.listdir(folder)
    except OSError as exc:
        raise ReleaseError(
            f"--wheelhouse: {folder}: {exc.strerror}", hint="name a directory of wheels"
        ) from exc


@contextmanager
def _source(places: Places, order: Order) -> Iterator[Path]:
    """Gives the directory or archive, which a sender may write to standard input."""
    if order.source != INPUT:
        yield order.source
        return
    with received(places, sys.stdin.fileno(), order.sha256) as path:
        yield path


def _build(places: Places, source: Path, order: Order) -> tuple[Release, ReleaseOptions]:
    """Returns a complete release, and its options; leaves nothing behind if that fails."""
    now = time.time()
    name, user = record.new_name(places, now), child_user()
    target = places.release(name)
    with build.removed_on_failure(target):
        files = _step(f"copying {source}", lambda: build.copy(source, target))
        say(f"{name}: {files} files of {order.origin or order.source}")
        options = release_options(target, order.flags)
        _install(target, order.wheelhouse)
        _step("compiling", lambda: build.compile_bytecode(target))
        for warning in _step("checking the app", lambda: build.check(target)):
            warn(warning)
        app, version = build.names_of(target)
        say(f"checked: {app} loads as user {user.pw_name}")
        of = order.origin or record.source_of(order.source)
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
