"""`eggd listen`: the address of egg.socket, in a drop-in (systemd.socket(5))."""

from __future__ import annotations

import ipaddress
import os
from pathlib import Path

import click

from eggd.host.relisten import Relisten
from eggd.host.systemctl import Systemctl
from eggd.suite.slots import LISTENER

UNITS = "/etc/systemd/system"

EXAMPLES = """\b
Examples:
  eggd listen 8080             port 8080 on all addresses
  eggd listen 127.0.0.1:7001   this host only
  eggd listen '[::1]:7001'
"""


def address(text: str, least: int = 1) -> str:
    """Returns `[ADDRESS:]PORT` in the form of ListenStream=; raises ValueError for other text.

    `least` is the lowest port: 0 if that means any free one.
    """
    host, colon, port = text.rpartition(":")
    if not (port.isascii() and port.isdecimal() and least <= int(port) <= 65535):
        raise ValueError(f"{port!r} is not a port from {least} to 65535")
    if not colon:
        return str(int(port))
    if host.startswith("[") and host.endswith("]"):
        return f"[{ipaddress.IPv6Address(host[1:-1])}]:{int(port)}"
    return f"{ipaddress.IPv4Address(host)}:{int(port)}"


@click.command(epilog=EXAMPLES)
@click.argument("where", metavar="[ADDRESS:]PORT")
@click.option("--units", default=UNITS, hidden=True, type=click.Path(path_type=Path))
def command(where: str, units: Path) -> None:
    """Sets the address of the HTTP listener, which all workers share.

    A running suite keeps its address until 'eggd restart'.
    """
    try:
        stream = address(where)
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
