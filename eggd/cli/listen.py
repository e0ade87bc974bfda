"""`eggd listen`: the address of egg.socket, in a drop-in (systemd.socket(5))."""

from __future__ import annotations

import errno
import os
import socket
from collections.abc import Sequence
from pathlib import Path

import click

from eggd.cli import parameters
from eggd.cli.output import warn
from eggd.host.relisten import Relisten
from eggd.host.systemctl import Systemctl
from eggd.socketfile import Access, check_place
from eggd.suite import address
from eggd.suite.names import SuiteNames

UNITS = "/etc/systemd/system"

EXAMPLES = """\b
Examples:
  eggd listen 8080             port 8080 on all addresses
  eggd listen 127.0.0.1:7001   this host only
  eggd listen '[::1]:7001'
  eggd listen unix:/run/eggd/http.sock --owner eggd:www-data
"""


@click.command(epilog=EXAMPLES)
@click.argument("where", metavar="ADDRESS")
@parameters.unit_owner
@parameters.mode
@click.option("--units", default=UNITS, hidden=True, type=click.Path(path_type=Path))
def command(where: str, owner: str | None, mode: str | None, units: Path) -> None:
    """Sets the address of the HTTP listener, which all workers share.

    ADDRESS is [ADDRESS:]PORT or unix:PATH. A running suite keeps its address until 'eggd restart'.
    """
    names = SuiteNames.chosen(os.environ)
    relisten = Relisten(Systemctl(os.environ), names, units / f"{names.listener}.d")
    stream, access = _parse(where, owner, mode, relisten)
    text = f"{stream} ({access})" if access else stream
    if not relisten.choose(stream, access):
        click.echo(f"{names.listener} will listen on {text} after '{names.command('restart')}'")
    elif relisten.systemctl.state(names.listener).ready:
        click.echo(f"{names.listener} already listens on {text}; no change is pending")
    else:
        click.echo(f"{names.listener} will listen on {text} after '{names.command('start')}'")
    if not address.is_path(stream):
        _warn_of_obstacle(stream, relisten.systemctl.listens(names.listener))


def _warn_of_obstacle(stream: str, own: Sequence[str]) -> None:
    """Warns if systemd could not open the address now, unless egg.socket has its port open."""
    host, _, port = stream.rpartition(":")
    if port in {each.rpartition(":")[2] for each in own}:
        return
    try:
        with socket.socket(socket.AF_INET if "." in host else socket.AF_INET6) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host.strip("[]"), int(port)))
            probe.listen()
    except OSError as exc:
        if exc.errno in (errno.EADDRINUSE, errno.EADDRNOTAVAIL):
            warn(f"{stream}: {exc.strerror}: the suite cannot start on this address now")


def _parse(
    where: str, owner: str | None, mode: str | None, relisten: Relisten
) -> tuple[str, Access | None]:
    """Returns the address in the form of ListenStream=, and the access of a Unix socket."""
    try:
        stream = address.parse(where)
        if not address.is_path(stream):
            parameters.refuse_access(owner, mode)
            return stream, None
        if not relisten.is_open_on(stream):
            stream = check_place(stream)
    except ValueError as exc:
        raise click.UsageError(f"{where}: {exc}") from exc
    user = relisten.names.user
    return stream, parameters.access(owner, mode, Access(user, user))
