"""`eggd listen`: the address of egg.socket, in a drop-in (systemd.socket(5))."""

from __future__ import annotations

import os
from pathlib import Path

import click

from eggd.host.relisten import Relisten
from eggd.host.systemctl import Systemctl
from eggd.suite import address
from eggd.suite.slots import LISTENER

UNITS = "/etc/systemd/system"

EXAMPLES = """\b
Examples:
  eggd listen 8080             port 8080 on all addresses
  eggd listen 127.0.0.1:7001   this host only
  eggd listen '[::1]:7001'
"""


@click.command(epilog=EXAMPLES)
@click.argument("where", metavar="[ADDRESS:]PORT")
@click.option("--units", default=UNITS, hidden=True, type=click.Path(path_type=Path))
def command(where: str, units: Path) -> None:
    """Sets the address of the HTTP listener, which all workers share.

    A running suite keeps its address until 'eggd restart'.
    """
    try:
        stream = address.parse(where)
    except ValueError as exc:
        raise click.UsageError(f"{where}: {exc}") from exc
    systemctl = Systemctl(os.environ)
    relisten = Relisten(systemctl, units / f"{LISTENER}.d")
    if not relisten.choose(stream):
        click.echo(f"{LISTENER} will listen on {stream} after 'eggd restart'")
    elif systemctl.state(LISTENER).ready:
        click.echo(f"{LISTENER} already listens on {stream}; no change is pending")
    else:
        click.echo(f"{LISTENER} will listen on {stream} after 'eggd start'")
